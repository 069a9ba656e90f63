import type { LevelWithSilent, Logger as PinoLogger } from 'pino';
import { pino, stdSerializers } from 'pino';

export type Logger = PinoLogger;

/** Keys whose value never reaches a log, at the top and up to three levels down. */
const HIDDEN_KEYS = [
  ...['password', 'secret', 'apiKey', 'token', 'authorization', 'cookie', 'signInUrl', 'passwordHash'],
  ...['email', 'iban', 'account', 'accountHolder', 'address', 'vatId', 'to'],
];

const PATHS = ['', '*.', '*.*.', '*.*.*.'].flatMap((prefix) => HIDDEN_KEYS.map((key) => `${prefix}${key}`));

const HEADERS = ['authorization', 'cookie', 'set-cookie', 'idempotency-key'].flatMap((name) => [
  `req.headers["${name}"]`,
  `res.headers["${name}"]`,
]);

/** Shapes of secrets and addresses in free text: the message of an error often carries a URL or a mail address. */
const SHAPES: [RegExp, string][] = [
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]+@/gi, '$1:[hidden]@'],
  [/\b(tk_|whsec_)[A-Za-z0-9_=+/-]+/g, '$1[hidden]'],
  [/\bBearer\s+\S+/gi, 'Bearer [hidden]'],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '[address]'],
  [/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g, '[iban]'],
];

/** Takes passwords in URLs, tokens, mail addresses and IBANs out of a text. */
export function scrub(text: string): string {
  return SHAPES.reduce((scrubbed, [shape, instead]) => scrubbed.replace(shape, instead), text);
}

export interface LoggerOptions {
  level?: LevelWithSilent;
  /** Where the lines go; standard output when absent. */
  destination?: { write(line: string): void };
}

/**
 * A logger that writes one JSON object a line. Personal data and secrets are hidden by key (`HIDDEN_KEYS`)
 * and, in messages and errors, by shape.
 * @param name the process: `api`, `worker`, `provider`, …
 */
export function createLogger(name: string, options: LoggerOptions = {}): Logger {
  return pino(
    {
      name,
      level: options.level ?? 'info',
      base: { name, pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...PATHS, ...HEADERS], censor: '[hidden]' },
      serializers: { err: scrubError, error: scrubError },
      hooks: {
        logMethod(args, method) {
          const scrubbed = args.map((arg) => (typeof arg === 'string' ? scrub(arg) : arg));
          method.apply(this, scrubbed as Parameters<typeof method>);
        },
      },
    },
    options.destination ?? process.stdout,
  );
}

/** Anything can be thrown, and the SDK logs what it was given: a log line must never throw itself. */
function scrubError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? scrub(error) : error;
  const plain = stdSerializers.err(error);
  return { ...plain, message: scrub(String(plain.message)), stack: scrub(String(plain.stack)) };
}
