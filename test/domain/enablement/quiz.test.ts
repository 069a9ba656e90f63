import { describe, expect, it } from '@jest/globals';
import { readQuiz, scoreQuiz, withoutAnswers } from '../../../domain/enablement/quiz.ts';

const options = [
  { id: 'a', text: 'A' },
  { id: 'b', text: 'B' },
];
const quiz = readQuiz([1, 2, 3, 4, 5].map((n) => ({ id: `q${n}`, text: `Question ${n}`, options, correct: 'a' })));
const answers = (right: number) => Object.fromEntries(quiz.map(({ id }, index) => [id, index < right ? 'a' : 'b']));

describe('a quiz', () => {
  it('is passed at the mark, and not below it', () => {
    expect(scoreQuiz(quiz, answers(4), 80)).toEqual({ right: 4, of: 5, percent: 80, passed: true, wrong: ['q5'] });
    expect(scoreQuiz(quiz, answers(3), 80)).toMatchObject({ percent: 60, passed: false });
    expect(scoreQuiz(quiz.slice(0, 3), { q1: 'a', q2: 'a' }, 67)).toMatchObject({
      percent: 66,
      passed: false,
      wrong: ['q3'],
    });
    expect(scoreQuiz([], {}, 80).passed).toBe(true);
  });

  it('refuses answers to questions or options that are not there', () => {
    expect(() => scoreQuiz(quiz, { q9: 'a' }, 80)).toThrow(/data.answers.q9/);
    expect(() => scoreQuiz(quiz, { q1: 'z' }, 80)).toThrow(/data.answers.q1/);
    expect(() => scoreQuiz(quiz, null, 80)).toThrow(/object/);
  });

  it('shows partners no right answers', () => {
    expect(JSON.stringify(withoutAnswers(quiz))).not.toContain('correct');
  });

  it('needs a right option for every question', () => {
    expect(() => readQuiz([{ id: 'q', text: 't', options, correct: 'c' }])).toThrow(/questions.0.correct/);
  });
});
