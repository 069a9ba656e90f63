import type { Survey } from '../../db/queries/survey.ts';
import { escapeHtml, htmlPage } from './frame.ts';

/** The form of an open survey. */
export function surveyForm({ title, questions }: Pick<Survey, 'title' | 'questions'>): string {
  const fields = questions.map(({ id, text, kind, options }) => {
    const type = kind === 'single' ? 'radio' : 'checkbox';
    const inputs = options.map(
      (option) =>
        `<label><input type="${type}" name="${escapeHtml(id)}" value="${escapeHtml(option.id)}"> ${escapeHtml(option.text)}</label>`,
    );
    return `<fieldset><legend>${escapeHtml(text)}</legend>${inputs.join('')}</fieldset>`;
  });
  return htmlPage(title, `<form method="post">${fields.join('')}<button type="submit">Send</button></form>`);
}

/** A page with one message: thanks, or why it cannot be answered. */
export function surveyMessage(title: string, message: string): string {
  return htmlPage(title, `<p role="status">${escapeHtml(message)}</p>`);
}
