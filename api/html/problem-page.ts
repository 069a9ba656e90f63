import type { Request } from 'express';
import { preferred } from '../media-type.ts';
import type { Problem } from '../problem.ts';
import { escapeHtml, htmlPage } from './frame.ts';

const FOR_PROGRAMS = /^\/(v1|health|metrics|openapi\.json)(\/|$)/;

/** Whether a person looks at the answer in a browser: they get a page, programs get the same as JSON. */
export function isForPeople(request: Request): boolean {
  return (
    (request.method === 'GET' || request.method === 'HEAD') &&
    !FOR_PROGRAMS.test(request.path) &&
    preferred(request, 'text/html') === 'text/html'
  );
}

/** A refusal in words, with the id to report. */
export function problemPage({ title, detail, requestId }: Problem): string {
  return htmlPage(
    title,
    `<p>${escapeHtml(detail)}</p><p class="note">Request ${escapeHtml(requestId)} · <a href="/docs">How the API works</a></p>`,
  );
}
