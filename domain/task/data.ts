import type { FieldFault } from '../errors.ts';
import { JsonReader, join } from '../json/reader.ts';
import { isInstant } from '../time/instant.ts';
import type { TaskKind } from './kinds.ts';

/** One field of a task's form. The console draws the form from it, the task's validator checks by it. */
export interface FormField {
  type: 'text' | 'texts' | 'integer' | 'boolean' | 'url' | 'instant' | 'country' | 'choice' | 'object' | 'any-object';
  required?: true;
  longest?: number;
  least?: number;
  most?: number;
  choices?: readonly string[];
  fields?: Form;
}
export type Form = Record<string, FormField>;

const text = (longest = 2_000): FormField => ({ type: 'text', longest });
const required = (field: FormField): FormField => ({ ...field, required: true });
const url: FormField = { type: 'url', longest: 2_000 };

const SIGNATURE: Form = {
  signatoryName: required(text(200)),
  signatoryTitle: text(200),
  acceptedVersion: required({ type: 'integer', least: 1, most: 1_000_000 }),
  acceptedHash: required(text(200)),
};
const COUNTER: Form = { changes: required({ type: 'any-object' }), message: required(text()) };
const HOLD: Form = { owner: text(100), until: { type: 'instant' } };
const TRIAGE: Form = { message: text(5_000), conversionId: text(100), policyId: text(100) };
/** One order is corrected by a fact: a touchpoint taken out, or one that was missing. */
const CORRECTION: Form = {
  ...TRIAGE,
  voidTouchpointId: text(100),
  addTouchpoint: {
    type: 'object',
    fields: {
      channel: required(text(64)),
      kind: required({ type: 'choice', choices: ['click', 'view', 'code', 'visit', 'event'] }),
      occurredAt: required({ type: 'instant' }),
    },
  },
};
const TRIAGE_MESSAGE: Form = { ...TRIAGE, message: required(text(5_000)) };

const SURVEY: Form = {
  answers: required({
    type: 'object',
    fields: {
      audienceSize: required({ type: 'integer', least: 0, most: 10_000_000_000 }),
      channels: required({ type: 'texts', longest: 50 }),
      verticals: required({ type: 'texts', longest: 50 }),
      regions: required({ type: 'texts', longest: 50 }),
      contentStyle: text(),
      priorPrograms: text(),
      motivation: text(),
    },
  }),
};

const PAYOUT_DETAILS: Form = {
  method: required({ type: 'choice', choices: ['sepa', 'sandbox'] }),
  accountHolder: required(text(140)),
  iban: text(42),
  account: text(100),
  taxCountry: required({ type: 'country' }),
  vatId: text(30),
  smallBusiness: { type: 'boolean' },
};

/** Of a kind whose outcomes all come without data. */
const NO_DATA: Record<string, Form> = {};

/** The data of each outcome (api.md §2); an outcome that is not named takes none. Every kind stands here, so that none is forgotten. */
export const TASK_FORMS: Readonly<Record<TaskKind, Readonly<Record<string, Form>>>> = {
  'partner.survey': { answered: SURVEY },
  'application.decision': { decline: { reapplyAfter: { type: 'instant' } } },
  'contract.signature': { sign: SIGNATURE, counter: COUNTER, refuse: {} },
  'contract.counter': { keep: { changes: { type: 'any-object' }, message: text() }, accept: { message: text() } },
  'contract.countersignature': {
    sign: SIGNATURE,
    revise: { changes: required({ type: 'any-object' }), message: text() },
  },
  'contract.amendment': {
    accept: {
      ...SIGNATURE,
      signatoryName: text(200),
      acceptedVersion: { type: 'integer', least: 1 },
      acceptedHash: text(),
    },
  },
  'enablement.training': { completed: { moduleId: required(text(100)), answers: required({ type: 'any-object' }) } },
  'enablement.payout-details': { submitted: PAYOUT_DETAILS },
  'enablement.stalled': NO_DATA,
  'payout-details.verification': NO_DATA,
  'content.review': { 'request-changes': { comments: { type: 'texts', longest: 50 } } },
  'content.revision': { resubmitted: { draftUrl: url, text: text(100_000) } },
  'content.publication': { published: { url: required(url), publishedAt: required({ type: 'instant' }) } },
  'settlement.approval': { hold: HOLD },
  'adjustment.approval': NO_DATA,
  'payout.release': { hold: HOLD },
  'payout.investigation': NO_DATA,
  'hold.review': NO_DATA,
  'reconciliation.difference': { correct: { message: text() } },
  'setting.approval': NO_DATA,
  'feedback.triage': {
    answer: TRIAGE_MESSAGE,
    ask: TRIAGE_MESSAGE,
    correct: CORRECTION,
    'review-policy': TRIAGE,
    decline: TRIAGE,
  },
  'feedback.information': { answered: { message: required(text(5_000)), evidence: { type: 'any-object' } } },
  'feedback.appeal': { uphold: { message: text(5_000) }, change: CORRECTION },
  'policy.approval': NO_DATA,
  'brief.approval': NO_DATA,
  'experiment.decision': NO_DATA,
  'mail.undeliverable': NO_DATA,
};

/** The form of an outcome's data; empty when it takes none. */
export function outcomeForm(kind: TaskKind, outcome: string): Form {
  return TASK_FORMS[kind][outcome] ?? {};
}

/** Faults of the data that comes with an outcome, with paths such as `data.answers.audienceSize`. Never throws. */
export function taskDataFaults(kind: TaskKind, outcome: string, data: unknown): FieldFault[] {
  const reader = new JsonReader();
  checkForm(reader, outcomeForm(kind, outcome), data ?? {}, 'data');
  return reader.faults;
}

function checkForm(reader: JsonReader, form: Form, value: unknown, path: string): void {
  const object = reader.object(value, path, Object.keys(form));
  if (!object) return;
  for (const [name, field] of Object.entries(form)) {
    const item = object[name];
    if (item !== undefined && item !== null) checkField(reader, field, item, join(path, name));
    else if (field.required) reader.fault(join(path, name), 'Give this field.');
  }
}

function checkField(reader: JsonReader, field: FormField, value: unknown, path: string): void {
  switch (field.type) {
    case 'text':
      return void reader.text(value, path, field.longest);
    case 'texts':
      return void reader.texts(value, path, field.longest);
    case 'integer':
      return void reader.integer(value, path, field.least ?? 0, field.most ?? Number.MAX_SAFE_INTEGER);
    case 'boolean':
      return void reader.boolean(value, path);
    case 'choice':
      return void reader.choice(value, path, field.choices ?? []);
    case 'url':
      if (!/^https?:\/\/[^\s/?#]+\S*$/.test(reader.text(value, path, field.longest) ?? '')) {
        reader.fault(path, 'Give a web address that starts with https://.');
      }
      return;
    case 'country':
      if (!/^[A-Z]{2}$/.test(String(value))) reader.fault(path, 'Give an ISO 3166-1 alpha-2 country such as DE.');
      return;
    case 'instant':
      if (typeof value !== 'string' || !isInstant(value)) {
        reader.fault(path, 'Give an RFC 3339 instant such as 2026-01-31T12:00:00Z, of the years 1900 to 9999.');
      }
      return;
    case 'object':
      return checkForm(reader, field.fields ?? {}, value, path);
    case 'any-object':
      if (typeof value !== 'object' || value === null || Array.isArray(value)) reader.fault(path, 'Give an object.');
      return;
  }
}
