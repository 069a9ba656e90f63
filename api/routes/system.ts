import { z } from 'zod';
import { shown } from '../contracts/answer.ts';
import { readiness } from '../health.ts';
import { ok, route } from '../route.ts';

const part = z.string().describe('`ok`, or what is missing');

export const SYSTEM_ROUTES = [
  route({
    id: 'health.live',
    method: 'get',
    path: '/health/live',
    tag: 'System',
    summary: 'Whether the process runs',
    roles: 'public',
    answer: { status: 200, schema: shown({ status: z.literal('ok') }) },
    handle: async () => ok({ status: 'ok' }),
  }),
  route({
    id: 'health.ready',
    method: 'get',
    path: '/health/ready',
    tag: 'System',
    summary: 'Whether database, Temporal and worker are there; 503 names what is missing',
    roles: 'public',
    answer: {
      status: 200,
      schema: shown({ status: z.string(), database: part, temporal: part, worker: part, clicks: part }),
    },
    handle: async ({ deps }) => {
      const { isReady, parts } = await readiness(deps);
      if (isReady) return ok({ status: 'ok', ...parts });
      return { status: 503, body: { status: 'not ready', ...parts }, headers: { 'Retry-After': '2' } };
    },
  }),
  route({
    id: 'metrics.read',
    method: 'get',
    path: '/metrics',
    tag: 'System',
    summary: 'Figures for Prometheus',
    roles: 'public',
    answer: { status: 200, mediaTypes: ['text/plain'] },
    handle: async ({ deps }) => ({
      status: 200,
      bytes: await deps.registry.metrics(),
      mediaType: deps.registry.contentType,
    }),
  }),
];
