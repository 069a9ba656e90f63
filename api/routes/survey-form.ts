import { text } from 'express';
import type { Request } from 'express';
import { DomainError } from '../../domain/errors.ts';
import { readAnswers } from '../../domain/survey/question.ts';
import type { SurveyAnswers } from '../../domain/survey/question.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { matchesHash, programOfSecret, rowSuffixOfSecret } from '../../db/secret.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { findSurvey, insertSurveyResponse } from '../../db/queries/survey.ts';
import type { Survey } from '../../db/queries/survey.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { ApiDeps } from '../deps.ts';
import { openSurvey, surveyAnswer } from '../contracts/listening.ts';
import { PAGE_POLICY } from '../html/frame.ts';
import { surveyForm, surveyMessage } from '../html/survey-page.ts';
import { jsonReader } from '../json-body.ts';
import { preferred } from '../media-type.ts';
import { toProblem } from '../problem.ts';
import { ok, route } from '../route.ts';
import type { Answer } from '../route.ts';
import { validate } from '../validate.ts';

const LIMIT_BYTES = 100 * 1_024;
const readJson = jsonReader({ limit: LIMIT_BYTES });
const readText = text({ limit: LIMIT_BYTES, type: 'application/x-www-form-urlencoded' });
const FORM = 'application/x-www-form-urlencoded';
/** The address holds the survey's token: no page that is linked from here, and no cache, learns it. */
const PAGE_HEADERS = {
  'Content-Security-Policy': PAGE_POLICY,
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

export const SURVEY_FORM_ROUTES = [
  route({
    id: 'survey-form.show',
    method: 'get',
    path: '/surveys/{token}',
    tag: 'Listening',
    summary: 'An open survey: a page with a form, or its questions as JSON',
    roles: 'public',
    rateLimited: true,
    answer: { status: 200, schema: openSurvey, mediaTypes: ['application/json', 'text/html'] },
    handle: async ({ deps, request, params }) => {
      if (!isForPeople(request)) {
        const { title, questions } = (await openSurveyOf(deps, params.token)).survey;
        return ok({ title, questions });
      }
      return asPage(async () => surveyForm((await openSurveyOf(deps, params.token)).survey));
    },
  }),
  route({
    id: 'survey-form.answer',
    method: 'post',
    path: '/surveys/{token}',
    tag: 'Listening',
    summary: 'Answers an open survey, as a form or as JSON `{ answers: { [questionId]: optionId or [optionId] } }`',
    roles: 'public',
    rateLimited: true,
    rawBody: true,
    answer: { status: 201, mediaTypes: ['application/json', 'text/html'] },
    handle: async ({ deps, request, params, seed }) => {
      const isForm = request.is(FORM) !== false && request.is(FORM) !== null;
      const store = async () => {
        const { programId, survey } = await openSurveyOf(deps, params.token);
        const given = isForm ? await formAnswers(request, survey) : await jsonAnswers(request);
        const answers = readAnswers(survey.questions, given.answers);
        const id = idFromSuffix('response', seed);
        await inTransaction(deps.pool, programId, async (tx) => {
          await insertSurveyResponse(tx, { id, surveyId: survey.id, answers, language: given.language ?? null });
          const subject = { type: 'survey', id: survey.id };
          await recordEvent(tx, {
            kind: 'survey.answered',
            actor: { kind: 'customer' },
            subject,
            at: new Date().toISOString(),
          });
        });
        return survey;
      };
      if (isForm)
        return asPage(async () => surveyMessage((await store()).title, 'Thank you. Your answers were received.'), 201);
      await store();
      return { status: 201, body: { received: true } };
    },
  }),
];

function isForPeople(request: Request): boolean {
  return preferred(request, 'text/html') === 'text/html';
}

/** @throws DomainError `not-found` for a link that nobody was given, `illegal-transition` once the survey is closed */
async function openSurveyOf(deps: ApiDeps, token: string): Promise<{ programId: string; survey: Survey }> {
  const programId = programOfSecret(token);
  const suffix = rowSuffixOfSecret(token, 'tv');
  const survey =
    programId && suffix
      ? await inTransaction(deps.pool, programId, (tx) => findSurvey(tx, idFromSuffix('survey', suffix)))
      : undefined;
  if (!programId || !survey || !matchesHash(token, survey.linkHash)) {
    throw new DomainError('not-found', 'There is no survey behind this link.');
  }
  if (survey.state === 'closed') throw new DomainError('illegal-transition', 'This survey is closed. Thank you.');
  return { programId, survey };
}

/** A refusal is a page too where a person looks. */
async function asPage(make: () => Promise<string>, status = 200): Promise<Answer> {
  try {
    return { status, bytes: await make(), mediaType: 'text/html', headers: PAGE_HEADERS };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const refused = toProblem(error, '');
    const bytes = surveyMessage(refused.body.title, error.message);
    return { status: refused.status, bytes, mediaType: 'text/html', headers: PAGE_HEADERS };
  }
}

async function jsonAnswers(request: Request): Promise<{ answers: SurveyAnswers; language?: string }> {
  const { answers, language } = validate(surveyAnswer, (await readJson(request)) ?? {});
  const lists = Object.entries(answers).map(([id, chosen]) => [id, Array.isArray(chosen) ? chosen : [chosen]] as const);
  return { answers: Object.fromEntries(lists), language };
}

/** Fields of a form carry the question's id as their name; questions without a choice send none. */
async function formAnswers(request: Request, survey: Survey): Promise<{ answers: SurveyAnswers; language?: string }> {
  await readForm(request);
  const fields = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
  const answered = survey.questions
    .filter(({ id }) => fields.has(id))
    .map(({ id }) => [id, fields.getAll(id)] as const);
  const [language] = request.acceptsLanguages();
  return {
    answers: Object.fromEntries(answered),
    ...(language && language !== '*' ? { language: language.slice(0, 35) } : {}),
  };
}

async function readForm(request: Request): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    readText(request, request.res!, (error?: { type?: string }) => {
      if (!error) return resolve();
      const isLarge = error.type === 'entity.too.large';
      reject(
        new DomainError(
          isLarge ? 'too-large' : 'malformed',
          isLarge ? 'The answers are too long.' : 'The answers cannot be read.',
        ),
      );
    });
  });
}
