import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as it came over the wire. */
export interface ReceivedMail {
  to: string[];
  raw: string;
  messageId: string;
}

export interface TestSmtp {
  url: string;
  port: number;
  received: ReceivedMail[];
  stop(): Promise<void>;
}

/** How a test's mail server behaves where it should not just take everything. */
export interface SmtpBehaviour {
  /** Answers RCPT TO with this status; undefined takes the address. */
  refuse?: (address: string) => number | undefined;
  /** Runs when a mail is on the server's disk, before its sender hears so. */
  beforeAnswer?: (mail: ReceivedMail) => void;
  port?: number;
}

/** A real SMTP server on the loopback that keeps what it is handed, as it is. */
export async function startTestSmtp(behaviour: SmtpBehaviour = {}): Promise<TestSmtp> {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    // Senders keep connections open; a test's end does not wait for them.
    closeTimeout: 100,
    onRcptTo({ address }, _session, done) {
      const status = behaviour.refuse?.(address);
      done(status === undefined ? null : Object.assign(new Error('not here'), { responseCode: status }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        const mail = {
          to: session.envelope.rcptTo.map(({ address }) => address),
          raw,
          messageId: /^Message-ID: (.*)$/im.exec(raw)?.[1]?.trim() ?? '',
        };
        received.push(mail);
        behaviour.beforeAnswer?.(mail);
        done();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(behaviour.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    received,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
