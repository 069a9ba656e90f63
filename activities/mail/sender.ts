import { createTransport } from 'nodemailer';

/** A mail as it leaves; texts are ready. */
export interface OutgoingMail {
  /** Of the outbox row: the same in every attempt, so that a reader's program shows it once. */
  id: string;
  fromName: string;
  to: { name: string; address: string };
  subject: string;
  text: string;
  html: string;
  /** BCP 47. */
  language: string;
}

/**
 * What the server said. `away`: it was not reached or will not have us, whichever mail; `later`: it refuses for now;
 * `undeliverable`: it refuses this address, or this mail, for good.
 */
export type SendResult =
  | { kind: 'sent' }
  | { kind: 'away'; reason: string }
  | { kind: 'later'; reason: string }
  | { kind: 'undeliverable'; reason: string };

export interface MailSender {
  send(mail: OutgoingMail): Promise<SendResult>;
  /** Whether the server answers now. */
  isReachable(): Promise<boolean>;
  close(): void;
}

const TIMEOUT_MS = 15_000;
const CONNECTIONS = 5;

/**
 * Hands mails to the server of SMTP_URL over a few kept connections.
 * @param from the address that mails come from; the name beside it is the program's
 */
export function createMailSender({ smtpUrl, from }: { smtpUrl: string; from: string }): MailSender {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: CONNECTIONS,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // What a mail says never names a file or a URL to be read in.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    async send(mail) {
      try {
        await transport.sendMail({
          messageId: `<${mail.id}@${domain}>`,
          from: { name: mail.fromName, address: from },
          // An object, because a string would be split at commas and line breaks.
          to: mail.to,
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': mail.language },
        });
        return { kind: 'sent' };
      } catch (error) {
        return classify(error as SmtpError);
      }
    },
    isReachable: () =>
      transport.verify().then(
        () => true,
        () => false,
      ),
    close: () => transport.close(),
  };
}

interface SmtpError extends Error {
  code?: string;
  responseCode?: number;
  command?: string;
}

/** The steps that are about one mail; a refusal elsewhere (greeting, sign-in, sender) is about us. */
const STEPS_OF_A_MAIL = new Set(['RCPT TO', 'DATA', 'API']);

function classify({ code, responseCode, command }: SmtpError): SendResult {
  const reason = [code, command, responseCode].filter(Boolean).join(' ');
  if (command === undefined || !STEPS_OF_A_MAIL.has(command)) return { kind: 'away', reason };
  // Refused before any server was asked: the address is none.
  if (command === 'API' && code === 'EENVELOPE') return { kind: 'undeliverable', reason };
  if (responseCode === undefined || responseCode === 421) return { kind: 'away', reason };
  return { kind: responseCode >= 500 ? 'undeliverable' : 'later', reason };
}
