import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Express } from 'express';
import { openApiDocument } from './openapi.ts';
import { ROUTES } from './routes/table.ts';

const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tandem API</title>
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
<link rel="stylesheet" href="/docs/page.css">
<link rel="icon" href="/docs/files/favicon-32x32.png">
</head>
<body>
<div id="docs"></div>
<noscript>This page needs JavaScript. The same in one file: <a href="/openapi.json">openapi.json</a>.</noscript>
<script src="/docs/files/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** The viewer's own colours are too pale to read for some; its list of servers has one entry and no label. */
const STYLE = `
.swagger-ui .info .title small { background: #4c6b00 }
.swagger-ui .info .title small.version-stamp { background: #3d5600 }
.swagger-ui .info .title small pre { color: #fff }
.swagger-ui .info .link .url, .swagger-ui .info .base-url { color: #0b4f9e }
.swagger-ui .btn.authorize { color: #12693f; border-color: #12693f }
.swagger-ui .btn.authorize svg { fill: #12693f }
.swagger-ui .servers, .swagger-ui .servers-title { display: none }
`;

/** A new Idempotency-Key for each POST that is tried, so that "try it" works without typing one. */
const START = `SwaggerUIBundle({
  url: '/openapi.json', dom_id: '#docs', deepLinking: true, docExpansion: 'none', filter: true, validatorUrl: null,
  persistAuthorization: false, tryItOutEnabled: true,
  requestInterceptor: (request) => {
    if (request.method === 'POST' && !request.headers['Idempotency-Key']) {
      request.headers['Idempotency-Key'] = crypto.randomUUID();
    }
    return request;
  },
});
`;

/** Serves `/openapi.json` and `/docs`, the page and its script from our own files: nothing is loaded from elsewhere. */
export function serveDocs(app: Express): void {
  const document = JSON.stringify(openApiDocument(ROUTES));
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  app.get('/openapi.json', (_request, response) => {
    response.type('application/json').send(document);
  });
  app.get('/docs', (_request, response) => {
    response.type('html').send(PAGE);
  });
  app.get('/docs/page.css', (_request, response) => {
    response.type('text/css').send(STYLE);
  });
  app.get('/docs/start.js', (_request, response) => {
    response.type('application/javascript').send(START);
  });
  for (const file of FILES) {
    app.get(`/docs/files/${file}`, (_request, response) => {
      response.sendFile(join(folder, file), { maxAge: '1h' });
    });
  }
}
