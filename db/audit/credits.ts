import { CREDIT_ALONE, explainConversions } from '../attribution/explanation.ts';
import { commissionTargets, creditsInForce, pairKey } from '../attribution/commission-targets.ts';
import type { Pair } from '../queries/commission.ts';
import { readPosted } from '../queries/commission.ts';
import { readClock } from '../queries/program-clock.ts';
import { withoutWaiting } from '../queries/waiting-work.ts';
import { countWork } from '../queries/work-queue.ts';
import type { Tx } from '../transaction.ts';
import type { Fault } from './books.ts';

const PER_STEP = 500;

/** Work that waits in the queues: while there is any, credit and commission lag behind the facts. */
export async function findWaitingWork(tx: Tx): Promise<Fault> {
  const { horizon } = await readClock(tx);
  const { intake, commission } = await countWork(tx, horizon);
  return intake + commission === 0 ? null : `${intake} facts and ${commission} commissions wait to be worked on.`;
}

/** The decision of a person that work stays where it is. Work that was asked about again is explained again only by a new decision. */
const EXPLANATION = `
  select t.outcome = 'explain' as explains, coalesce(t.reason, 'no reason given') as reason, t.decided_by
  from task t
  where t.program_id = w.program_id and t.subject_type = 'work' and t.subject_id = w.id
    and t.kind = 'reconciliation.difference' and t.state = 'done'
  order by t.decided_at desc
  limit 1`;

/** Work that failed three times waits for a person, until one has explained it. */
export async function findSetAsideWork(tx: Tx): Promise<Fault> {
  const { rows } = await tx.query<{ id: string; error: string }>(
    `select w.id, w.error from work_set_aside w
     left join lateral (${EXPLANATION}) d on true
     where w.program_id = $1 and d.explains is not true
     order by w.at limit 1`,
    [tx.programId],
  );
  return rows[0] ? `Work ${rows[0].id} was set aside: ${rows[0].error.split('\n')[0]}` : null;
}

/** Work that stays set aside because a person explained it, each with the reason; null when there is none. */
export async function findExplainedWork(tx: Tx): Promise<string | null> {
  const { rows } = await tx.query<{ id: string; reason: string; by: string | null }>(
    `select w.id, d.reason, d.decided_by as by from work_set_aside w
     join lateral (${EXPLANATION}) d on true
     where w.program_id = $1 and d.explains
     order by w.at`,
    [tx.programId],
  );
  if (rows.length === 0) return null;
  return rows.map(({ id, reason, by }) => `Work ${id} was explained by ${by}: ${reason.split('\n')[0]}`).join(' ');
}

/** Every conversion that the feed has seen is credited exactly once: shares of one whole, values of what remains. */
export async function findConversionNotCreditedOnce(tx: Tx): Promise<Fault> {
  const { rows } = await tx.query<{ fault: string }>(
    `select 'Conversion ' || c.id || ' has shares of ' || coalesce(k.shares, 0) || ' and ' || coalesce(k.minor, 0) || ' of ' || coalesce(s.remaining_minor, c.value_minor)
         || ' credited.' as fault
     from conversion c
     join program_clock p on p.program_id = c.program_id
     left join conversion_state s on s.program_id = c.program_id and s.conversion_id = c.id and s.generation > 0
     left join lateral (
       select sum(share_e12) as shares, sum(value_minor) as minor from credit
       where program_id = c.program_id and conversion_id = c.id and conversion_at = c.occurred_at and generation = s.generation
     ) k on true
     where c.program_id = $1 and c.received_at < least(
         coalesce((select min(locks_at) from attribution_window w where w.program_id = $1 and w.locks_at > p.sealed_at), 'infinity'),
         coalesce((select min(received_at) from intake_work w where w.program_id = $1), 'infinity'))
       and (coalesce(k.shares, 0) <> 1000000000000 or coalesce(k.minor, -1) <> s.remaining_minor)
     limit 1`,
    [tx.programId],
  );
  return rows[0]?.fault ?? null;
}

