import { emptyWeights, scaleToWeights } from '../brief/brief.ts';
import type { BriefWeights } from '../brief/brief.ts';
import type { SurveyAnswers, SurveyQuestion } from './question.ts';

/** How often one option was chosen; `share` is its part of those who answered the question at all. */
export interface OptionShare {
  optionId: string;
  count: number;
  share: number;
}

export interface QuestionShares {
  questionId: string;
  answered: number;
  options: OptionShare[];
}

/** The result of a survey per question. Of a multiple choice the shares may sum to more than 1. */
export function surveyShares(
  questions: readonly SurveyQuestion[],
  responses: readonly SurveyAnswers[],
): QuestionShares[] {
  return questions.map(({ id, options }) => {
    const answers = responses.map((response) => chosenIn(response, id)).filter((chosen) => chosen.length > 0);
    return {
      questionId: id,
      answered: answers.length,
      options: options.map((option) => {
        const count = answers.filter((chosen) => chosen.includes(option.id)).length;
        return { optionId: option.id, count, share: answers.length === 0 ? 0 : count / answers.length };
      }),
    };
  });
}

/** The brief that answers propose: every choice counts for the value that its option speaks for; the most chosen weighs 1. */
export function proposeBrief(questions: readonly SurveyQuestion[], responses: readonly SurveyAnswers[]): BriefWeights {
  const counts = emptyWeights();
  for (const { id, options } of questions) {
    for (const { id: optionId, speaksFor } of options) {
      if (!speaksFor) continue;
      const count = responses.filter((response) => chosenIn(response, id).includes(optionId)).length;
      const dimension = counts[speaksFor.dimension];
      const counted = Object.hasOwn(dimension, speaksFor.value) ? dimension[speaksFor.value]! : 0;
      dimension[speaksFor.value] = counted + count;
    }
  }
  return scaleToWeights(counts);
}

/** A question may be called `constructor`: what every object has is no answer to it. */
function chosenIn(response: SurveyAnswers, id: string): string[] {
  return Object.hasOwn(response, id) ? response[id]! : [];
}
