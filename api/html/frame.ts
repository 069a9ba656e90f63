import { createHash } from 'node:crypto';

const CHARACTERS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const STYLE = `
:root { color-scheme: light dark }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1.25rem; color: #1a1a1a; background: #fff }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1.5rem } a { color: #0b4f9e }
fieldset { margin: 0 0 1.25rem; padding: .75rem 1rem 1rem; border: 1px solid #767676; border-radius: .4rem }
legend { font-weight: 600; padding: 0 .35rem } label { display: block; padding: .3rem 0 }
input { margin: 0 .5rem 0 0; width: 1.1rem; height: 1.1rem; vertical-align: -.15rem; accent-color: #0b4f9e }
button { font: inherit; padding: .55rem 1.75rem; border: 0; border-radius: .4rem; color: #fff; background: #0b4f9e; cursor: pointer }
:focus-visible { outline: 3px solid #e07b00; outline-offset: 2px } .note { color: #555; font-size: .9rem; overflow-wrap: anywhere }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #161616 } a { color: #8ec1ff } .note { color: #b5b5b5 } input { accent-color: #8ec1ff } }
`;

/** The policy of our own pages: the one style above, forms to ourselves, and nothing else may load or run. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Text as it stands in HTML, in an attribute too. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => CHARACTERS[character]!);
}

/** A page of ours with one heading; works without JavaScript, with a keyboard and a screen reader. @param body HTML, escaped by the caller */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`;
}
