import { describe, expect, it } from '@jest/globals';
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

  it('refuses questions without choice, or with one id twice', () => {
    expect(() => readQuestions([])).toThrow(/at least one question/);
    expect(() => readQuestions([{ id: 'a', text: 'b', kind: 'single', options: [{ id: 'x', text: 'y' }] }])).toThrow(
      /two options/,
    );
    expect(() => readQuestions([questions[0], questions[0]])).toThrow(/once/);
  });
});
