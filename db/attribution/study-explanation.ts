import type { Credit } from '../../domain/attribution/split.ts';
import { DomainError } from '../../domain/errors.ts';
import { readPolicySpans } from '../queries/policy-period.ts';
import type { Study } from '../queries/study.ts';
import { readCreditsAt } from '../queries/study-instant.ts';
import type { Tx } from '../transaction.ts';
import { contractNote } from './contract-note.ts';
import type { ContractNote } from './contract-note.ts';
import { computeCredit } from './conversion-credit.ts';
import type { CreditFacts, InheritedShare } from './conversion-credit.ts';
import { loadCreditFacts } from './credit-facts.ts';
import { groupBy } from './group-by.ts';
import type { BatchFacts } from './credit-facts.ts';
import { explainSteps } from './explanation.ts';
import type { ExplainedTouchpoint } from './explanation.ts';
import { computeLongCredit, tooLong } from './long-credit.ts';
import { decideRefunds } from './refund-limits.ts';
import { isStudied, loadParentShares, movesWith } from './study-parents.ts';
import { draftSpan } from './study-rules.ts';
import { readRuleNames } from './rule-names.ts';
import type { Named } from './rule-names.ts';

/** A credit of one side, with the contract version that its partner has it by. */
export type StudiedCredit = Pick<Credit, 'beneficiary' | 'channel' | 'shareE12' | 'minor'> & ContractNote;

/** One side of a study for one conversion: its credits, and for every touchpoint seen its weight or why it got none. */
export interface StudiedSide {
  policyId: string | null;
  /** The parent whose shares it has; null where its own journey decides. */
  inheritedFrom: string | null;
  /** Why it has not the shares of the parent that it names: those above it make a circle, or are more than 100. */
  notInherited: 'endless-parents' | null;
  credits: StudiedCredit[];
  currency: string;
  touchpoints: ExplainedTouchpoint[];
  /** Touchpoints within the lookback that are not listed, because there are too many. */
  moreTouchpoints: number;
}

/** Of a journey that is too long for an object per touchpoint. */
const LISTED = 100;
/** Somebody waits for the answer. */
const LONG_MS = 20_000;

/**
 * Explains conversions of a study on both sides, from facts before its cut: what stood there, by the rule in force then on the evidence that
 * counted then, and what the draft gives on all evidence. By conversion id.
 * @throws DomainError `too-large` when journeys are too long to be computed again in time
 */
export async function explainStudied(
  tx: Tx,
  study: Study,
  ids: readonly string[],
): Promise<Map<string, { before: StudiedSide; after: StudiedSide }>> {
  const draft = draftSpan(study);
  const reading = { horizon: study.cutAt!, sealedAt: study.cutAt! };
  const spans = [...(await readPolicySpans(tx, reading)), draft];
  const stood = await loadCreditFacts(tx, ids, reading);
  const all = await loadCreditFacts(tx, ids, { ...reading, isEvidenceUnlimited: true, alsoUnder: [draft.policy] });
  const parents = await loadParentShares(tx, study, all, { draft, spans });
  const standing = groupBy(await readCreditsAt(tx, ids, study.epoch!), ({ conversionId }) => conversionId);
  const names = await readRuleNames(tx, [draft.policy, ...[...stood.rules.values()].map((rule) => rule?.policy)]);
  const explained = new Map<string, { before: StudiedSide; after: StudiedSide }>();
  const began = performance.now();
  for (const { id, type, occurredAt, currency } of all.conversions) {
    const isLong = stood.left.has(id) || all.left.has(id);
    if (isLong && explained.size > 0 && performance.now() - began > LONG_MS)
      throw new DomainError(
        'too-large',
        'Persons on this page have too many touchpoints. Ask for fewer conversions at once.',
      );
    const history = parents.get(id)?.history;
    const rule = stood.rules.get(id) ?? null;
    const own = standing.get(id) ?? [];
    const stoodAbove = stood.lockedHeirs.has(id) ? stood.parentCredits.get(id) : parents.get(id)?.before;
    const isCovered = isStudied({ draft, spans }, { type, occurredAt });
    const moves = movesWith(
      study,
      { draft, spans },
      { id, type, occurredAt },
      { states: all.states, above: parents.get(id) },
    );
    const then = isCovered ? draft : rule;
    const before = factsOf(stood, id, {
      policy: rule?.policy ?? null,
      parentCredits: stoodAbove ?? null,
      history,
    });
    const after = factsOf(all, id, {
      policy: then?.policy ?? null,
      parentCredits: parents.get(id)?.after ?? null,
      history,
    });
    const parentId = parents.get(id)?.parentId ?? null;
    const stoodThere = await explain(tx, { ...before, names }, stood, parentId);
    const old = { policyId: own[0]?.policyId ?? null, currency, ...stoodThere, credits: withContracts(own, before) };
    const studied = moves
      ? {
          policyId: isCovered ? study.policyId : (rule?.policyId ?? null),
          currency,
          ...(await explain(tx, { ...after, names }, all, parentId)),
        }
      : old;
    explained.set(id, { before: old, after: studied });
  }
  return explained;
}

function factsOf(
  facts: BatchFacts,
  id: string,
  {
    history,
    ...more
  }: Pick<CreditFacts, 'policy'> & {
    parentCredits: readonly InheritedShare[] | null;
    history: CreditFacts['history'] | undefined;
  },
): CreditFacts {
  const conversion = facts.conversions.find((one) => one.id === id)!;
  return {
    conversion,
    remainingMinor: decideRefunds(conversion, facts.refunds.get(id) ?? []).remainingMinor,
    touchpoints: facts.journeys.get(id) ?? [],
    history: history ?? facts.history,
    ...more,
  };
}

async function explain(tx: Tx, facts: CreditFacts & Named, { left, endless }: BatchFacts, parentId: string | null) {
  const long = left.get(facts.conversion.id);
  const credit = long ? await computeLongCredit(tx, facts, long, LISTED) : computeCredit(facts);
  if (credit === null) throw tooLong(facts.conversion.id);
  const seen =
    'known' in credit ? credit.known : new Map(facts.touchpoints.map((touchpoint) => [touchpoint.id, touchpoint]));
  const { credits, touchpoints, isInherited } = credit;
  const noted = { ...facts, history: 'known' in credit ? credit.history : facts.history };
  return {
    inheritedFrom: isInherited ? parentId : null,
    notInherited: endless.has(facts.conversion.id) ? ('endless-parents' as const) : null,
    credits: withContracts(credits, noted),
    touchpoints: explainSteps(touchpoints, seen, noted),
    moreTouchpoints: 'known' in credit ? credit.count - touchpoints.length : 0,
  };
}

function withContracts(
  credits: readonly StudiedCredit[],
  { history, conversion }: Pick<CreditFacts, 'history' | 'conversion'>,
): StudiedCredit[] {
  return credits.map(({ beneficiary, channel, shareE12, minor }) => {
    const partnerId = beneficiary.kind === 'partner' ? beneficiary.id : null;
    return { beneficiary, channel, shareE12, minor, ...contractNote(history, partnerId, conversion.occurredAt) };
  });
}
