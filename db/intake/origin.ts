import { compareInstants } from '../../domain/time/instant.ts';
import type { Tx } from '../transaction.ts';
import { Refusal } from './result.ts';

/** Where a touchpoint came through: a partner by id, link or coupon, or one of our own channels. */
export interface OriginClaim {
  partnerId: string | null;
  linkCode: string | null;
  couponCode: string | null;
  channel: string | null;
  subId: string | null;
  occurredAt: string;
}

export interface Origin {
  partnerId: string | null;
  linkId: string | null;
  couponId: string | null;
  contentId: string | null;
  subId: string | null;
  channel: string;
}

interface LinkRow {
  id: string;
  code: string;
  partner_id: string | null;
  channel: string | null;
  content_id: string | null;
  sub_id: string | null;
}

interface TypeRow {
  partner_id: string;
  effective_from: string | null;
  type: string;
}

/** Looks up, once per batch, everything that its items refer to; `resolve` then answers item by item. */
export class Origins {
  readonly #links: Map<string, LinkRow>;
  /** By the code as it was sent. */
  readonly #coupons: Map<string, LinkRow>;
  readonly #types: Map<string, TypeRow[]>;
  /** Of our own channels: most touchpoints of a batch share a few. */
  readonly #own = new Map<string, Origin>();

  private constructor(links: LinkRow[], coupons: LinkRow[], types: TypeRow[]) {
    this.#links = new Map(links.map((link) => [link.code, link]));
    this.#coupons = new Map(coupons.map((coupon) => [coupon.code, coupon]));
    this.#types = new Map();
    for (const row of types) this.#types.set(row.partner_id, [...(this.#types.get(row.partner_id) ?? []), row]);
  }

  static async load(tx: Tx, claims: readonly OriginClaim[]): Promise<Origins> {
    const codes = (field: 'linkCode' | 'couponCode' | 'partnerId') => {
      const named = new Set<string>();
      for (const claim of claims) if (claim[field] !== null) named.add(claim[field]);
      return [...named];
    };
    // Most batches name no link and no coupon, and many no partner: what nobody names is not asked for.
    const found = async <Row extends object>(text: string, named: readonly string[]) =>
      named.length === 0 ? [] : (await tx.query<Row>(text, [tx.programId, named])).rows;
    const links = await found<LinkRow>(
      'select id, code, partner_id, channel, content_id, sub_id from link where program_id = $1 and code = any ($2)',
      codes('linkCode'),
    );
    const coupons = await found<LinkRow>(
      // Lowered here alone: JavaScript lowers İ and a final Σ to something else, and a code that was made would not be found by itself.
      `select c.id, named.code, c.partner_id, null as channel, c.content_id, null as sub_id
       from unnest($2::text[]) as named (code)
       join coupon c on c.program_id = $1 and lower(c.code) = lower(named.code)`,
      codes('couponCode'),
    );
    const partners = new Set(codes('partnerId'));
    for (const row of [...links, ...coupons]) if (row.partner_id) partners.add(row.partner_id);
    const types = await found<TypeRow>(
      `select p.id as partner_id, f.effective_from, coalesce(f.type, p.type) as type
       from partner p
       left join partner_profile f on f.program_id = p.program_id and f.partner_id = p.id
       where p.program_id = $1 and p.id = any ($2)
       order by p.id, f.effective_from nulls first`,
      [...partners],
    );
    return new Origins(links, coupons, types);
  }

  /** @throws Refusal for a code or partner that does not exist, or when link, coupon and partner contradict each other */
  resolve(claim: OriginClaim): Origin {
    if (claim.channel !== null && !namesMore(claim)) return this.#ownChannel(claim.channel);
    const link = claim.linkCode === null ? null : this.#links.get(claim.linkCode);
    if (link === undefined)
      throw new Refusal('unknown-link', `linkCode: There is no link "${claim.linkCode}" in this program.`);
    const coupon = claim.couponCode === null ? null : this.#coupons.get(claim.couponCode);
    if (coupon === undefined)
      throw new Refusal('unknown-coupon', `couponCode: There is no coupon "${claim.couponCode}" in this program.`);
    const partnerId = onePartner([claim.partnerId, link?.partner_id ?? null, coupon?.partner_id ?? null]);
    if (partnerId !== null && !this.#types.has(partnerId)) {
      throw new Refusal('unknown-partner', `partnerId: There is no partner "${partnerId}" in this program.`);
    }
    const channel =
      claim.channel ?? link?.channel ?? (partnerId === null ? null : this.#typeAt(partnerId, claim.occurredAt));
    if (channel === null)
      throw new Refusal('invalid', "channel: Give the channel; only a partner's touchpoint may leave it out.");
    return {
      partnerId,
      linkId: link?.id ?? null,
      couponId: coupon?.id ?? null,
      contentId: link?.content_id ?? coupon?.content_id ?? null,
      subId: claim.subId ?? link?.sub_id ?? null,
      channel,
    };
  }

  #ownChannel(channel: string): Origin {
    let origin = this.#own.get(channel);
    if (!origin) {
      origin = { partnerId: null, linkId: null, couponId: null, contentId: null, subId: null, channel };
      this.#own.set(channel, origin);
    }
    return origin;
  }

  /** The partner's type when it happened; before the first profile, the first. */
  #typeAt(partnerId: string, at: string): string {
    const rows = this.#types.get(partnerId) ?? [];
    const held = rows.filter((row) => row.effective_from === null || compareInstants(row.effective_from, at) <= 0);
    return (held.at(-1) ?? rows[0])!.type;
  }
}

function namesMore({ partnerId, linkCode, couponCode, subId }: OriginClaim): boolean {
  return partnerId !== null || linkCode !== null || couponCode !== null || subId !== null;
}

function onePartner(ids: (string | null)[]): string | null {
  const named = [...new Set(ids.filter((id) => id !== null))];
  if (named.length > 1)
    throw new Refusal(
      'partner-mismatch',
      `partnerId: Link, coupon and partner name different partners: ${named.join(', ')}.`,
    );
  return named[0] ?? null;
}

/** Channels are made on first use. */
export async function ensureChannels(tx: Tx, names: readonly string[]): Promise<void> {
  await tx.query(
    `insert into channel (program_id, name)
     select $1, used.name
     from unnest($2::text[]) as used (name)
     where not exists (select from channel c where c.program_id = $1 and c.name = used.name)
     order by used.name
     on conflict (program_id, name) do nothing`,
    [tx.programId, [...new Set(names)]],
  );
}
