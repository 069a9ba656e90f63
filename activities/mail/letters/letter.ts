import type { CaseAnswer } from '../../../domain/feedback/case.ts';
import type { MailTemplate } from '../../../domain/mail/template.ts';
import type { TaskKind } from '../../../domain/task/kinds.ts';

/** What a letter may speak of, ready to be read in its language; each field only where the mail is about it. */
export interface LetterFacts {
  program: string;
  /** What the task asks, as `tasks` of the language says it. */
  task?: string;
  /** Whether the reader is the partner whose turn it is; else it is somebody of the team. */
  isPartner: boolean;
  /** The partner that a task of the team is about. */
  partner?: string;
  due?: string;
  amount?: string;
  /** From when something holds. */
  from?: string;
  /** When a contract expired. */
  expired?: string;
  /** As a person wrote it. */
  reason?: string;
  /** As a person wrote it. */
  message?: string;
}

export interface Letter {
  subject: string;
  /** Paragraphs; plain text. */
  lines: string[];
  /** What the link does; without one the mail has no link. */
  action?: string;
}

/** All words of mails in one language. */
export interface LetterBook {
  greeting(name: string): string;
  /** The last line: from whom, and that nobody reads answers. */
  closing(program: string): string;
  /** What each kind of task asks of its reader, as the object of "your turn: …". */
  tasks: Record<TaskKind, string>;
  /** What a case is answered with when no person writes the words. */
  cases: Record<CaseAnswer, string>;
  letters: Record<MailTemplate, (facts: LetterFacts) => Letter>;
}

/** Leaves out what is not known. */
export function given(...lines: (string | false | undefined)[]): string[] {
  return lines.filter((line): line is string => Boolean(line));
}
