import { JsonReader, join } from '../json/reader.ts';

/** A question of a training module; `correct` is the id of the right option, which only the team may see. */
export interface QuizQuestion {
  id: string;
  text: string;
  options: { id: string; text: string }[];
  correct: string;
}

/** The quiz as a partner sees it. */
export type OpenQuestion = Omit<QuizQuestion, 'correct'>;

export interface QuizResult {
  right: number;
  of: number;
  /** Percent, rounded down: 79.9 is not 80. */
  percent: number;
  passed: boolean;
  /** Questions that were answered wrongly or not at all. */
  wrong: string[];
}

/** @throws DomainError `invalid` naming each fault of the questions */
export function readQuiz(value: unknown, path = 'questions'): QuizQuestion[] {
  const reader = new JsonReader();
  const ids = new Set<unknown>();
  (reader.list(value, path) ?? []).forEach((item, index) => {
    const at = join(path, index);
    const question = reader.object(item, at, ['id', 'text', 'options', 'correct']);
    if (!question) return;
    if (ids.has(question.id)) reader.fault(join(at, 'id'), 'Give every id once.');
    ids.add(question.id);
    reader.fieldName(question.id, join(at, 'id'), 100);
    reader.text(question.text, join(at, 'text'), 1_000);
    const options = (reader.list(question.options, join(at, 'options'), 20) ?? []).map((option, no) => {
      const fields = reader.object(option, join(join(at, 'options'), no), ['id', 'text']);
      reader.text(fields?.text, join(join(join(at, 'options'), no), 'text'), 1_000);
      return reader.text(fields?.id, join(join(join(at, 'options'), no), 'id'), 100);
    });
    if (!options.includes(question.correct as string)) reader.fault(join(at, 'correct'), 'Give the id of an option.');
  });
  reader.assertNoFaults('The quiz');
  return value as QuizQuestion[];
}

export function withoutAnswers(questions: readonly QuizQuestion[]): OpenQuestion[] {
  return questions.map(({ id, text, options }) => ({ id, text, options }));
}

/**
 * Scores answers `{ [questionId]: optionId }` against a pass mark in percent; a module without questions is passed by reading it.
 * @throws DomainError `invalid` when an answer names a question or option that is not there
 */
export function scoreQuiz(questions: readonly QuizQuestion[], answers: unknown, passMark: number): QuizResult {
  const reader = new JsonReader();
  const given =
    reader.object(
      answers,
      'data.answers',
      questions.map(({ id }) => id),
    ) ?? {};
  for (const { id, options } of questions) {
    if (Object.hasOwn(given, id))
      reader.choice(
        given[id],
        join('data.answers', id),
        options.map((option) => option.id),
      );
  }
  reader.assertNoFaults('The answers');
  const wrong = questions.filter(({ id, correct }) => !Object.hasOwn(given, id) || given[id] !== correct);
  const right = questions.length - wrong.length;
  const percent = questions.length === 0 ? 100 : Math.floor((right * 100) / questions.length);
  return {
    right,
    of: questions.length,
    percent,
    passed: right * 100 >= passMark * questions.length,
    wrong: wrong.map(({ id }) => id),
  };
}
