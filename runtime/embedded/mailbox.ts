import type { AddressInfo, Server } from 'node:net';
import type { ParsedMail } from 'mailparser';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { createInboxServer } from './inbox-server.ts';
import type { MailStore } from './mail-store.ts';
import { openMailStore } from './mail-store.ts';

export interface MailboxOptions {
  /** Mails are kept here, so that they survive a restart. */
  dir: string;
  /** 0 or absent: any free port. */
  smtpPort?: number;
  httpPort?: number;
  /** The newest this many are kept. */
  keep?: number;
}

export interface Mailbox {
  /** As SMTP_URL. */
  smtpUrl: string;
  /** The web inbox, as `mailUrl` in access.json. */
  mailUrl: string;
  stop(): Promise<void>;
}

const MAX_MAIL_BYTES = 10 * 1024 * 1024;

/**
 * Catches mail: takes every message by SMTP on the loopback, sends none on, and shows them in a web inbox.
 * "Accepted" is answered only once the mail is on disk.
 * @throws Error naming the port when it is taken
 */
export async function startMailbox(options: MailboxOptions): Promise<Mailbox> {
  const store = openMailStore(options.dir, options.keep);
  const smtp = createSmtpServer(store);
  const inbox = createInboxServer(store);
  const smtpPort = await listen(smtp.server, options.smtpPort ?? 0, 'mail (SMTP)');
  try {
    const httpPort = await listen(inbox, options.httpPort ?? 0, 'the inbox');
    return {
      smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
      mailUrl: `http://127.0.0.1:${httpPort}`,
      stop: async () => {
        inbox.closeAllConnections();
        await Promise.all([
          new Promise<void>((resolve) => smtp.close(() => resolve())),
          new Promise<void>((resolve) => inbox.close(() => resolve())),
        ]);
      },
    };
  } catch (error) {
    smtp.close();
    throw error;
  }
}

function createSmtpServer(store: MailStore): SMTPServer {
  const smtp = new SMTPServer({
    name: 'tandem.localhost',
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: MAX_MAIL_BYTES,
    // Senders keep pooled connections open; the end does not wait half a minute for them.
    closeTimeout: 500,
    onData(stream, session, done) {
      simpleParser(stream)
        .then((mail) => {
          if (stream.sizeExceeded)
            throw Object.assign(new Error('The mail is larger than 10 MB.'), { responseCode: 552 });
          store.add(
            toCaughtMail(
              mail,
              session.envelope.rcptTo.map((recipient) => recipient.address),
            ),
          );
          done();
        })
        .catch((error: Error) => done(error));
    },
  });
  // A client that breaks off must not end the catcher.
  smtp.on('error', () => undefined);
  return smtp;
}

/** The envelope says who gets the mail; what the head says about it may be anything. */
function toCaughtMail(mail: ParsedMail, recipients: string[]) {
  return {
    from: mail.from?.text ?? '',
    to: recipients.join(', '),
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html || null,
  };
}

function listen(server: Server, port: number, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(
        isTaken ? new Error(`Port ${port} for ${what} is taken. Stop what listens there or choose another.`) : error,
      );
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
