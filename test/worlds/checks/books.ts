import { ATTRIBUTION_CHECKS } from '../../../audit/attribution.ts';
import { LEDGER_CHECKS } from '../../../audit/ledger.ts';
import { findPayoutOfOnePerson, findPayoutOfOtherDetails, findReleaseAbovePayable } from '../../../db/audit/payouts.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { BrokenInvariant } from '../broken-invariant.ts';
import type { World } from '../world.ts';

/** Per partner: what the books hold or have paid is what its commissions sum to. And the audit. */
export async function checkBooks(world: World): Promise<void> {
  const wrong = await world.rows<object>(
    `select p.id, l.minor as books, coalesce(c.minor, 0) as commissions
     from partner p
     join lateral (
       select coalesce(sum(case when g.side = 'credit' then g.amount_minor else -g.amount_minor end), 0)
         + coalesce(sum(case when g.side = 'debit' then g.amount_minor else -g.amount_minor end)
             filter (where e.kind in ('released', 'failed', 'returned')), 0) as minor
       from ledger_posting g
       join ledger_entry e on e.program_id = g.program_id and e.id = g.entry_id
       where g.program_id = p.program_id and g.partner_id = p.id
     ) l on true
     left join (select partner_id, sum(amount_minor) as minor from commission where program_id = $1 group by 1) c on c.partner_id = p.id
     where p.program_id = $1 and l.minor <> coalesce(c.minor, 0)`,
  );
  if (wrong.length > 0) throw new BrokenInvariant("a partner's books hold its commissions", JSON.stringify(wrong));
  await inTransaction(
    world.pool,
    world.programId,
    async (tx) => {
      for (const { name, find } of [...ATTRIBUTION_CHECKS, ...LEDGER_CHECKS]) {
        const fault = await find({ tx, client: null, providerUrl: null });
        if (fault !== null) throw new BrokenInvariant(`audit: ${name}`, fault);
      }
      for (const find of [findPayoutOfOnePerson, findPayoutOfOtherDetails, findReleaseAbovePayable]) {
        const fault = await find(tx);
        if (fault !== null) throw new BrokenInvariant(`audit: ${find.name}`, fault);
      }
    },
    { mode: 'snapshot' },
  );
}
