import type { Tx } from '../transaction.ts';

/** Somebody who gets mail: a person of the team, or a partner. */
export interface Addressee {
  id: string;
  name: string;
  address: string;
  language: string;
}

/** Active people with one of the roles who look after that market (or every market). */
export async function listPeopleOfRoles(tx: Tx, roles: string[], market: string | null): Promise<Addressee[]> {
  const { rows } = await tx.query<Addressee>(
    `select distinct on (u.id) u.id, u.name, u.email as address, u.language
     from membership m join app_user u on u.program_id = m.program_id and u.id = m.person_id
     where m.program_id = $1 and m.role = any ($2) and u.disabled_at is null
       and (cardinality(m.markets) = 0 or $3::text is null or $3 = any (m.markets))
     order by u.id`,
    [tx.programId, roles, market],
  );
  return rows;
}

/** One person of the team, unless disabled. */
export async function findAddressee(tx: Tx, personId: string): Promise<Addressee | undefined> {
  const { rows } = await tx.query<Addressee>(
    'select id, name, email as address, language from app_user where program_id = $1 and id = $2 and disabled_at is null',
    [tx.programId, personId],
  );
  return rows[0];
}

/** The partner as a reader of mail, in the language of its profile at that instant. */
export async function partnerAddressee(tx: Tx, partnerId: string, at: string): Promise<Addressee | undefined> {
  const { rows } = await tx.query<Addressee>(
    `select p.id, p.name, p.email as address, coalesce(f.language, 'en') as language
     from partner p
     left join lateral (
       select language from partner_profile f
       where f.program_id = p.program_id and f.partner_id = p.id and f.effective_from <= $3
       order by f.effective_from desc limit 1
     ) f on true
     where p.program_id = $1 and p.id = $2`,
    [tx.programId, partnerId, at],
  );
  return rows[0];
}

export interface PartnerOwner {
  ownerId: string | null;
  ownerRoles: string[];
  /** Markets that the owner looks after; empty: all. */
  ownerMarkets: string[];
  marketCode: string | null;
}

/** Who looks after a partner, and what that person may do. */
export async function partnerOwner(tx: Tx, partnerId: string): Promise<PartnerOwner | undefined> {
  const { rows } = await tx.query<{
    owner_id: string | null;
    roles: string[] | null;
    markets: string[] | null;
    market_code: string | null;
  }>(
    `select p.owner_id, p.market_code, array_agg(m.role) filter (where m.role is not null) as roles,
            (select array_agg(distinct market) from membership o, unnest(o.markets) market
             where o.program_id = p.program_id and o.person_id = p.owner_id) as markets
     from partner p left join membership m on m.program_id = p.program_id and m.person_id = p.owner_id
     where p.program_id = $1 and p.id = $2
     group by p.program_id, p.id, p.owner_id, p.market_code`,
    [tx.programId, partnerId],
  );
  const row = rows[0];
  return (
    row && {
      ownerId: row.owner_id,
      ownerRoles: row.roles ?? [],
      ownerMarkets: row.markets ?? [],
      marketCode: row.market_code,
    }
  );
}
