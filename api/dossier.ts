import { eventText } from '../domain/event/text.ts';
import {
  findBrokenIdentity,
  findEntryUnlikeItsRows,
  findUnbalancedEntry,
  findUnpostedCommission,
} from '../db/audit/books.ts';
import { explainConversion } from '../db/attribution/explanation.ts';
import { findRecomputationFault, listPairs } from '../db/attribution/recomputation.ts';
import { listCommissionViews } from '../db/queries/commission-read.ts';
import { getConversion } from '../db/queries/conversion-read.ts';
import {
  listDossierContracts,
  listDossierDecisions,
  listDossierEvents,
  findReceivingEvents,
  listDossierRuns,
} from '../db/queries/dossier.ts';
import type { DossierScope } from '../db/queries/dossier.ts';
import { verifyChain } from '../db/queries/chain-proof.ts';
import { chainHead } from '../db/queries/event-chain.ts';
import { listCases } from '../db/queries/feedback.ts';
import { listEntries } from '../db/queries/ledger-account.ts';
import { findPartnerView } from '../db/queries/partner-read.ts';
import { listPayouts } from '../db/queries/payout.ts';
import { getPolicy } from '../db/queries/policy-version.ts';
import { listStatements } from '../db/queries/statement.ts';
import { listWindowViews } from '../db/queries/window-read.ts';
import type { Tx } from '../db/transaction.ts';
import { showCommission } from './routes/commissions.ts';
import { showConversion } from './routes/conversions.ts';
import { readPayout } from './routes/payouts.ts';
import { showPolicy } from './routes/policies.ts';
import { readStatement, showStatement } from './routes/statements.ts';
import { showWindow } from './routes/windows.ts';

/** Rows of one kind in a dossier. */
const MOST_ROWS = 10_000;

export type Dossier = Awaited<ReturnType<typeof partnerDossier | typeof conversionDossier | typeof payoutDossier>>;

/** Everything about one partner, as of the transaction's snapshot. */
export async function partnerDossier(tx: Tx, id: string) {
  const scope = { partnerId: id };
  const limit = MOST_ROWS;
  return {
    ...(await frame(tx, 'partner', id, scope, scope)),
    partner: (await findPartnerView(tx, id))!,
    contracts: await listDossierContracts(tx, [id]),
    windows: (await listWindowViews(tx, { ...scope, limit })).map(showWindow),
    commissions: (await listCommissionViews(tx, { ...scope, limit })).map(showCommission),
    statements: (await listStatements(tx, { ...scope, limit })).map(showStatement),
    payouts: await payoutsOf(tx, id),
    feedback: await listCases(tx, { ...scope, limit }),
    ledgerEntries: await listEntries(tx, { ...scope, limit }),
  };
}

/** Everything about one conversion: its journey, every generation of its credits, its money, and the rules that made them. */
export async function conversionDossier(tx: Tx, id: string) {
  const view = await getConversion(tx, id, true);
  const commissions = await listCommissionViews(tx, { conversionId: id, limit: MOST_ROWS });
  const partnerIds = [...new Set(commissions.map(({ partnerId }) => partnerId))];
  const policyIds = new Set(
    [view.policyId, ...view.credits.map(({ policyId }) => policyId)].filter((one) => one !== null),
  );
  const explanation = (await explainConversion(tx, id)) ?? undefined;
  const eventIds = await findReceivingEvents(tx, id, explanation?.touchpoints ?? []);
  const policies = [];
  for (const policyId of policyIds) policies.push(showPolicy(await getPolicy(tx, policyId)));
  return {
    ...(await frame(tx, 'conversion', id, { subjectIds: [id, ...policyIds], eventIds }, { conversionId: id })),
    conversion: showConversion(view, explanation),
    policies,
    contracts: await listDossierContracts(tx, partnerIds),
    commissions: commissions.map(showCommission),
    ledgerEntries: await listEntries(tx, { subject: id, limit: MOST_ROWS }),
  };
}

/** Everything about one payout: its statement with every line, who approved and released it, and each attempt to send it. */
export async function payoutDossier(tx: Tx, id: string) {
  const payout = await readPayout(tx, id);
  const { statementId, partnerId } = payout;
  const limit = MOST_ROWS;
  const subjectIds = [id, statementId];
  return {
    ...(await frame(tx, 'payout', id, { subjectIds }, { statementId })),
    payout,
    statement: await readStatement(tx, statementId),
    contracts: await listDossierContracts(tx, [partnerId]),
    commissions: (await listCommissionViews(tx, { statementId, limit })).map(showCommission),
    ledgerEntries: [
      ...(await listEntries(tx, { subject: statementId, limit })),
      ...(await listEntries(tx, { subject: id, limit })),
    ],
  };
}

async function payoutsOf(tx: Tx, partnerId: string) {
  const payouts = [];
  for (const { id } of await listPayouts(tx, { partnerId, limit: MOST_ROWS })) payouts.push(await readPayout(tx, id));
  return payouts;
}

/** What every dossier has: who decided, what was recorded, and whether all of it still verifies. */
async function frame<Kind extends 'partner' | 'conversion' | 'payout'>(
  tx: Tx,
  kind: Kind,
  id: string,
  scope: DossierScope,
  pairsOf: Parameters<typeof listPairs>[1],
) {
  const events = (await listDossierEvents(tx, scope)).map(({ actorName, ...event }) => ({
    ...event,
    text: eventText(event.kind, event.data, actorName),
  }));
  return {
    kind,
    id,
    madeAt: new Date().toISOString(),
    verification: {
      chain:
        (await verifyChain(
          tx,
          events.map(({ id: eventId }) => eventId),
        )) ?? 'ok',
      ledger: (await findLedgerFault(tx)) ?? 'ok',
      recomputation: (await findRecomputationFault(tx, await listPairs(tx, pairsOf))) ?? 'ok',
    },
    chainHead: await chainHead(tx),
    decisions: await listDossierDecisions(tx, scope),
    events,
    runs: await listDossierRuns(tx, scope),
  };
}

async function findLedgerFault(tx: Tx): Promise<string | null> {
  for (const find of [findUnbalancedEntry, findBrokenIdentity, findEntryUnlikeItsRows, findUnpostedCommission]) {
    const fault = await find(tx);
    if (fault !== null) return fault;
  }
  return null;
}