/** Credit computed again from facts alone is the credit that is stored, of every conversion that the feed has nothing left to look at. */
export async function findCreditNotReproduced(tx: Tx): Promise<Fault> {
  for (let afterId = ''; ;) {
    const { rows } = await tx.query<{ id: string }>(
      'select conversion_id as id from conversion_state where program_id = $1 and generation > 0 and conversion_id > $2 order by conversion_id limit $3',
      [tx.programId, afterId, PER_STEP],
    );
    if (rows.length === 0) return null;
    const explanations = await explainConversions(
      tx,
      rows.map(({ id }) => id),
      CREDIT_ALONE,
    );
    for (const [id, { isReproduced }] of explanations)
      if (isReproduced === false) return `The credit of conversion ${id} is not what its facts give.`;
    afterId = rows.at(-1)!.id;
  }
}

/** Commission computed again is what was posted, for every pair with a credit or a commission and no work left. */
export async function findCommissionNotReproduced(tx: Tx): Promise<Fault> {
  const { horizon } = await readClock(tx);
  for (let after: Pair = { partnerId: '', conversionId: '' }; ;) {
    const { rows: pairs } = await tx.query<Pair>(
      `select partner_id as "partnerId", conversion_id as "conversionId"
       from (
         select partner_id, conversion_id from commission where program_id = $1 and conversion_id is not null
         union
         select k.beneficiary_id, k.conversion_id
         from conversion_state s
         join conversion c on c.program_id = s.program_id and c.id = s.conversion_id
         join credit k on k.program_id = s.program_id and k.conversion_id = s.conversion_id and k.conversion_at = c.occurred_at
           and k.generation = s.generation and k.beneficiary_kind = 'partner'
         where s.program_id = $1
       ) p
       where (partner_id, conversion_id) > ($2, $3)
         and not exists (select from commission_work w where w.program_id = $1 and w.partner_id = p.partner_id and w.conversion_id = p.conversion_id)
       order by partner_id, conversion_id
       limit $4`,
      [tx.programId, after.partnerId, after.conversionId, PER_STEP],
    );
    if (pairs.length === 0) return null;
    const asked = new Set(pairs.map(pairKey));
    const posted = new Map((await readPosted(tx, pairs)).map((row) => [pairKey(row), row.totalAfterMinor]));
    const different = (await commissionTargets(tx, pairs, horizon, creditsInForce(tx))).filter(
      (target) => asked.has(pairKey(target)) && (posted.get(pairKey(target)) ?? 0) !== target.minor,
    );
    const [wrong] = await withoutWaiting(tx, different, horizon);
    if (wrong !== undefined)
      return `Partner ${wrong.partnerId} has ${posted.get(pairKey(wrong)) ?? 0} for conversion ${wrong.conversionId}, and the rules give ${wrong.minor}.`;
    after = pairs.at(-1)!;
  }
}

/** What was posted for a pair, goodwill left out, is the sum of its rows. */
export async function findBrokenRevision(tx: Tx): Promise<Fault> {
  const { rows } = await tx.query<{ fault: string }>(
    `with running as (
       select id, total_after_minor,
         sum(case when kind = 'goodwill' then 0 else amount_minor end) over (partition by partner_id, conversion_id order by revision) as total,
         revision, row_number() over (partition by partner_id, conversion_id order by revision) as no
       from commission where program_id = $1 and conversion_id is not null
     )
     select 'Commission ' || id || ' says ' || total_after_minor || ' in all, its rows sum to ' || total || '.' as fault
     from running where total <> total_after_minor or revision <> no
     limit 1`,
    [tx.programId],
  );
  return rows[0]?.fault ?? null;
}

/** Each line of a re-evaluation that was carried out was posted once, to the cent. */
export async function findLineNotPosted(tx: Tx): Promise<Fault> {
  const { rows } = await tx.query<{ fault: string }>(
    `select 'Re-evaluation ' || e.id || ' should move ' || (l.commission_after_minor - l.commission_before_minor) || ' for ' || l.beneficiary_id
         || ' and conversion ' || l.conversion_id || ', and moved ' || coalesce(c.minor, 0) || '.' as fault
     from evaluation e
     join study_line l on l.program_id = e.program_id and l.study_id = e.study_id and l.beneficiary_kind = 'partner'
     left join lateral (
       select sum(amount_minor) as minor from commission
       where program_id = e.program_id and evaluation_id = e.id and conversion_id = l.conversion_id and partner_id = l.beneficiary_id and kind = 'adjustment'
     ) c on true
     where e.program_id = $1 and e.state = 'done' and coalesce(c.minor, 0) <> l.commission_after_minor - l.commission_before_minor
     limit 1`,
    [tx.programId],
  );
  return rows[0]?.fault ?? null;
}
