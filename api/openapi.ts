import { z } from 'zod';
import { createDocument } from 'zod-openapi';
import type {
  ZodOpenApiContentObject,
  ZodOpenApiOperationObject,
  ZodOpenApiPathsObject,
  ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { problemTitles } from './problem.ts';
import type { Route } from './route.ts';

const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'Why a request was refused, and what to do next.' });

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/)
  .meta({ description: 'Repeating a request with the same key gives the same answer; nothing happens twice.' });

/** The OpenAPI 3.1 document of a table of routes, made from the contracts that validate. */
export function openApiDocument(routes: readonly Route[]): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Tandem',
      version: '1',
      description:
        'Runs a partner programme: journeys, tasks, attribution, money. Send an API key as a bearer token; every POST but those of event intake needs an Idempotency-Key.',
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }, { session: [] }],
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key `tk_…`.' },
        session: { type: 'apiKey', in: 'cookie', name: 'tandem_session' },
      },
    },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
  });
}

function operation(route: Route): ZodOpenApiOperationObject {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const path = names.length > 0 ? z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) : undefined;
  const isPublic = route.roles === 'public';
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(isPublic ? { security: [] } : { description: `Roles: ${(route.roles as readonly string[]).join(', ')}.` }),
    requestParams: {
      ...(path ? { path } : {}),
      ...(route.query && Object.keys(route.query.shape).length > 0 ? { query: route.query } : {}),
      ...(route.idempotent ? { header: z.object({ 'Idempotency-Key': idempotencyKey }) } : {}),
    },
    ...(route.body
      ? {
          requestBody: {
            required: true,
            content: { [route.rawBody ? 'application/octet-stream' : 'application/json']: { schema: route.body } },
          },
        }
      : {}),
    responses: responses(route),
  };
}

function responses(route: Route): ZodOpenApiResponsesObject {
  const { status, schema, mediaTypes, description } = route.answer;
  const content: ZodOpenApiContentObject = {};
  if (schema) content['application/json'] = { schema };
  for (const mediaType of mediaTypes ?? []) content[mediaType] = {};
  const all: ZodOpenApiResponsesObject = {};
  all[String(status) as '200'] = {
    description: description ?? route.summary,
    ...(Object.keys(content).length ? { content } : {}),
  };
  for (const { status: refused, title } of problemTitles()) {
    if (refused === 503 && route.path.startsWith('/health')) continue;
    all[String(refused) as '400'] = {
      description: title,
      content: { 'application/problem+json': { schema: problem } },
    };
  }
  return all;
}
