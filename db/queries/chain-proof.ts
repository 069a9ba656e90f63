import type { Tx } from '../transaction.ts';
import { digestOfEvent } from './event.ts';
import type { EventContent } from './event.ts';

/** The first thing that is wrong with the chain as a sentence, or null. */
export type ChainFault = string | null;

/** Events whose content is read at once. */
const EVENTS_PER_PAGE = 2_000;

/**
 * Proves the chain: the numbers have no gap, the digests of each batch give its hash, every event is sealed or waits, and the content of
 * these events is what was recorded. For one event only its own content counts: any other enters the chain by its digest.
 * @param contentOf ids of events; `all` reads every one
 */
export async function verifyChain(tx: Tx, contentOf: 'all' | readonly string[]): Promise<ChainFault> {
  const fault = (await findBrokenSeal(tx)) ?? (await findLooseEvent(tx));
  if (fault !== null) return fault;
  return contentOf === 'all' ? findChangedEvent(tx) : findChangedAmong(tx, contentOf);
}

/** In the database, because a busy program makes a seal every quarter of a second, and asking for each of them by itself takes hours in the end. */
async function findBrokenSeal(tx: Tx): Promise<ChainFault> {
  const { rows } = await tx.query<{ batch: number; fault: string }>(
    `with content as (
       select s.batch, count(e.id) as events, string_agg(e.digest, ''::bytea order by s.seq) as digests
       from event_sealed s
       left join event e on e.program_id = s.program_id and e.id = s.event_id
       where s.program_id = $1
       group by s.batch
     ),
     chain as (
       select batch, first_seq, last_seq, previous, hash, row_number() over w as place, coalesce(lag(last_seq) over w, 0) as seq_before,
         coalesce(lag(hash) over w, decode(repeat('00', 32), 'hex')) as hash_before
       from event_seal where program_id = $1
       window w as (order by batch)
     ),
     judged as (
       select batch, case
         when c.place is null then 'is in no chain, but has events'
         when batch <> place or first_seq <> seq_before + 1 then 'does not follow the one before it'
         when previous <> hash_before then 'does not continue the hash of the one before it'
         when coalesce(events, 0) <> last_seq - first_seq + 1
           then format('has %s events instead of %s', coalesce(events, 0), last_seq - first_seq + 1)
         when sha256(previous || digests) <> hash then 'does not have the hash of its events'
       end as fault
       from chain c full join content using (batch)
     )
     select batch, fault from judged where fault is not null order by batch limit 1`,
    [tx.programId],
  );
  return rows[0] ? `Seal ${rows[0].batch} ${rows[0].fault}.` : null;
}

async function findLooseEvent(tx: Tx): Promise<ChainFault> {
  const { rows } = await tx.query<{ id: string }>(
    `select e.id from event e
     where e.program_id = $1
       and not exists (select from event_sealed s where s.program_id = $1 and s.event_id = e.id)
       and not exists (select from event_unsealed u where u.program_id = $1 and u.event_id = e.id)
     limit 1`,
    [tx.programId],
  );
  return rows[0] ? `Event ${rows[0].id} is neither sealed nor waiting for the sealer.` : null;
}

type RecordedEvent = EventContent & { digest: Buffer };

const CONTENT = `id, digest, at, kind, actor_kind as "actorKind", actor_id as "actorId", partner_id as "partnerId", subject_type as "subjectType",
  subject_id as "subjectId", data, workflow_id as "workflowId", run_id as "runId", activity_id as "activityId"`;

async function findChangedEvent(tx: Tx): Promise<ChainFault> {
  for (let afterId = ''; ;) {
    const { rows } = await tx.query<RecordedEvent>(
      `select ${CONTENT} from event where program_id = $1 and id > $2 order by id limit $3`,
      [tx.programId, afterId, EVENTS_PER_PAGE],
    );
    const fault = changedOf(rows);
    if (fault !== null || rows.length < EVENTS_PER_PAGE) return fault;
    afterId = rows.at(-1)!.id;
  }
}

async function findChangedAmong(tx: Tx, ids: readonly string[]): Promise<ChainFault> {
  for (let from = 0; from < ids.length; from += EVENTS_PER_PAGE) {
    const { rows } = await tx.query<RecordedEvent>(
      `select ${CONTENT} from event where program_id = $1 and id = any ($2) order by id`,
      [tx.programId, ids.slice(from, from + EVENTS_PER_PAGE)],
    );
    const fault = changedOf(rows);
    if (fault !== null) return fault;
  }
  return null;
}

function changedOf(events: readonly RecordedEvent[]): ChainFault {
  const isChanged = ({ digest, ...content }: RecordedEvent) =>
    !digestOfEvent({ ...content, at: new Date(content.at).toISOString() }).equals(digest);
  const changed = events.find(isChanged);
  return changed ? `Event ${changed.id} is not what was recorded.` : null;
}
