import type { MailTemplate } from '../../domain/mail/template.ts';
import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';

/** A mail to be sent once per `key` (cause and recipient). `template` has a letter in each language (activities/mail/letters). */
export interface NewMail {
  key: string;
  template: MailTemplate;
  /** BCP 47; English and German have texts, any other language gets English. */
  language: string;
  to: { name: string; address: string };
  data: Record<string, unknown>;
  partnerId?: string | null;
}

/** Puts a mail into the outbox in the caller's transaction; a key that is there already changes nothing. */
export async function queueMail(tx: Tx, mail: NewMail): Promise<void> {
  await tx.query(
    `insert into mail_outbox (program_id, id, key, template, language, to_name, to_address, data, partner_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (program_id, key) do nothing`,
    [
      tx.programId,
      newId('mail'),
      mail.key,
      mail.template,
      mail.language,
      mail.to.name,
      mail.to.address,
      mail.data,
      mail.partnerId ?? null,
    ],
  );
}
