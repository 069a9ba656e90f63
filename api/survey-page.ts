import type { Survey } from '../db/queries/survey.ts';

const CHARACTERS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it stands in HTML, in an attribute too. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => CHARACTERS[character]!);
}

/** The form of an open survey: works without JavaScript, with a keyboard and a screen reader. */
export function surveyForm({ title, questions }: Pick<Survey, 'title' | 'questions'>): string {
  const fields = questions.map(({ id, text, kind, options }) => {
    const type = kind === 'single' ? 'radio' : 'checkbox';
    const inputs = options.map(
      (option) =>
        `<label><input type="${type}" name="${escapeHtml(id)}" value="${escapeHtml(option.id)}"> ${escapeHtml(option.text)}</label>`,
    );
    return `<fieldset><legend>${escapeHtml(text)}</legend>${inputs.join('')}</fieldset>`;
  });
  return surveyPage(title, `<form method="post">${fields.join('')}<button type="submit">Send</button></form>`);
}

/** A page with one message: thanks, or why it cannot be answered. */
export function surveyMessage(title: string, message: string): string {
  return surveyPage(title, `<p role="status">${escapeHtml(message)}</p>`);
}

function surveyPage(title: string, body: string): string {
  const style =
    'body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}fieldset{margin:0 0 1rem}label{display:block;padding:.25rem 0}button{font:inherit;padding:.5rem 1.5rem}';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`;
}
