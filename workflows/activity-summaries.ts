import type { Activities } from '../activities/index.ts';

/**
 * What each step does, for the history in Temporal's own UI: one line, plain words, no personal data. The type asks for a line per activity.
 * Summaries are no part of what replay compares, so a better word may be put in at any time.
 */
const SUMMARIES: Record<keyof Activities, string> = {
  // Runs and tasks
  noteRun: 'Note this run, so that its history is kept',
  openTask: 'Ask a person',
  remindTask: 'Remind whose turn it is',
  escalateTask: 'Tell those above that a task waits too long',
  recordDecision: 'Write down the decision',
  closeTask: 'Close a task that nobody decided',
  // Partner, survey, enablement
  createPartner: 'Create the partner',
  movePartner: 'Move the partner to its next state',
  reapplyDate: 'Find out when the partner may apply again',
  readPace: 'Read how fast this programme goes',
  storeSurvey: 'Keep the answers to the survey',
  scoreFit: 'Score the fit from the answers',
  planEnablement: 'Plan what the partner needs to start',
  scoreTraining: 'Score the training',
  countAttempts: 'Count the attempts at the training',
  storePayoutDetails: 'Keep new payout details',
  verifyPayoutDetails: 'Payout details are verified',
  rejectPayoutDetails: 'Payout details are rejected',
  // Contract
  offerContract: 'Draw the contract and offer it',
  closeOffer: 'Close the offer without a contract',
  signContract: 'Write down a signature',
  putInForce: 'Put the contract in force',
  // Content
  createContent: 'Create the piece of content',
  submitDraft: 'Take in a draft',
  decideRound: 'Write down what the review decided',
  moveContent: 'Move the content to its next state',
  endReviews: 'End the reviews of content of a partnership that ended',
  // Attribution
  drainIntake: 'Credit what came in',
  drainCommissions: 'Post commissions for new credits',
  advanceBoundaries: 'Cut and seal the boundaries that have passed',
  settleBoundary: 'Cut and seal one boundary',
  // Windows, statements, invoices
  openWindow: 'Open the next window',
  lockWindows: 'Lock the window: what it earned is payable from here on',
  readWindow: 'Read the dates of the window',
  nameStatement: 'Choose the id of a supplementary statement',
  drawStatement: 'Draw the statement',
  hasFreeRows: 'Look whether anything can be stated now',
  heldBack: 'Look what is still held back',
  approveStatement: 'The statement is approved by the first person',
  holdStatement: 'The statement is held',
  issueInvoice: 'Issue the invoice with the next number',
  storeInvoiceDocument: "Keep the invoice's document",
  // Payouts
  startSettlement: 'Start the settlement of the window',
  startPayout: 'Start the payout',
  reportPayout: 'Tell the settlement how the payout ended',
  reportSettlement: "Tell the partner's journey that the window is settled",
  wakeMoney: 'Wake settlements and payouts that wait for this partner',
  readPayout: 'Read where the payout stands',
  drawPayout: 'Draw the payout, if nothing stands against it',
  personsBehind: 'Find out who decided, so that another person releases',
  releasePayout: 'Release the payout: everything is checked again, then it is booked',
  holdPayout: 'The payout is held',
  sendPayout: "Send the money: call the provider under the payout's key",
  lookUpPayout: "Look the payout up in the provider's book",
  startInvestigation: 'Nobody can say how the payout ended: a person investigates',
  concludeInvestigation: 'Write down what the investigation found',
  // Approvals: briefs, adjustments, settings, holds, mail, work
  prepareApproval: 'Keep what is asked for',
  decideBrief: 'Write down what was decided on the brief',
  announceBrief: 'Wake the partners who wait for a brief',
  decideAdjustment: 'Post the adjustment, or leave it',
  decideSetting: 'Change the settings that were asked for, or leave them',
  confirmHold: 'Confirm the hold: what it holds is taken back',
  endHold: 'End the hold',
  reviewHolds: 'Start the review of holds',
  settleRefusedMail: 'Settle what to do about an address that takes no mail',
  settleSetAsideWork: 'Settle what to do about work that failed',
  // Feedback
  openCase: 'Open the case',
  moveCase: 'Move the case to its next state',
  linkCase: 'Note what came of the case',
  correctOrder: 'Correct one order by a new fact',
  isCaughtUp: 'Look whether the correction is credited and posted',
  // Policies and studies
  submitPolicyDraft: 'Submit the draft',
  studyOfSubmission: 'Find the study that the approvers read',
  policyPersons: 'Find out who decided, so that another person approves',
  rejectPolicy: 'Reject the policy',
  refuseUnstudied: 'Reject the policy: no study of it succeeded',
  approvePolicy: 'Write down an approval',
  activatePolicy: 'Put the policy in force',
  settledPolicyOfCase: 'Read what became of the policy',
  tellPartners: 'Tell the partners whom the policy concerns',
  tellNotReevaluated: 'Tell who submitted the policy that past sales were not credited anew',
  tellCases: 'Tell the cases that wait for the policy',
  beginStudy: 'Choose the conversions to study',
  creditStudyShard: 'Credit a part of them under the draft',
  priceStudyShard: 'Price a part of them under the draft',
  finishStudy: 'Add the study up',
  runStudy: 'Run the study',
  failStudy: 'The study cannot go on',
  // Re-evaluations
  requestReevaluation: 'Ask for the re-evaluation',
  startReevaluation: 'Start the re-evaluation',
  readReevaluation: 'Read where the re-evaluation stands',
  cutReevaluation: 'Cut: facts before this instant count',
  executeReevaluation: 'Put the re-evaluation in force',
  postReevaluation: 'Post the differences',
  cancelReevaluation: 'Cancel the re-evaluation',
  failReevaluation: 'Re-evaluation: its study cannot go on',
  reportReevaluation: 'Tell the policy that it is done',
  settleLate: 'Settle what came after the last statement of ended contracts',
  // Imports
  runImport: 'Take the file in, part after part',
  cancelImport: 'Stop taking the file in',
};

/** Of `kind` and `outcome`, which are enumerations. */
type Told = { kind?: unknown; outcome?: unknown } | undefined;
const TELLS_MORE: Partial<Record<keyof Activities, keyof NonNullable<Told>>> = {
  openTask: 'kind',
  recordDecision: 'outcome',
};

/** The line of one call: for tasks it says of which kind, and how it was decided. */
export function activitySummary(name: string, args: readonly unknown[]): string | undefined {
  const summary = SUMMARIES[name as keyof Activities] as string | undefined;
  const field = TELLS_MORE[name as keyof Activities];
  const more = field && (args[0] as Told)?.[field];
  return typeof more === 'string' ? `${summary}: ${more}` : summary;
}
