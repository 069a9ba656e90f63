import { randomUUID } from 'node:crypto';

/** What the API answered when it refused; `code` and `errors` as in its problem bodies. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problem: Record<string, unknown>;

  constructor(status: number, problem: Record<string, unknown>, request: string) {
    super(
      `${request} answered ${status}: ${String(problem.detail ?? problem.title ?? 'no detail')} ${JSON.stringify(problem.errors ?? '')}`,
    );
    this.name = 'ApiError';
    this.status = status;
    this.code = String(problem.code ?? '');
    this.problem = problem;
  }
}

export interface RequestOptions {
  /** Reuse it to repeat a request safely; a new one is made for every POST without. */
  idempotencyKey?: string;
}

/** A client for scripts, demos and tests: JSON in, JSON out, refusals thrown as ApiError, what passes (429, 503, still running) repeated under the same key. */
export interface ApiClient {
  get<T = any>(path: string): Promise<T>;
  post<T = any>(path: string, body?: unknown, options?: RequestOptions): Promise<T>;
  patch<T = any>(path: string, body: unknown): Promise<T>;
  put<T = any>(path: string, body: unknown): Promise<T>;
  /** The raw answer, for tests of status and headers. */
  fetch(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Response>;
}

/** A server that is away is asked again for about a minute. */
const MAX_ATTEMPTS = 60;
/** Answers that say: the same request, a little later. */
const isPassing = (status: number, answer: Record<string, unknown>) =>
  status === 429 || status === 503 || answer.code === 'idempotency-running';

/** @param apiKey `tk_…`, or undefined for public routes */
export function createApiClient(baseUrl: string, apiKey?: string): ApiClient {
  const raw = (method: string, path: string, body: unknown, key: string | undefined) =>
    fetch(new URL(path, baseUrl), {
      method,
      redirect: 'manual',
      headers: {
        ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key ? { 'idempotency-key': key } : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });

  async function call<T>(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    const key = options.idempotencyKey ?? (method === 'POST' ? randomUUID() : undefined);
    for (let attempt = 1; ; attempt += 1) {
      const response = await raw(method, path, body, key);
      const text = await response.text();
      const answer = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
      if (response.ok) return answer as T;
      if (!isPassing(response.status, answer) || attempt === MAX_ATTEMPTS)
        throw new ApiError(response.status, answer, `${method} ${path}`);
      await new Promise((resolve) => setTimeout(resolve, 1000 * Number(response.headers.get('retry-after') ?? 1)));
    }
  }

  return {
    get: (path) => call('GET', path),
    post: (path, body = {}, options) => call('POST', path, body, options),
    patch: (path, body) => call('PATCH', path, body),
    put: (path, body) => call('PUT', path, body),
    fetch: (method, path, body, options = {}) =>
      raw(method, path, body, options.idempotencyKey ?? (method === 'POST' ? randomUUID() : undefined)),
  };
}
