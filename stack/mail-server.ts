import { join } from 'node:path';
import { childEnvironment } from '../runtime/config.ts';
import { answers } from './answers.ts';
import { nodePart } from './node-part.ts';
import type { Tree } from './tree.ts';

export interface MailServer {
  smtpUrl: string;
  mailUrl: string;
}

/** The server that SMTP_URL names, or the mail catcher. */
export async function startMail({ root, config, stateDir, ports, supervisor }: Tree): Promise<MailServer> {
  if (config.SMTP_URL) return { smtpUrl: config.SMTP_URL, mailUrl: '' };
  const mailUrl = `http://127.0.0.1:${ports.inbox}`;
  await supervisor.add(
    nodePart({
      name: 'mailbox',
      root,
      script: 'dist/stack/mailbox/main.js',
      args: ['--dir', join(stateDir, 'mail'), '--smtp-port', String(ports.smtp), '--http-port', String(ports.inbox)],
      env: childEnvironment({}),
      stateDir,
      heapMb: 96,
      isReady: () => answers(`${mailUrl}/messages?limit=1`),
    }),
  );
  return { smtpUrl: `smtp://127.0.0.1:${ports.smtp}`, mailUrl };
}
