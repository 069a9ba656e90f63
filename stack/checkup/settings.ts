import type { Config } from '../../runtime/config.ts';
import type { Finding } from './finding.ts';
import { advice, fault, ok } from './finding.ts';

/** A secret as examples and tutorials have it. */
const DEFAULT_SECRET = /change.?me|example|secret|password|^(.)\1+$|tandem-?dev/i;

const SECRETS = ['TANDEM_SECRET', 'PAYOUT_PROVIDER_SECRET', 'PAYOUT_WEBHOOK_SECRET'] as const;
const PRODUCTION = ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'SMTP_URL', 'PUBLIC_URL', 'TANDEM_SECRET'] as const;

/** What the settings alone tell: what production lacks, and which secrets everybody knows. */
export function examineSettings(config: Config): Finding[] {
  if (config.TANDEM_ENV !== 'production') {
    return [ok('settings', `TANDEM_ENV is ${config.TANDEM_ENV}: secrets and servers may be local ones.`)];
  }
  const findings: Finding[] = [];
  for (const name of PRODUCTION) {
    if (!config[name])
      findings.push(fault('settings', `${name} is not set, and production cannot do without it (.env.example).`));
  }
  for (const name of SECRETS) {
    const value = config[name];
    if (value && DEFAULT_SECRET.test(decode(value))) {
      findings.push(fault('settings', `${name} is a value from an example. Make one: openssl rand -base64 32`));
    }
  }
  if (config.PUBLIC_URL?.startsWith('http:')) {
    findings.push(
      fault('settings', 'PUBLIC_URL is http: sign-in links and cookies would travel in the clear. Put TLS in front.'),
    );
  }
  if (config.SMTP_URL?.startsWith('smtp:') && !isLocal(config.SMTP_URL)) {
    findings.push(
      advice(
        'settings',
        'SMTP_URL begins with smtp:, so mail is encrypted only if the server offers it. Prefer smtps:.',
      ),
    );
  }
  if (config.DATABASE_URL && DEFAULT_SECRET.test(new URL(config.DATABASE_URL).password)) {
    findings.push(
      fault('settings', 'The password in DATABASE_URL is a value from an example. Give the login another one.'),
    );
  }
  return findings.length > 0 ? findings : [ok('settings', 'complete for production, no known secrets')];
}

/** A webhook secret is written in base64: what stands in it counts. */
function decode(secret: string): string {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64').toString('latin1') : secret;
}

function isLocal(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}
