import { JsonReader, join } from '../json/reader.ts';
import { BRIEF_DIMENSIONS } from '../brief/brief.ts';
import type { BriefDimension } from '../brief/brief.ts';

/** One option of a question; `speaksFor` says which weight of a brief an answer counts towards. */
export interface SurveyOption {
  id: string;
  text: string;
  speaksFor?: { dimension: BriefDimension; value: string };
}

export interface SurveyQuestion {
  id: string;
  text: string;
  kind: 'single' | 'multiple';
  options: SurveyOption[];
}

/** One response: the chosen options of each question; a question that was skipped is not there. */
export type SurveyAnswers = Record<string, string[]>;

const MOST_QUESTIONS = 50;
const MOST_OPTIONS = 50;

/** @throws DomainError `invalid` naming each fault of the questions */
export function readQuestions(value: unknown, path = 'questions'): SurveyQuestion[] {
  const reader = new JsonReader();
  const questions = reader.list(value, path, MOST_QUESTIONS) ?? [];
  if (questions.length === 0) reader.fault(path, 'Give at least one question.');
  const ids = new Set<unknown>();
  questions.forEach((item, index) => {
    const question = reader.object(item, join(path, index), ['id', 'text', 'kind', 'options']);
    if (!question) return;
    checkId(reader, question, ids, join(path, index));
    reader.choice(question.kind, join(join(path, index), 'kind'), ['single', 'multiple']);
    checkOptions(reader, question.options, join(join(path, index), 'options'));
  });
  reader.assertNoFaults('The survey');
  return value as SurveyQuestion[];
}

function checkOptions(reader: JsonReader, value: unknown, path: string): void {
  const options = reader.list(value, path, MOST_OPTIONS) ?? [];
  if (options.length < 2) reader.fault(path, 'Give at least two options.');
  const ids = new Set<unknown>();
  options.forEach((item, index) => {
    const option = reader.object(item, join(path, index), ['id', 'text', 'speaksFor']);
    if (!option) return;
    checkId(reader, option, ids, join(path, index));
    if (option.speaksFor === undefined) return;
    const at = join(join(path, index), 'speaksFor');
    const speaks = reader.object(option.speaksFor, at, ['dimension', 'value']);
    if (!speaks) return;
    reader.choice(speaks.dimension, join(at, 'dimension'), BRIEF_DIMENSIONS);
    reader.fieldName(speaks.value, join(at, 'value'), 100);
  });
}

function checkId(reader: JsonReader, item: Record<string, unknown>, ids: Set<unknown>, path: string): void {
  reader.fieldName(item.id, join(path, 'id'), 100);
  reader.text(item.text, join(path, 'text'), 1_000);
  if (ids.has(item.id)) reader.fault(join(path, 'id'), 'Give every id once.');
  ids.add(item.id);
}

/** @throws DomainError `invalid` when an answer names a question or option that is not there, or two where one is allowed */
export function readAnswers(questions: readonly SurveyQuestion[], value: unknown, path = 'answers'): SurveyAnswers {
  const reader = new JsonReader();
  const answers =
    reader.object(
      value,
      path,
      questions.map(({ id }) => id),
    ) ?? {};
  for (const { id, kind, options } of questions) {
    if (!Object.hasOwn(answers, id)) continue;
    const chosen = reader.texts(answers[id], join(path, id), MOST_OPTIONS) ?? [];
    if (kind === 'single' && chosen.length > 1) reader.fault(join(path, id), 'Choose one option.');
    if (new Set(chosen).size !== chosen.length) reader.fault(join(path, id), 'Choose every option once.');
    const known = options.map((option) => option.id);
    for (const option of chosen) {
      if (!known.includes(option))
        reader.fault(join(path, id), `"${option.slice(0, 50)}" is no option of this question.`);
    }
  }
  reader.assertNoFaults('The answers');
  return answers as SurveyAnswers;
}
