import { groupBy } from '../../../db/attribution/group-by.ts';
import { holdFromWindows } from '../../../domain/contract/currency-change.ts';
import { contractInForce } from '../../../domain/contract/in-force.ts';
import type { ContractHistory, ContractVersion } from '../../../domain/contract/in-force.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import type { PolicySpan } from '../../../domain/attribution/in-force.ts';
import type { Touchpoint } from '../../../domain/attribution/touchpoint.ts';
import { epochMicros } from '../../../domain/time/instant.ts';
import type { World } from '../world.ts';

export interface KnownConversion {
  id: string;
  externalId: string;
  identityId: string | null;
  type: string;
  occurredAt: string;
  valueMinor: number;
  currency: string;
  newCustomer: boolean | null;
  parentExternalId: string | null;
  generation: number | null;
  storedRemaining: number | null;
  isLocked: boolean;
}

export interface KnownCredit {
  conversionId: string;
  kind: 'partner' | 'channel' | 'program';
  id: string;
  channel: string;
  shareE12: number;
  minor: number;
}

interface KnownWindow {
  id: string;
  partnerId: string;
  contractId: string;
  fromAt: string;
  toAt: string;
  currency: string;
}

type KnownTouchpoint = Omit<Touchpoint, 'partnerType' | 'market'> & { identityId: string | null };
type Span = PolicySpan & { policy: Policy };

/** All facts of a small world by plain statements, and what holds by them; nothing here is shared with the code that credits. */
export class Known {
  readonly conversions: readonly KnownConversion[];
  readonly byExternalId: ReadonlyMap<string, KnownConversion>;
  readonly credits: ReadonlyMap<string, readonly KnownCredit[]>;
  readonly touchpoints: readonly KnownTouchpoint[];
  readonly spans: readonly Span[];
  readonly windows: readonly KnownWindow[];
  readonly rates: ReadonlyMap<string, string>;
  readonly #refunds: readonly { of: string; minor: number | null; currency: string | null }[];
  readonly #union: ReadonlyMap<string, string>;
  readonly #withdrawn: ReadonlySet<string>;
  readonly #contracts: ReadonlyMap<string, readonly ContractHistory[]>;
  readonly #profiles: readonly { partnerId: string; fromAt: string; type: string }[];

  private constructor(read: Awaited<ReturnType<typeof readAll>>) {
    this.conversions = read.conversions;
    this.byExternalId = new Map(read.conversions.map((one) => [one.externalId, one]));
    this.credits = groupBy(read.credits, ({ conversionId }) => conversionId);
    this.touchpoints = read.touchpoints;
    this.spans = read.spans.map((span) => ({ ...span, execution: span.executedAt ? epochMicros(span.executedAt) : 0 }));
    this.windows = read.windows;
    this.rates = new Map(read.rates.map(({ pair, day, rate }) => [`${pair} ${day}`, rate]));
    this.#refunds = read.refunds;
    this.#union = unionsOf(read.merges);
    this.#withdrawn = new Set(read.withdrawn.map(({ id }) => id));
    this.#contracts = contractsOf(read.facts, read.windows);
    this.#profiles = read.profiles;
  }

  static async read(world: World): Promise<Known> {
    return new Known(await readAll(world));
  }

  creditsOf(conversionId: string): readonly KnownCredit[] {
    return this.credits.get(conversionId) ?? [];
  }

  /** What the refunds leave, in the order in which they were received; one above what is left is refused. */
  remainingOf({ externalId, valueMinor, currency }: KnownConversion): number {
    return this.#refunds
      .filter((refund) => refund.of === externalId && (refund.currency ?? currency) === currency)
      .reduce((left, { minor }) => (minor !== null && minor > left ? left : left - (minor ?? left)), valueMinor);
  }

