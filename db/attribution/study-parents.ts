import { conversionsByExternalId } from '../queries/feed-scope.ts';
import type { PolicyInForce } from '../queries/policy-period.ts';
import type { Study } from '../queries/study.ts';
import { readCreditsAt } from '../queries/study-instant.ts';
import type { Tx } from '../transaction.ts';
import { policyInForce } from '../../domain/attribution/in-force.ts';
import type { InheritedShare } from './conversion-credit.ts';
import { groupBy, loadCreditFacts } from './credit-facts.ts';
import type { BatchFacts } from './credit-facts.ts';
import { creditsOfEither } from './long-credit.ts';
import { PartnerHistory } from './partner-history.ts';
import { decideRefunds } from './refund-limits.ts';

/** Renewals of renewals that are followed upwards. */
const MOST_LEVELS = 200;

/** What a study works with: the draft as a span above all others, and those of its instant. */
export interface StudiedRules {
  draft: PolicyInForce;
  /** All spans of the study's instant, the draft among them. */
  spans: readonly PolicyInForce[];
}

interface Sides {
  before: InheritedShare[];
  evidence: InheritedShare[];
  after: InheritedShare[];
}

/** What a child inherits: as it stood at the cut, under the rule in force on all evidence, and under the draft; and whose contracts count. */
export interface ParentShares extends Sides {
  parentId: string;
  history: PartnerHistory;
}

/**
 * The shares that conversions of a batch inherit from their parents, by the child's id. Of a parent that the study covers it is what the
 * study gives it, wherever its shard is; of any other what stood at the cut.
 */
export async function loadParentShares(
  tx: Tx,
  study: Study,
  facts: BatchFacts,
  rules: StudiedRules,
  level = 0,
): Promise<Map<string, ParentShares>> {
  const children = facts.conversions.filter(({ parentExternalId }) => parentExternalId !== null);
  if (children.length === 0 || level === MOST_LEVELS) return new Map();
  const wanted = [...new Set(children.map(({ parentExternalId }) => parentExternalId!))];
  const ids = await conversionsByExternalId(tx, wanted, study.cutAt!);
  const reading = {
    horizon: study.cutAt!,
    sealedAt: study.cutAt!,
    isEvidenceUnlimited: true,
    creditedUnder: [rules.draft.policy],
  };
  const parents = await loadCreditFacts(tx, ids, reading);
  const grand = await loadParentShares(tx, study, parents, rules, level + 1);
  const standing = groupBy(await readCreditsAt(tx, ids, study.epoch!), ({ conversionId }) => conversionId);
  const byExternalId = new Map<string, Omit<ParentShares, 'history'>>();
  for (const conversion of parents.conversions) {
    const before: InheritedShare[] = standing.get(conversion.id) ?? [];
    const isCovered = policyInForce(rules.spans, conversion.type, conversion.occurredAt) === rules.draft;
    const under = async (policy: PolicyInForce | null, side: 'evidence' | 'after') => {
      if (!isCovered) return before;
      const creditFacts = {
        conversion,
        remainingMinor: decideRefunds(conversion, parents.refunds.get(conversion.id) ?? []).remainingMinor,
        touchpoints: parents.journeys.get(conversion.id) ?? [],
        policy: policy?.policy ?? null,
        parentCredits: grand.get(conversion.id)?.[side] ?? null,
        history: grand.get(conversion.id)?.history ?? parents.history,
      };
      return creditsOfEither(tx, creditFacts, parents.left.get(conversion.id));
    };
    byExternalId.set(conversion.externalId, {
      parentId: conversion.id,
      before,
      evidence: await under(parents.rules.get(conversion.id) ?? null, 'evidence'),
      after: await under(rules.draft, 'after'),
    });
  }
  const history = await historyOf(tx, study, facts, [...byExternalId.values()]);
  return new Map(
    children.flatMap(({ id, parentExternalId }) => {
      const shares = byExternalId.get(parentExternalId!);
      return shares ? [[id, { ...shares, history }] as const] : [];
    }),
  );
}

/** The contracts of everybody that touched these conversions or inherits them. */
async function historyOf(tx: Tx, study: Study, facts: BatchFacts, shares: readonly Sides[]): Promise<PartnerHistory> {
  const touching = [...facts.journeys.values()].flat().flatMap(({ partnerId }) => partnerId ?? []);
  const inheriting = shares
    .flatMap(({ before, evidence, after }) => [...before, ...evidence, ...after])
    .flatMap(({ beneficiary }) => (beneficiary.kind === 'partner' ? [beneficiary.id] : []));
  return PartnerHistory.load(tx, [...touching, ...inheriting], study.cutAt!);
}
