import { countConversions, readJourneyReport } from '../../db/queries/journey-report.ts';
import type { Tx } from '../../db/transaction.ts';
import { readingMuch } from '../long-reading.ts';
import { journeyReport, journeyReportQuery } from '../contracts/journey-report.ts';
import { journeyCsv, showJourneys } from '../journey-report.ts';
import { preferred } from '../media-type.ts';
import { assertRange } from '../range.ts';
import { READERS } from '../roles.ts';
import { ok, route } from '../route.ts';
import { refusedFields } from '../validate.ts';

const MOST_CONVERSIONS = 200_000;

export const JOURNEY_REPORT_ROUTES = [
  route({
    id: 'reports.journeys',
    method: 'get',
    path: '/v1/reports/journeys',
    tag: 'Reports',
    summary: 'Which ways lead to conversions: paths, lengths, times, who assists, who introduces and closes',
    roles: READERS,
    query: journeyReportQuery,
    answer: { status: 200, schema: journeyReport, mediaTypes: ['application/json', 'text/csv'] },
    handle: async (call) => {
      const { from, to, most } = call.query;
      const report = await readingMuch(call, 'to', async (tx) => {
        await assertReadable(tx, from, to);
        return { from, to, ...showJourneys(await readJourneyReport(tx, { from, to, most })) };
      });
      if (preferred(call.request, 'text/csv') === 'application/json') return ok(report);
      const headers = { 'Content-Disposition': 'attachment; filename="journeys.csv"' };
      return { status: 200, bytes: journeyCsv(report), mediaType: 'text/csv', headers };
    },
  }),
];

async function assertReadable(tx: Tx, from: string, to: string): Promise<void> {
  assertRange({ from, to });
  if ((await countConversions(tx, { from, to, limit: MOST_CONVERSIONS + 1 })) <= MOST_CONVERSIONS) return;
  throw refusedFields([
    { path: 'to', message: `Choose a shorter range: at most ${MOST_CONVERSIONS} conversions are reported at once.` },
  ]);
}
