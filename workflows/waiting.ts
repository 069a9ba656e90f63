import { defineSearchAttributeKey } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';

const WAITING_FOR = defineSearchAttributeKey('WaitingFor', 'KEYWORD');
const PROGRAM_ID = defineSearchAttributeKey('ProgramId', 'KEYWORD');
const PARTNER_ID = defineSearchAttributeKey('PartnerId', 'KEYWORD');
const STAGE = defineSearchAttributeKey('Stage', 'KEYWORD');

/** Tells operators, in the server's own UI, whose turn it is. Screens read Postgres instead: Visibility lags. */
export function showWaiting(
  scope: { programId: string; partnerId?: string },
  open: { kind: string; schedule: { dueAtMs: number | null } }[],
): void {
  const kinds = [...new Set(open.map(({ kind }) => kind))].sort();
  upsertSearchAttributes([{ key: WAITING_FOR, value: kinds.join(', ').slice(0, 200) || 'nobody' }]);
  const lines = open.map(
    ({ kind, schedule: { dueAtMs } }) =>
      `- ${kind}${dueAtMs === null ? '' : `, due ${new Date(dueAtMs).toISOString()}`}`,
  );
  setCurrentDetails(lines.length > 0 ? `Waiting for:\n${lines.join('\n')}` : 'Waiting for nobody.');
}

/** Notes whose run this is and in which stage it stands. */
export function showStage(scope: { programId: string; partnerId?: string }, stage: string): void {
  upsertSearchAttributes([
    { key: PROGRAM_ID, value: scope.programId },
    { key: STAGE, value: stage },
    ...(scope.partnerId === undefined ? [] : [{ key: PARTNER_ID, value: scope.partnerId }]),
  ]);
}
