import { given } from './letter.ts';
import type { LetterBook, LetterFacts } from './letter.ts';

const about = ({ task, partner }: LetterFacts) => (partner === undefined ? task! : `${task!} (${partner})`);
const until = ({ due }: LetterFacts) => due && `Please do so by ${due}.`;
const wrote = (text: string | undefined) => text && `“${text}”`;

export const ENGLISH: LetterBook = {
  greeting: (name) => `Hello ${name},`,
  closing: (program) => `${program}. This mail was written by the programme itself; nobody reads answers to it.`,

  tasks: {
    'partner.survey': 'answer a few questions about yourself',
    'application.decision': 'decide on an application',
    'contract.signature': 'read your contract and sign it',
    'contract.counter': 'answer a counter-proposal',
    'contract.countersignature': 'countersign a contract',
    'contract.amendment': 'answer a change of your contract',
    'enablement.training': 'take your training',
    'enablement.payout-details': 'tell us where to pay you',
    'enablement.stalled': 'help a partner who is stuck before the start',
    'payout-details.verification': 'check payout details',
    'content.review': 'review content',
    'content.revision': 'revise your content',
    'content.publication': 'publish your approved content',
    'settlement.approval': 'approve a statement',
    'adjustment.approval': 'approve an adjustment',
    'payout.release': 'release a payout',
    'payout.investigation': 'find out what became of a payout',
    'hold.review': 'review held money',
    'reconciliation.difference': 'explain a difference in the books',
    'setting.approval': 'approve a change of a money setting',
    'feedback.triage': 'answer a partner’s feedback',
    'feedback.information': 'tell us more about your feedback',
    'feedback.appeal': 'decide an appeal',
    'policy.approval': 'approve an attribution policy',
    'brief.approval': 'approve a brief',
    'experiment.decision': 'decide how an experiment goes on',
    'mail.undeliverable': 'mend an address that takes no mail',
  },

  cases: {
    'order-corrected': 'The order was corrected and credited anew.',
    'rule-changed':
      'The rule by which sales are credited has changed. Sales of the time before it stay as they were credited.',
    'rule-changed-and-posted':
      'The rule by which sales are credited has changed, and earlier sales were credited anew by it. Any difference for you is among your commissions.',
    'rule-changed-not-posted':
      'The rule by which sales are credited has changed. Earlier sales could not be credited anew by it, so nothing changes for them.',
    'rule-not-changed': 'The rule by which sales are credited was not changed.',
  },

  letters: {
    'task-opened': (facts) => ({
      subject: `Your turn: ${about(facts)}`,
      lines: given(`It is your turn: ${about(facts)}.`, until(facts)),
      action: 'Open the task',
    }),
    'task-reminder': (facts) => ({
      subject: `Reminder: ${about(facts)}`,
      lines: given(`This still waits for you: ${about(facts)}.`, until(facts)),
      action: 'Open the task',
    }),
    'task-escalated': (facts) => ({
      subject: `Waiting too long: ${about(facts)}`,
      lines: given(
        `Nobody has done this in time: ${about(facts)}.`,
        facts.due && `It was due by ${facts.due}.`,
        'Please see to it, or give it to somebody who can.',
      ),
      action: 'Open the task',
    }),
    'partner-waitlisted': ({ program }) => ({
      subject: `You are on the waiting list of ${program}`,
      lines: [
        'Thank you for your application. At the moment we have no place that suits you; we keep your answers and come back to you.',
      ],
    }),
    'partner-declined': ({ program, reason }) => ({
      subject: `Your application to ${program}`,
      lines: given('We have looked at your application and cannot take it up.', wrote(reason)),
    }),
    'partner-expired': ({ program }) => ({
      subject: `Your application to ${program} has lapsed`,
      lines: ['We did not hear from you in time, so your application has lapsed. You are welcome to apply again.'],
    }),
    'partner-active': ({ program }) => ({
      subject: `Welcome to ${program}`,
      lines: ['Everything is in place: your partnership is active and your links earn from now on.'],
      action: 'Open your partnership',
    }),
    'partner-paused': ({ program, reason }) => ({
      subject: `Your partnership with ${program} is paused`,
      lines: given(
        'Your partnership is paused. What you have earned stays yours and is paid once it goes on.',
        wrote(reason),
      ),
      action: 'Open your partnership',
    }),
    'partner-ended': ({ program, reason, expired }) => ({
      subject: `Your partnership with ${program} has ended`,
      lines: given(
        expired && `Your contract has expired: it ran until ${expired}.`,
        'Your partnership has ended. A last settlement pays what is still yours.',
        wrote(reason),
      ),
      action: 'Open your partnership',
    }),
    'payout-paid': ({ amount }) => ({
      subject: `${amount!} paid`,
      lines: [`We have paid you ${amount!}.`],
      action: 'See what it is made of',
    }),
    'payout-failed': ({ amount }) => ({
      subject: `Your payout of ${amount!} could not be made`,
      lines: [
        `Your bank or provider did not take our payment of ${amount!}. The money stays yours. Please check your payout details.`,
      ],
      action: 'Open the payout',
    }),
    'payout-returned': ({ amount }) => ({
      subject: `Your payout of ${amount!} came back`,
      lines: [
        `Our payment of ${amount!} was sent back to us. The money stays yours. Please check your payout details.`,
      ],
      action: 'Open the payout',
    }),
    'feedback-told': ({ message }) => ({
      subject: 'News about your feedback',
      lines: given('There is news about your feedback.', wrote(message)),
      action: 'Open the case',
    }),
    'contract-signed': ({ program }) => ({
      subject: 'Your signed contract',
      lines: given(`You and ${program} have signed. This is your copy with both signatures.`),
      action: 'Read the signed contract',
    }),
    'contract-notice': ({ from }) => ({
      subject: 'Your contract changes',
      lines: given(`Your contract has a new version${from ? ` that holds from ${from}` : ''}. Please read it.`),
      action: 'Read the contract',
    }),
    'policy-changed': ({ program, amount }) => ({
      subject: `${program} credits sales by a new rule`,
      lines: given(
        'The rule by which sales are credited to those who brought them has changed.',
        amount && `For the sales that were looked at anew, the difference for you is ${amount}.`,
      ),
      action: 'See your commissions',
    }),
    'policy-not-studied': ({ reason }) => ({
      subject: 'Your policy could not be studied',
      lines: given(
        'The impact study of the policy that you submitted failed several times. Nobody can approve a policy without its figures, so it was rejected; the rule in force stays.',
        wrote(reason),
        'Please correct the policy and submit it as a new draft.',
      ),
      action: 'Open the policy',
    }),
    'policy-not-reevaluated': ({ reason }) => ({
      subject: 'Past sales were not credited anew by your policy',
      lines: given(
        'The policy that you submitted is in force. The re-evaluation that it asked for was not carried out: past sales stay as they were credited, and nothing was posted for them.',
        reason === undefined ? 'It was cancelled before it was carried out.' : 'It failed for this reason:',
        wrote(reason),
        'If past sales shall still be credited anew, please submit the same rule as a new draft.',
      ),
      action: 'Open the policy',
    }),
    'policy-replaced': () => ({
      subject: 'Another policy took the place of yours',
      lines: given(
        'The policy that you submitted was approved, but another one that begins at the same instant was approved after it. So yours never comes into force: it changes no credit, and nothing that it asked for is evaluated again.',
        'If it is still wanted, please submit it as a new draft.',
      ),
      action: 'Open the policy',
    }),
  },
};
