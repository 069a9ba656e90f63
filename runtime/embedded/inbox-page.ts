import { createHash } from 'node:crypto';
import type { CaughtMail } from './mail-store.ts';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }
  table { width: 100%; border-collapse: collapse; margin-top: 1rem } th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #ccc }
  td:last-child, th:last-child { white-space: nowrap } a { color: #0b4f9e } pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f4; padding: 1rem }
  iframe { width: 100%; height: 36rem; border: 1px solid #ccc } dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem } dt { font-weight: 600 } dd { margin: 0 }`;

/** The policy of the inbox's own pages: this style, the frame of a mail, the form; nothing else may load or run. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
].join('; ');

/** Makes any text safe inside HTML text and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The list of mails, newest first, with a field to look for one address. */
export function renderInbox(mails: CaughtMail[], to: string): string {
  const rows = mails.map(
    (mail) =>
      `<tr><td><a href="/mails/${escapeHtml(mail.id)}">${escapeHtml(mail.subject || '(no subject)')}</a></td>` +
      `<td>${escapeHtml(mail.to)}</td><td><time>${escapeHtml(mail.receivedAt)}</time></td></tr>`,
  );
  const table =
    rows.length === 0
      ? '<p>No mail yet.</p>'
      : `<table><thead><tr><th>Subject</th><th>To</th><th>Received (UTC)</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  return page(
    'Inbox',
    `<h1>Inbox</h1><p>Every mail that the local stack sends ends here and nowhere else.</p>
    <form><label>Address <input name="to" type="search" value="${escapeHtml(to)}"></label> <button>Show</button></form>${table}`,
  );
}

/** One mail: its heads, its plain text, and its HTML in a frame that can run nothing. */
export function renderMail(mail: CaughtMail): string {
  const frame =
    mail.html === null
      ? ''
      : `<h2>As HTML</h2><iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mails/${escapeHtml(mail.id)}/html"></iframe>`;
  return page(
    mail.subject,
    `<p><a href="/">Inbox</a></p><h1>${escapeHtml(mail.subject || '(no subject)')}</h1>
    <dl><dt>From</dt><dd>${escapeHtml(mail.from)}</dd><dt>To</dt><dd>${escapeHtml(mail.to)}</dd>
    <dt>Received</dt><dd>${escapeHtml(mail.receivedAt)}</dd></dl>
    <h2>As text</h2><pre>${linkUrls(escapeHtml(mail.text))}</pre>${frame}`,
  );
}

/** Web addresses in escaped text become links; nothing else does. An escaped quote or bracket (`&#…`) ends one. */
function linkUrls(escaped: string): string {
  return escaped.replace(
    /https?:\/\/(?:(?!&#(?:60|62|34|39);)[^\s])+/g,
    (url) => `<a href="${url}" rel="noreferrer">${url}</a>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} · Tandem mail</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`;
}
