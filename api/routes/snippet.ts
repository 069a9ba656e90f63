import { createHash } from 'node:crypto';
import { route } from '../route.ts';
import { loadSnippet } from '../snippet/bundle.ts';

let loaded: Promise<{ code: string; etag: string }> | undefined;

async function load(): Promise<{ code: string; etag: string }> {
  const code = await loadSnippet();
  return { code, etag: `"${createHash('sha256').update(code).digest('base64url').slice(0, 27)}"` };
}

export const SNIPPET_ROUTES = [
  route({
    id: 'snippet.read',
    method: 'get',
    path: '/t.js',
    tag: 'Tracking',
    summary: 'The script for the pages of a site',
    roles: 'public',
    answer: { status: 200, mediaTypes: ['text/javascript'] },
    handle: async ({ request }) => {
      loaded ??= load();
      const { code, etag } = await loaded;
      const headers = {
        ETag: etag,
        // An hour, so that a new version is everywhere soon; a day longer while we are away.
        'Cache-Control': 'public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400',
        // Every site may load it, whatever its own policy of embedding.
        'Cross-Origin-Resource-Policy': 'cross-origin',
      };
      const isKnown = request.headers['if-none-match'] === etag;
      return isKnown
        ? { status: 304, bytes: '', mediaType: 'text/javascript', headers }
        : { status: 200, bytes: code, mediaType: 'text/javascript', headers };
    },
  }),
];
