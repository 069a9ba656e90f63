import { PARTNER_STATES } from '../../domain/partner/lifecycle.ts';
import { readProgramFrame } from '../../db/queries/program-settings.ts';
import { sumWaitingForEnd } from '../../db/queries/former-currency.ts';
import { countManualTouches, countSlaKept, countStages, countTaskAges } from '../../db/queries/programme-health.ts';
import { ownPartner, reading } from '../caller.ts';
import { healthQuery, performance, performanceQuery, programmeHealth } from '../contracts/report.ts';
import { toCsv } from '../csv.ts';
import type { Cell } from '../csv.ts';
import { preferred } from '../media-type.ts';
import { readPerformance } from '../performance.ts';
import type { PerformanceLine } from '../performance.ts';
import { assertRange } from '../range.ts';
import { READERS, READERS_AND_PARTNER } from '../roles.ts';
import { ok, route } from '../route.ts';

const HEALTH_DAYS = 30;
const DAY_MS = 86_400_000;

export const REPORT_ROUTES = [
  route({
    id: 'reports.performance',
    method: 'get',
    path: '/v1/reports/performance',
    tag: 'Reports',
    summary: 'Clicks, conversions, value and commission by one fact; a partner sees its own part',
    roles: READERS_AND_PARTNER,
    query: performanceQuery,
    answer: { status: 200, schema: performance, mediaTypes: ['application/json', 'text/csv'] },
    handle: async (call) => {
      const { from, to, groupBy } = call.query;
      assertRange({ from, to });
      const report = await reading(call, async (tx) => {
        const currency = call.query.currency ?? (await readProgramFrame(tx)).currency;
        const items = await readPerformance(tx, { from, to, groupBy, partnerId: ownPartner(call) }, currency);
        return { from, to, groupBy, currency, items };
      });
      if (preferred(call.request, 'text/csv') === 'application/json') return ok(report);
      const headers = { 'Content-Disposition': 'attachment; filename="performance.csv"' };
      return { status: 200, bytes: performanceCsv(report.groupBy, report.items), mediaType: 'text/csv', headers };
    },
  }),
  route({
    id: 'reports.programme-health',
    method: 'get',
    path: '/v1/reports/programme-health',
    tag: 'Reports',
    summary: 'Tasks by age, deadlines kept, manual touches per partner, partners by stage',
    roles: READERS,
    query: healthQuery,
    answer: { status: 200, schema: programmeHealth },
    handle: (call) => {
      const to = call.query.to ?? new Date().toISOString();
      const from = call.query.from ?? new Date(Date.parse(to) - HEALTH_DAYS * DAY_MS).toISOString();
      assertRange({ from, to });
      return reading(call, async (tx) => {
        const kinds = await countSlaKept(tx, { from, to });
        const ended = kinds.reduce((sum, kind) => sum + kind.ended, 0);
        const inTime = kinds.reduce((sum, kind) => sum + kind.inTime, 0);
        const touches = await countManualTouches(tx, { from, to });
        return ok({
          from,
          to,
          tasks: await countTaskAges(tx, new Date().toISOString()),
          sla: {
            ended,
            inTime,
            kept: share(inTime, ended),
            kinds: kinds.map((kind) => ({ ...kind, kept: share(kind.inTime, kind.ended) })),
          },
          waitingForEnd: (await sumWaitingForEnd(tx, null)).map(({ minor, currency, commissions, partners }) => ({
            amount: { minor, currency },
            commissions,
            partners,
          })),
          manualTouches: { ...touches, perPartner: share(touches.decisions, touches.partners) },
          funnel: await countStages(tx, PARTNER_STATES),
        });
      });
    },
  }),
];

/** Null where there is nothing to divide by. */
function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

const HEADER = [
  'clicks',
  'conversions',
  'value',
  'newCustomers',
  'commission',
  'currency',
  'costPerSale',
  'conversionRate',
  'earningsPerClick',
];

function performanceCsv(groupBy: string, lines: readonly PerformanceLine[]): string {
  const rows = lines.map((line): Cell[] => [
    line.key,
    line.clicks,
    line.conversions,
    line.value,
    line.newCustomers,
    line.commission,
    line.value.currency,
    line.costPerSale,
    line.conversionRate,
    line.earningsPerClick,
  ]);
  return toCsv([groupBy, ...HEADER], rows);
}
