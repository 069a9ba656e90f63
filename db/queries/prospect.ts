import type { Tx } from '../transaction.ts';

/** Somebody who could become a partner. */
export interface Prospect {
  id: string;
  name: string;
  email: string | null;
  type: string;
  country: string;
  channels: string[];
  verticals: string[];
  /** The partner that it became. */
  partnerId: string | null;
  /** Of its country; null where no market has it. */
  market: string | null;
  createdAt: string;
}

/** Adds a prospect; the same id again changes nothing. */
export async function insertProspect(
  tx: Tx,
  prospect: Omit<Prospect, 'partnerId' | 'market' | 'createdAt'>,
): Promise<void> {
  const { id, name, email, type, country, channels, verticals } = prospect;
  await tx.query(
    `insert into prospect (program_id, id, name, email, type, country, channels, verticals) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (program_id, id) do nothing`,
    [tx.programId, id, name, email, type, country, channels, verticals],
  );
}

/** Prospects in order of their ids. */
export async function listProspects(
  tx: Tx,
  filter: { id?: string; type?: string; country?: string; afterId?: string; limit: number },
): Promise<Prospect[]> {
  const { rows } = await tx.query<Prospect>(
    `select p.id, p.name, p.email, p.type, p.country, p.channels, p.verticals, p.partner_id as "partnerId", p.created_at as "createdAt",
       (select min(m.code) from market m where m.program_id = p.program_id and p.country = any (m.countries)) as market
     from prospect p
     where p.program_id = $1 and ($2::text is null or p.id = $2) and ($3::text is null or p.type = $3)
       and ($4::text is null or p.country = $4) and ($5::text is null or p.id > $5)
     order by p.id
     limit $6`,
    [
      tx.programId,
      filter.id ?? null,
      filter.type ?? null,
      filter.country ?? null,
      filter.afterId ?? null,
      filter.limit,
    ],
  );
  return rows;
}

/** Notes the partner that a prospect became; false when it is another one's already. */
export async function linkProspect(tx: Tx, id: string, partnerId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update prospect set partner_id = $3 where program_id = $1 and id = $2 and (partner_id is null or partner_id = $3)',
    [tx.programId, id, partnerId],
  );
  return rowCount === 1;
}
