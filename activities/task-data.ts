import type { TaskKind } from '../domain/task/kinds.ts';
import type { Tx } from '../db/transaction.ts';
import { refusedMailData } from './refused-mail.ts';
import {
  adjustmentData,
  briefData,
  detailsData,
  differenceData,
  feedbackData,
  holdData,
  investigationData,
  payoutData,
  policyData,
  settingData,
  statementData,
} from './task-data-money.ts';
import { applicationData, contentData, contractData, trainingData } from './task-data-journey.ts';

/** What the workflow knows of the task whose data is composed. */
export interface TaskDataRequest {
  kind: TaskKind;
  subject: { type: string; id: string };
  partnerId?: string;
  data?: Record<string, unknown>;
}

export type TaskDataComposer = (tx: Tx, request: TaskDataRequest) => Promise<Record<string, unknown>>;

/** Per kind, what the person sees beyond what the workflow handed over: texts and names come from Postgres, never through a payload. */
const COMPOSERS: Partial<Record<TaskKind, TaskDataComposer>> = {
  'application.decision': applicationData,
  'contract.signature': contractData,
  'contract.counter': contractData,
  'contract.countersignature': contractData,
  'contract.amendment': contractData,
  'enablement.training': trainingData,
  'content.review': contentData,
  'mail.undeliverable': refusedMailData,
  'payout-details.verification': detailsData,
  'settlement.approval': statementData,
  'payout.release': payoutData,
  'payout.investigation': investigationData,
  'reconciliation.difference': differenceData,
  'adjustment.approval': adjustmentData,
  'hold.review': holdData,
  'feedback.triage': feedbackData,
  'feedback.information': feedbackData,
  'feedback.appeal': feedbackData,
  'policy.approval': policyData,
  'brief.approval': briefData,
  'setting.approval': settingData,
};

/** The data of a task as its reader sees it (api.md §3). */
export async function composeTaskData(tx: Tx, request: TaskDataRequest): Promise<Record<string, unknown>> {
  const composed = await COMPOSERS[request.kind]?.(tx, request);
  return { ...request.data, ...composed };
}
