import type { ConversionFact } from '../queries/conversion-facts.ts';
import { readParentsAbove } from '../queries/parent-edge.ts';
import type { ParentEdge } from '../queries/parent-edge.ts';
import type { PolicyInForce } from '../queries/policy-period.ts';
import type { Study } from '../queries/study.ts';
import { readCreditsAt } from '../queries/study-instant.ts';
import type { Tx } from '../transaction.ts';
import { policyInForce } from '../../domain/attribution/in-force.ts';
import { parentsFirst } from '../../domain/attribution/parents-first.ts';
import { partnersOf } from '../../domain/attribution/touchpoint.ts';
import type { InheritedShare } from './conversion-credit.ts';
import { loadCreditFacts } from './credit-facts.ts';
import { groupBy } from './group-by.ts';
import type { BatchFacts } from './credit-facts.ts';
import { isFrozen } from './evidence-limit.ts';
import { creditsOfEither } from './long-credit.ts';
import { PartnerHistory } from './partner-history.ts';
import { decideRefunds } from './refund-limits.ts';

/** Parents whose facts are held at the same time. */
const PER_SLICE = 1_000;

/** What a study works with: the draft as a span above all others, and those of its instant. */
export interface StudiedRules {
  draft: PolicyInForce;
  /** All spans of the study's instant, the draft among them. */
  spans: readonly PolicyInForce[];
}

/** Whether the draft is in force for a conversion. */
export function isStudied(
  rules: StudiedRules,
  { type, occurredAt }: Pick<ConversionFact, 'type' | 'occurredAt'>,
): boolean {
  return policyInForce(rules.spans, type, occurredAt) === rules.draft;
}

/** Whether a study moves a conversion: the draft is in force for it, or it is open and what stands above it moves. */
export function movesWith(
  study: Pick<Study, 'cutAt'>,
  rules: StudiedRules,
  conversion: Pick<ConversionFact, 'id' | 'type' | 'occurredAt'>,
  { states, above }: { states: BatchFacts['states']; above: Pick<OfParent, 'isMoved'> | undefined },
): boolean {
  if (isStudied(rules, conversion)) return true;
  return above?.isMoved === true && !isFrozen(states.get(conversion.id), study.cutAt!);
}

interface Sides {
  before: InheritedShare[];
  evidence: InheritedShare[];
  after: InheritedShare[];
}

interface OfParent extends Sides {
  parentId: string;
  /** The draft is in force for it, or for what stands above it: its open heirs move with it. */
  isMoved: boolean;
}

/** What a child inherits: as it stood at the cut, under the rule in force on all evidence, and under the draft; and whose contracts count. */
export interface ParentShares extends OfParent {
  history: PartnerHistory;
}

/**
 * The shares that conversions of a batch inherit from their parents, by the child's id. Of a parent that the study covers it is what the
 * study gives it, wherever its shard is, and of an open renewal of such a one what it inherits of that; of any other what stood at the cut.
 */
export async function loadParentShares(
  tx: Tx,
  study: Study,
  facts: BatchFacts,
  rules: StudiedRules,
): Promise<Map<string, ParentShares>> {
  const children = facts.conversions.filter(
    ({ id, parentExternalId }) => parentExternalId !== null && !facts.endless.has(id),
  );
  if (children.length === 0) return new Map();
  const named = children.map(({ parentExternalId }) => parentExternalId!);
  const parents = parentsFirst(await readParentsAbove(tx, named, study.cutAt!));
  const shares = new Map<string, OfParent>();
  for (let from = 0; from < parents.length; from += PER_SLICE)
    await shareParents(tx, study, rules, parents.slice(from, from + PER_SLICE), shares);
  const inherited = [...new Set(named)].flatMap((parentExternalId) => shares.get(parentExternalId) ?? []);
  const history = await PartnerHistory.load(tx, [...touching(facts), ...inherited.flatMap(credited)], study.cutAt!);
  return new Map(
    children.flatMap(({ id, parentExternalId }) => {
      const found = shares.get(parentExternalId!);
      return found ? [[id, { ...found, history }] as const] : [];
    }),
  );
}

/** Adds what a slice of parents gives, by external id; what stands above each of them is in the slice before it, or in `shares`. */
async function shareParents(
  tx: Tx,
  study: Study,
  rules: StudiedRules,
  slice: readonly ParentEdge[],
  shares: Map<string, OfParent>,
): Promise<void> {
  const ids = slice.map(({ id }) => id);
  const reading = {
    horizon: study.cutAt!,
    sealedAt: study.cutAt!,
    isEvidenceUnlimited: true,
    creditedUnder: [rules.draft.policy],
  };
  const facts = await loadCreditFacts(tx, ids, reading);
  const standing = groupBy(await readCreditsAt(tx, ids, study.epoch!), ({ conversionId }) => conversionId);
  const above = slice.flatMap(({ parentExternalId }) => shares.get(parentExternalId ?? '') ?? []);
  const standingWith = partnersOf([...standing.values()].flat());
  const partnerIds = [...touching(facts), ...above.flatMap(credited), ...standingWith];
  let history = await PartnerHistory.load(tx, partnerIds, study.cutAt!);
  for (const { id, externalId, parentExternalId } of slice) {
    const conversion = facts.byId.get(id)!;
    const grand = parentExternalId === null ? undefined : shares.get(parentExternalId);
    const before: InheritedShare[] = standing.get(id) ?? [];
    const isCovered = isStudied(rules, conversion);
    const isMoved = movesWith(study, rules, conversion, { states: facts.states, above: grand });
    const under = async (policy: PolicyInForce | null, side: 'evidence' | 'after') => {
      if (!isMoved) return before;
      const creditFacts = {
        conversion,
        remainingMinor: decideRefunds(conversion, facts.refunds.get(id) ?? []).remainingMinor,
        touchpoints: facts.journeys.get(id) ?? [],
        policy: policy?.policy ?? null,
        parentCredits: grand?.[side] ?? null,
        history,
      };
      return creditsOfEither(tx, creditFacts, facts.left.get(id));
    };
    const inForce = facts.rules.get(id) ?? null;
    const given = {
      parentId: id,
      isMoved,
      before,
      evidence: await under(inForce, 'evidence'),
      after: await under(isCovered ? rules.draft : inForce, 'after'),
    };
    shares.set(externalId, given);
    // A journey that does not fit into memory is credited to partners who are not among those that touched the others.
    history = await history.including(tx, credited(given), study.cutAt!);
  }
}

function touching({ journeys }: BatchFacts): string[] {
  return [...journeys.values()].flat().flatMap(({ partnerId }) => partnerId ?? []);
}

function credited({ before, evidence, after }: Sides): string[] {
  return partnersOf([...before, ...evidence, ...after]);
}
