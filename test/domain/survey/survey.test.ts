import { describe, expect, it } from '@jest/globals';
import { readQuiz } from '../../../domain/enablement/quiz.ts';
import { readAnswers, readQuestions } from '../../../domain/survey/question.ts';
import type { SurveyAnswers } from '../../../domain/survey/question.ts';
import { proposeBrief, surveyShares } from '../../../domain/survey/shares.ts';

const questions = readQuestions([
  {
    id: 'where',
    text: 'Where did you learn about us?',
    kind: 'multiple',
    options: [
      { id: 'video', text: 'A video channel', speaksFor: { dimension: 'channel', value: 'video' } },
      { id: 'blog', text: 'A blog', speaksFor: { dimension: 'channel', value: 'blog' } },
      { id: 'own', text: 'Your own pages' },
    ],
  },
  {
    id: 'who',
    text: 'Who told you?',
    kind: 'single',
    options: [
      { id: 'a', text: 'A creator', speaksFor: { dimension: 'type', value: 'creator' } },
      { id: 'b', text: 'Nobody' },
    ],
  },
]);

describe('an audience survey', () => {
  it('counts shares of those who answered, and proposes a brief from them', () => {
    const responses: SurveyAnswers[] = [
      { where: ['video', 'blog'], who: ['a'] },
      { where: ['video'] },
      { where: ['own'], who: ['b'] },
      {},
    ];
    const shares = surveyShares(questions, responses);
    expect(shares[0]).toEqual({
      questionId: 'where',
      answered: 3,
      options: [
        { optionId: 'video', count: 2, share: 2 / 3 },
        { optionId: 'blog', count: 1, share: 1 / 3 },
        { optionId: 'own', count: 1, share: 1 / 3 },
      ],
    });
    expect(proposeBrief(questions, responses)).toEqual({
      type: { creator: 1 },
      channel: { blog: 0.5, video: 1 },
      vertical: {},
      market: {},
    });
    expect(proposeBrief(questions, [])).toEqual({ type: {}, channel: {}, vertical: {}, market: {} });
  });

  it.each([
    [{ where: ['radio'] }, /no option/],
    [{ who: ['a', 'b'] }, /Choose one/],
    [{ where: ['video', 'video'] }, /once/],
    [{ when: ['a'] }, /answers.when/],
    [{ who: 'a' }, /list/],
  ])('refuses the answers %j', (answers, message) => {
    expect(() => readAnswers(questions, answers)).toThrow(message);
  });

  it('counts questions and values that are called like what every object has', () => {
    const [option, other] = ['yes', 'no'].map((id) => ({ id, text: id }));
    const speaking = { ...option!, speaksFor: { dimension: 'channel', value: 'constructor' } };
    const odd = readQuestions([
      { id: 'constructor', text: 'Who?', kind: 'single', options: [speaking, other] },
      { id: 'valueOf', text: 'What?', kind: 'single', options: [speaking, other] },
    ]);
    const responses: SurveyAnswers[] = [{ constructor: ['yes'] }, {}] as never;
    expect(surveyShares(odd, responses).map(({ answered }) => answered)).toEqual([1, 0]);
    expect(proposeBrief(odd, responses).channel).toEqual({ constructor: 1 });
  });

  it('refuses the one name that no answer and no brief can have', () => {
    const options = [
      { id: 'a', text: 'A', speaksFor: { dimension: 'channel', value: '__proto__' } },
      { id: 'b', text: 'B' },
    ];
    const paths = ['questions.0.id', 'questions.0.options.0.speaksFor.value'];
    expect(() => readQuestions([{ id: '__proto__', text: 'Q', kind: 'single', options }])).toThrow(
      expect.objectContaining({ details: { errors: paths.map((path) => expect.objectContaining({ path })) } }),
    );
    const question = { id: '__proto__', text: 'Q', options: [{ id: 'a', text: 'A' }], correct: 'a' };
    expect(() => readQuiz([question])).toThrow(/questions\.0\.id: No field can be called __proto__/);
  });

  it('refuses questions without choice, or with one id twice', () => {
    expect(() => readQuestions([])).toThrow(/at least one question/);
    expect(() => readQuestions([{ id: 'a', text: 'b', kind: 'single', options: [{ id: 'x', text: 'y' }] }])).toThrow(
      /two options/,
    );
    expect(() => readQuestions([questions[0], questions[0]])).toThrow(/once/);
  });
});
