import { readPosted } from '../queries/commission.ts';
import type { Pair } from '../queries/commission.ts';
import { readClock } from '../queries/program-clock.ts';
import { withoutWaiting } from '../queries/waiting-work.ts';
import type { Tx } from '../transaction.ts';
import { commissionTargets, creditsInForce, pairKey } from './commission-targets.ts';
import { CREDIT_ALONE, explainConversions } from './explanation.ts';

/** Conversions whose journeys are read at once. */
const PER_STEP = 500;
/** How long journeys are computed again that are too long for an object per touchpoint: somebody waits for the answer. */
const LONG_MS = 15_000;

/**
 * Computes the credit and the commission of these pairs again, from stored facts alone.
 * Conversions and pairs whose work still waits in the queue are left out: they lag behind their facts until it is done.
 * @returns the first difference as a sentence, or null; a sentence also where journeys were too long to be computed again in time
 */
export async function findRecomputationFault(tx: Tx, pairs: readonly Pair[]): Promise<string | null> {
  const ids = [...new Set(pairs.map(({ conversionId }) => conversionId))];
  if (ids.length === 0) return null;
  const began = performance.now();
  let leftOut = 0;
  for (let from = 0; from < ids.length; from += PER_STEP) {
    const longMs = LONG_MS - (performance.now() - began);
    const options = { ...CREDIT_ALONE, longMs };
    for (const [id, { isReproduced, isLeftOut }] of await explainConversions(
      tx,
      ids.slice(from, from + PER_STEP),
      options,
    )) {
      if (isReproduced === false) return `The credit of conversion ${id} is not what its facts give.`;
      if (isLeftOut) leftOut += 1;
    }
  }
  const fault = await findCommissionFault(tx, pairs);
  if (fault !== null || leftOut === 0) return fault;
  return `${leftOut} conversions are of persons with too many touchpoints to compute them again here; the audit does (npm run audit). All others are what their facts give.`;
}

async function findCommissionFault(tx: Tx, pairs: readonly Pair[]): Promise<string | null> {
  const { horizon } = await readClock(tx);
  const asked = new Set(pairs.map(pairKey));
  const posted = new Map((await readPosted(tx, pairs)).map((row) => [pairKey(row), row.totalAfterMinor]));
  const different = (await commissionTargets(tx, pairs, horizon, creditsInForce(tx))).filter(
    (target) => asked.has(pairKey(target)) && (posted.get(pairKey(target)) ?? 0) !== target.minor,
  );
  const [wrong] = await withoutWaiting(tx, different, horizon);
  if (wrong === undefined) return null;
  const minor = posted.get(pairKey(wrong)) ?? 0;
  return `Partner ${wrong.partnerId} has ${minor} for conversion ${wrong.conversionId}, and the rules give ${wrong.minor}.`;
}

/** Every pair of a conversion, of a partner or of a statement that has a credit in force or a commission. */
export async function listPairs(
  tx: Tx,
  scope: { partnerId?: string; conversionId?: string; statementId?: string },
): Promise<Pair[]> {
  const { rows } = await tx.query<Pair>(
    `select c.partner_id as "partnerId", c.conversion_id as "conversionId"
     from commission c
     left join statement_line l on l.program_id = c.program_id and l.commission_id = c.id
     where c.program_id = $1 and c.conversion_id is not null and ($2::text is null or c.partner_id = $2)
       and ($3::text is null or c.conversion_id = $3) and ($4::text is null or l.statement_id = $4)
     union
     select k.beneficiary_id, k.conversion_id
     from conversion_state s
     join conversion v on v.program_id = s.program_id and v.id = s.conversion_id
     join credit k on k.program_id = s.program_id and k.conversion_id = s.conversion_id and k.conversion_at = v.occurred_at
       and k.generation = s.generation and k.beneficiary_kind = 'partner'
     where s.program_id = $1 and $4::text is null and ($2::text is null or k.beneficiary_id = $2) and ($3::text is null or k.conversion_id = $3)
     order by 1, 2`,
    [tx.programId, scope.partnerId ?? null, scope.conversionId ?? null, scope.statementId ?? null],
  );
  return rows;
}
