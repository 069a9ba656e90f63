import { withoutAnswers } from '../domain/enablement/quiz.ts';
import { findContentRound, lockContent } from '../db/queries/content.ts';
import { findContractVersion } from '../db/queries/contract.ts';
import { countTrainingAttempts, findTrainingModule } from '../db/queries/enablement.ts';
import { lockPartner } from '../db/queries/partner.ts';
import { findPartnerSurvey } from '../db/queries/partner-survey.ts';
import type { TaskDataComposer } from './task-data.ts';

/** The application with its score, term by term. */
export const applicationData: TaskDataComposer = async (tx, { partnerId }) => {
  if (!partnerId) return {};
  const partner = await lockPartner(tx, partnerId);
  const survey = await findPartnerSurvey(tx, partnerId);
  const { name, type, country, channels, verticals } = partner;
  return {
    applicant: { name, type, country, channels, verticals },
    answers: survey?.answers ?? null,
    fitScore: survey?.fitScore ?? null,
    fit: survey?.fit ?? null,
    briefId: survey?.briefId ?? null,
  };
};

/** The version on offer: what is accepted, and where its PDF lies. */
export const contractData: TaskDataComposer = async (tx, { data }) => {
  const { contractId = '', version = 0 } = (data ?? {}) as { contractId?: string; version?: number };
  const row = await findContractVersion(tx, contractId, version);
  if (!row) return {};
  const { hash, terms, effectiveFrom } = row;
  const documentUrl = `/v1/contracts/${contractId}/versions/${version}/document`;
  return { contractId, version, hash, terms, documentUrl, ...(effectiveFrom !== null && { effectiveFrom }) };
};

/** The quiz without its right answers. */
export const trainingData: TaskDataComposer = async (tx, { partnerId, data }) => {
  const { moduleId = '' } = (data ?? {}) as { moduleId?: string };
  const module = await findTrainingModule(tx, moduleId);
  if (!module || !partnerId) return {};
  const { title, body, questions, passMark } = module;
  const attempt = (await countTrainingAttempts(tx, partnerId, moduleId)) + 1;
  return { moduleId, title, body, questions: withoutAnswers(questions), passMark, attempt };
};

/** The draft under review with what the automatic checks found. */
export const contentData: TaskDataComposer = async (tx, { subject, data }) => {
  const { round } = (data ?? {}) as { round?: number };
  if (round === undefined) return {};
  const content = await lockContent(tx, subject.id);
  const draft = await findContentRound(tx, subject.id, round);
  return {
    contentId: content.id,
    title: content.title,
    kind: content.kind,
    platform: content.platform,
    round,
    ...(draft?.draftUrl && { draftUrl: draft.draftUrl }),
    ...(draft?.text && { text: draft.text }),
    checks: draft?.checks ?? [],
  };
};
