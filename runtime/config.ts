import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { BinarySettings, TemporalKind } from './embedded/temporal-binary.ts';

const port = z.coerce.number().int().min(1).max(65_535);

/** Every setting of a process, by the name of its variable. `.env.example` explains each in a sentence. */
const schema = z.object({
  TANDEM_ENV: z.enum(['production', 'development', 'test']).default('development'),
  DATABASE_URL: z.string().startsWith('postgres').optional(),
  MIGRATION_DATABASE_URL: z.string().startsWith('postgres').optional(),
  PROVISION_DATABASE_URL: z.string().startsWith('postgres').optional(),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(200).default(10),
  TEMPORAL_ADDRESS: z.string().min(1).optional(),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TASK_QUEUE_PREFIX: z.string().max(60).default(''),
  WORKER_QUEUES: z.string().default('journeys,attribution,money,mail'),
  WORKER_BUILD_ID: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be of letters, digits, _ and -')
    .optional(),
  SMTP_URL: z.string().startsWith('smtp').optional(),
  MAIL_FROM: z.email().default('programme@tandem.localhost'),
  API_HOST: z.string().default('127.0.0.1'),
  API_PORT: port.default(3000),
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  PUBLIC_URL: z.url().optional(),
  TANDEM_SECRET: z.string().min(32).optional(),
  PAYOUT_PROVIDER_URL: z.url().optional(),
  PAYOUT_PROVIDER_SECRET: z.string().min(16).optional(),
  PAYOUT_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'must be `whsec_` and at least 24 bytes in base64')
    .optional(),
  TANDEM_DATA_DIR: z
    .string()
    .min(1)
    .default(join(homedir(), '.local', 'state', 'tandem')),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type Config = z.infer<typeof schema>;

/**
 * Reads the environment once. All faults are told together, each by the name of its variable.
 * @throws Error with one line per faulty variable
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const result = schema.safeParse(env);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The settings are not usable:\n${lines.join('\n')}\nSee .env.example for what each one means.`);
}

/** Returns a setting that this process cannot do without, or says which variable is missing. */
export function requireSetting<K extends keyof Config>(config: Config, name: K): NonNullable<Config[K]> {
  const value = config[name];
  if (value === undefined || value === null) {
    throw new Error(`${name} is not set. Run \`npm start\` for the embedded stack, or set it (see .env.example).`);
  }
  return value;
}

/** The environment of a child process: ours plus what it is given, so that nobody else has to read `process.env`. */
export function childEnvironment(added: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...added };
}

/** Where Temporal's programs may lie on this machine, and where we keep the ones that we fetched. */
export function readBinarySettings(kind: TemporalKind, env: NodeJS.ProcessEnv = process.env): BinarySettings {
  return {
    explicitPath: (kind === 'cli' ? env.TEMPORAL_CLI_PATH : env.TEMPORAL_TEST_SERVER_PATH) || undefined,
    environment: env,
    cacheDir: join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tandem'),
  };
}

/** The variables of Temporal's own environment configuration, by name. */
export function readTemporalEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const entries = Object.entries(env).filter(([name, value]) => name.startsWith('TEMPORAL_') && value);
  return Object.fromEntries(entries) as Record<string, string>;
}