  /** The touchpoints of the same person, by the merges that stand. */
  journeyOf({ identityId }: KnownConversion): Touchpoint[] {
    if (identityId === null) return [];
    const person = rootOf(this.#union, identityId);
    return this.touchpoints
      .filter((one) => one.identityId !== null && !this.#withdrawn.has(one.identityId))
      .filter((one) => rootOf(this.#union, one.identityId!) === person)
      .map(({ identityId: _, ...one }) => ({ ...one, market: null, partnerType: this.#typeOf(one) }));
  }

  /** A later contract beats the tail of an ended one. */
  contractAt(partnerId: string, at: string): ContractVersion | null {
    const contracts = this.#contracts.get(partnerId) ?? [];
    const holding = contracts.filter((contract) => contractInForce(contract, at) !== null);
    const running = holding.find(({ endedAt }) => endedAt === null || epochMicros(at) < epochMicros(endedAt));
    const contract = running ?? holding.at(-1);
    return contract ? contractInForce(contract, at) : null;
  }

  #typeOf({ partnerId, occurredAt }: { partnerId: string | null; occurredAt: string }): string | null {
    if (partnerId === null) return null;
    const own = this.#profiles.filter((profile) => profile.partnerId === partnerId);
    return (own.findLast(({ fromAt }) => epochMicros(fromAt) <= epochMicros(occurredAt)) ?? own[0])?.type ?? null;
  }
}

function unionsOf(merges: readonly { one: string; other: string }[]): Map<string, string> {
  const union = new Map<string, string>();
  for (const { one, other } of merges) {
    const [root, otherRoot] = [rootOf(union, one), rootOf(union, other)];
    if (root !== otherRoot) union.set(root, otherRoot);
  }
  return union;
}

function rootOf(union: ReadonlyMap<string, string>, id: string): string {
  const above = union.get(id);
  return above === undefined ? id : rootOf(union, above);
}

type ContractFact = ContractVersion & { partnerId: string; kind: 'in-force' | 'ended' };

function contractsOf(
  facts: readonly ContractFact[],
  windows: readonly KnownWindow[],
): Map<string, readonly ContractHistory[]> {
  const contracts = [...groupBy(facts, ({ contractId }) => contractId)].map(([contractId, own]) => ({
    partnerId: own[0]!.partnerId,
    versions: holdFromWindows(
      own.filter(({ kind }) => kind === 'in-force'),
      windows.filter((window) => window.contractId === contractId),
    ),
    endedAt: own.find(({ kind }) => kind === 'ended')?.effectiveFrom ?? null,
  }));
  return groupBy(contracts, ({ partnerId }) => partnerId);
}

async function readAll(world: World) {
  return {
    conversions: await world.rows<KnownConversion>(
      `select c.id, c.external_id as "externalId", c.identity_id as "identityId", c.type, c.occurred_at as "occurredAt",
         c.value_minor as "valueMinor", c.currency, c.new_customer as "newCustomer", c.parent_external_id as "parentExternalId",
         s.generation, s.remaining_minor as "storedRemaining", coalesce(s.locks_at <= k.sealed_at, false) as "isLocked"
       from conversion c
       join program_clock k on k.program_id = c.program_id
       left join conversion_state s on s.program_id = c.program_id and s.conversion_id = c.id
       where c.program_id = $1`,
    ),
    credits: await world.rows<KnownCredit>(
      `select k.conversion_id as "conversionId", k.beneficiary_kind as kind, k.beneficiary_id as id, k.channel, k.share_e12 as "shareE12",
         k.value_minor as minor
       from credit k
       join conversion_state s on s.program_id = k.program_id and s.conversion_id = k.conversion_id and s.generation = k.generation
       where k.program_id = $1`,
    ),
    touchpoints: await world.rows<KnownTouchpoint>(
      `select t.id, t.identity_id as "identityId", t.occurred_at as "occurredAt", t.received_at as "receivedAt", t.kind, t.channel,
         t.partner_id as "partnerId",
         exists (select from touchpoint_void v where v.program_id = t.program_id and v.touchpoint_id = t.id) as "isVoided"
       from touchpoint t where t.program_id = $1`,
    ),
    merges: await world.rows<{ one: string; other: string }>(
      `select a_id as one, b_id as other from identity_merge m where program_id = $1 and refused_reason is null
         and not exists (select from identity_merge_undo u where u.program_id = m.program_id and u.merge_id = m.id)`,
    ),
    withdrawn: await world.rows<{ id: string }>(
      'select identity_id as id from consent_withdrawal where program_id = $1',
    ),
    refunds: await world.rows<{ of: string; minor: number | null; currency: string | null }>(
      `select conversion_external_id as of, value_minor as minor, currency from refund where program_id = $1 order by received_at, id`,
    ),
    spans: await world.rows<Omit<Span, 'execution'> & { executedAt: string | null }>(
      `select p.policy_id as "policyId", array[p.conversion_type] as "conversionTypes", a.body as policy, null as "executedAt",
         coalesce(nullif(lower(p.during), '-infinity')::text, '0001-01-01T00:00:00Z') as from, nullif(upper(p.during), 'infinity') as to
       from policy_period p join attribution_policy a on a.program_id = p.program_id and a.id = p.policy_id
       where p.program_id = $1
       union all
       select e.policy_id, array(select jsonb_array_elements_text(a.body -> 'conversionTypes')), a.body, e.executed_at, e.from_at::text, e.to_at
       from evaluation e join attribution_policy a on a.program_id = e.program_id and a.id = e.policy_id
       where e.program_id = $1 and e.executed_at is not null`,
    ),
    facts: await world.rows<ContractFact>(
      `select f.partner_id as "partnerId", f.contract_id as "contractId", f.kind, f.version, f.at as "countersignedAt", f.at as "effectiveFrom",
         v.terms
       from contract_fact f
       join contract_version v on v.program_id = f.program_id and v.contract_id = f.contract_id and v.version = f.version
       join contract c on c.program_id = f.program_id and c.id = f.contract_id
       where f.program_id = $1
       order by c.round, f.version`,
    ),
    profiles: await world.rows<{ partnerId: string; fromAt: string; type: string }>(
      'select partner_id as "partnerId", effective_from as "fromAt", type from partner_profile where program_id = $1 order by effective_from',
    ),
    windows: await world.rows<KnownWindow>(
      `select id, partner_id as "partnerId", contract_id as "contractId", from_at as "fromAt", to_at as "toAt", currency
       from attribution_window where program_id = $1 and partner_id is not null
       order by from_at`,
    ),
    rates: await world.rows<{ pair: string; day: string; rate: string }>(
      `select base || ' ' || quote as pair, day::text as day, trim_scale(rate)::text as rate from fx_rate where program_id = $1`,
    ),
  };
}
