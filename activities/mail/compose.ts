import { DomainError } from '../../domain/errors.ts';
import { isMailTemplate } from '../../domain/mail/template.ts';
import { isTaskKind } from '../../domain/task/kinds.ts';
import { findFeedbackWords, findMailPartner, findMailReader } from '../../db/queries/mail-delivery.ts';
import type { DueMail } from '../../db/queries/mail-delivery.ts';
import { readProgramFrame } from '../../db/queries/program-settings.ts';
import { mintSignInLink } from '../../db/queries/sign-in-link.ts';
import type { Tx } from '../../db/transaction.ts';
import { letterBook, localMoment, localMoney } from './language.ts';
import type { LetterFacts } from './letters/letter.ts';
import { renderPage, renderText } from './page.ts';
import type { OutgoingMail } from './sender.ts';

/** How long the link of a mail signs its reader in, once; later it still leads there, after signing in otherwise. */
const LINK_DAYS = 7;
const DAY_MS = 86_400_000;

/** What outbox rows carry, by template; names and words are read here, so that they are those of today. */
interface MailData {
  taskId?: string;
  kind?: string;
  dueAt?: string | null;
  partnerId?: string | null;
  payoutId?: string;
  amountMinor?: number;
  differenceMinor?: number;
  currency?: string;
  feedbackId?: string;
  cause?: string;
  reason?: string | null;
  contractId?: string;
  /** The version whose document the mail leads to. */
  documentOf?: number;
  from?: string;
  /** When the contract's terms were over. */
  expiredAt?: string;
  policyId?: string;
}

/**
 * Writes a mail in its reader's language, with a link that signs the reader in and leads to what the mail is about.
 * @throws DomainError `invalid` for a template that has no letter
 */
export async function composeMail(tx: Tx, mail: DueMail, publicUrl: string): Promise<OutgoingMail> {
  const { template } = mail;
  if (!isMailTemplate(template)) throw new DomainError('invalid', `There is no letter for ${template}.`);
  const frame = await readProgramFrame(tx);
  const { language, book } = letterBook(mail.language);
  const facts = await readFacts(tx, mail, { language, program: frame.name, timeZone: frame.timeZone });
  const { kind } = mail.data as MailData;
  if (kind !== undefined && isTaskKind(kind)) facts.task = book.tasks[kind];

  const { subject, lines, action } = book.letters[template](facts);
  const href = action && (await linkTo(tx, mail, publicUrl));
  const parts = {
    language,
    subject,
    greeting: book.greeting(mail.to.name.replace(/\s+/g, ' ')),
    lines,
    ...(action && href ? { link: { href, label: action } } : {}),
    closing: book.closing(frame.name),
  };
  const { id, to } = mail;
  return { id, to, fromName: frame.name, subject, language, text: renderText(parts), html: renderPage(parts) };
}

async function readFacts(
  tx: Tx,
  mail: DueMail,
  { language, program, timeZone }: { language: string; program: string; timeZone: string },
): Promise<LetterFacts> {
  const data = mail.data as MailData;
  const isPartner = mail.partnerId !== null;
  const about = data.partnerId ?? mail.partnerId;
  const partner = about ? await findMailPartner(tx, about) : undefined;
  const zone = (isPartner && partner?.timeZone) || timeZone;
  const moment = (instant: string) => localMoment(instant, { language, timeZone: zone });
  const { currency } = data;
  const minor = data.amountMinor ?? data.differenceMinor;
  return {
    program,
    isPartner,
    partner: isPartner ? undefined : partner?.name,
    due: data.dueAt ? moment(data.dueAt) : undefined,
    amount: minor !== undefined && currency ? localMoney({ minor, currency }, language) : undefined,
    from: data.from && moment(data.from),
    expired: data.expiredAt && moment(data.expiredAt),
    reason: data.reason ?? undefined,
    message: data.feedbackId && data.cause ? await findFeedbackWords(tx, data.feedbackId, data.cause) : undefined,
  };
}

/** The page of the thing; for a reader that we know, by way of signing in. */
async function linkTo(tx: Tx, mail: DueMail, publicUrl: string): Promise<string> {
  const path = pathOf(mail);
  const reader = await findMailReader(tx, mail);
  if (!reader) return `${publicUrl}${path}`;
  // The database's own clock decides whether the link is too old, and workers need not agree with it to the second.
  const expiresAt = new Date(Date.now() + LINK_DAYS * DAY_MS).toISOString();
  const token = await mintSignInLink(tx, { ...reader, expiresAt });
  return `${publicUrl}/sign-in?${new URLSearchParams({ token, to: path }).toString()}`;
}

function pathOf({ data, partnerId }: DueMail): string {
  const { taskId, payoutId, feedbackId, contractId, documentOf, policyId } = data as MailData;
  if (taskId) return `/v1/tasks/${taskId}`;
  if (payoutId) return `/v1/payouts/${payoutId}`;
  if (feedbackId) return `/v1/feedback/${feedbackId}`;
  if (contractId && documentOf) return `/v1/contracts/${contractId}/versions/${documentOf}/document`;
  if (contractId) return `/v1/contracts/${contractId}`;
  if (policyId) return partnerId === null ? `/v1/attribution/policies/${policyId}` : '/v1/commissions';
  return partnerId === null ? '/docs' : `/v1/partners/${partnerId}`;
}
