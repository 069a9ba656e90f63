import { conversionsOfWindow, readPartnerCredits } from '../queries/commission.ts';
import type { Pair, PartnerCredit, PartnerWindow } from '../queries/commission.ts';
import { readConversions } from '../queries/conversion-facts.ts';
import { readConversionStates } from '../queries/credit.ts';
import { conversionsByExternalId } from '../queries/feed-scope.ts';
import { readFxRates } from '../queries/fx-rate.ts';
import { findOriginWindows } from '../queries/origin-window.ts';
import type { OriginQuestion, OriginWindow } from '../queries/origin-window.ts';
import type { Tx } from '../transaction.ts';
import { dependsOnWindow, windowCommissions } from '../../domain/commission/window.ts';
import type { WindowConversion } from '../../domain/commission/window.ts';
import { rateKeyOf, reasonBefore, reported, toTarget } from './commission-target.ts';
import type { CommissionTarget, OriginPair } from './commission-target.ts';
import { groupBy } from './group-by.ts';
import { isBefore } from './evidence-limit.ts';
import { PartnerHistory } from './partner-history.ts';

/** A partner's credits of a conversion and what remains of its value: as they stand, or as a study would have them. */
export interface CreditView {
  /** All conversions of a partner's window of origin of which the view gives it a credit, or it was ever posted something; more do no harm. */
  conversionsOf(window: PartnerWindow): Promise<string[]>;
  creditsOf(pairs: readonly Pair[]): Promise<PartnerCredit[]>;
  remainingOf(conversionIds: readonly string[]): Promise<Map<string, number>>;
  /** The window that holds each instant, by key. */
  originsOf(questions: readonly OriginQuestion[], history: PartnerHistory): Promise<Map<string, OriginWindow>>;
}

/** The credits in force. */
export function creditsInForce(tx: Tx): CreditView {
  return {
    conversionsOf: (window) => conversionsOfWindow(tx, window),
    creditsOf: (pairs) => readPartnerCredits(tx, pairs),
    remainingOf: async (ids) =>
      new Map((await readConversionStates(tx, ids)).map((state) => [state.conversionId, state.remainingMinor])),
    originsOf: (questions) => findOriginWindows(tx, questions),
  };
}

export function pairKey({ partnerId, conversionId }: Pair): string {
  return `${partnerId} ${conversionId}`;
}

/**
 * The commission that each pair should have. Where a contract has tiers or caps, the whole window of origin is computed, and its other pairs
 * are part of the answer.
 */
export async function commissionTargets(
  tx: Tx,
  pairs: readonly Pair[],
  horizon: string,
  view: CreditView,
): Promise<CommissionTarget[]> {
  const history = await PartnerHistory.load(
    tx,
    pairs.map(({ partnerId }) => partnerId),
    horizon,
  );
  const originsOf = (questions: readonly OriginQuestion[]) => view.originsOf(questions, history);
  const asked = await withOrigins(tx, pairs, horizon, originsOf);
  const windows = new Map(
    [...asked.values()].flatMap(({ origin }) =>
      origin && isWindowWide(history, origin.partnerId!) ? [[windowKey(origin), origin] as const] : [],
    ),
  );
  const wider: Pair[] = [...pairs];
  for (const { id, partnerId, fromAt, toAt } of windows.values()) {
    for (const conversionId of await view.conversionsOf({ id, partnerId: partnerId!, fromAt, toAt }))
      wider.push({ partnerId: partnerId!, conversionId });
  }
  const all = windows.size === 0 ? asked : await withOrigins(tx, wider, horizon, originsOf);
  return new TargetRun(tx, history, horizon, view).compute([...all.values()]);
}

function windowKey({ partnerId, fromAt }: OriginWindow): string {
  return `${partnerId} ${fromAt}`;
}

async function withOrigins(
  tx: Tx,
  pairs: readonly Pair[],
  horizon: string,
  originsOf: (questions: readonly OriginQuestion[]) => Promise<Map<string, OriginWindow>>,
): Promise<Map<string, OriginPair>> {
  const facts = await readConversions(tx, [...new Set(pairs.map(({ conversionId }) => conversionId))]);
  const conversions = new Map(
    facts.filter(({ receivedAt }) => isBefore(receivedAt, horizon)).map((fact) => [fact.id, fact]),
  );
  const known = new Map(
    pairs.filter(({ conversionId }) => conversions.has(conversionId)).map((pair) => [pairKey(pair), pair]),
  );
  const questions = [...known].map(([key, { partnerId, conversionId }]) => ({
    key,
    partnerId,
    at: conversions.get(conversionId)!.occurredAt,
  }));
  const origins = await originsOf(questions);
  return new Map(
    [...known].map(([key, pair]) => [
      key,
      { ...pair, conversion: conversions.get(pair.conversionId)!, origin: origins.get(key) ?? null },
    ]),
  );
}

function isWindowWide(history: PartnerHistory, partnerId: string): boolean {
  return history.contracts(partnerId).some(({ versions }) => versions.some(({ terms }) => dependsOnWindow(terms)));
}

class TargetRun {
  readonly #tx: Tx;
  readonly #history: PartnerHistory;
  readonly #horizon: string;
  readonly #view: CreditView;

  constructor(tx: Tx, history: PartnerHistory, horizon: string, view: CreditView) {
    this.#tx = tx;
    this.#history = history;
    this.#horizon = horizon;
    this.#view = view;
  }

  async compute(pairs: readonly OriginPair[]): Promise<CommissionTarget[]> {
    const credits = groupBy(await this.#view.creditsOf(pairs), pairKey);
    const remaining = await this.#view.remainingOf([...new Set(pairs.map(({ conversionId }) => conversionId))]);
    const parents = await this.#parentTimes(pairs);
    const rates = await this.#rates(pairs);
    const plans = pairs.map((pair) => {
      const contract = this.#history.contractAt(pair.partnerId, pair.conversion.occurredAt);
      const rateKey =
        contract && contract.terms.currency !== pair.conversion.currency
          ? rateKeyOf(pair.conversion, contract.terms.currency)
          : null;
      return {
        ...pair,
        contract,
        rateKey,
        rate: rateKey === null ? null : (rates.get(rateKey) ?? null),
        credits: credits.get(pairKey(pair)) ?? [],
      };
    });
    const groups = groupBy(plans, (plan) => (plan.origin === null ? pairKey(plan) : windowKey(plan.origin)));
    return [...groups.values()].flatMap((group) => {
      const computable = group.filter((plan) => reasonBefore(plan) === null);
      const inputs = computable.map((plan): WindowConversion => ({
        externalId: plan.conversion.externalId,
        credits: plan.credits,
        conversion: reported(plan.conversion, parents),
        isReturned:
          (remaining.get(plan.conversionId) ?? plan.conversion.valueMinor) === 0 && plan.conversion.valueMinor > 0,
        terms: plan.contract!.terms,
        rate: plan.rate,
      }));
      const results = new Map(windowCommissions(inputs).map((result) => [result.externalId, result]));
      return group.map((plan) =>
        toTarget(
          plan,
          results.get(plan.conversion.externalId) ?? null,
          remaining.get(plan.conversionId) ?? plan.conversion.valueMinor,
        ),
      );
    });
  }

  async #parentTimes(pairs: readonly OriginPair[]): Promise<Map<string, string>> {
    const externalIds = [...new Set(pairs.flatMap(({ conversion }) => conversion.parentExternalId ?? []))];
    const parents = await readConversions(
      this.#tx,
      await conversionsByExternalId(this.#tx, externalIds, this.#horizon),
    );
    return new Map(parents.map(({ externalId, occurredAt }) => [externalId, occurredAt]));
  }

  async #rates(pairs: readonly OriginPair[]): Promise<Map<string, string>> {
    const wanted = pairs.flatMap(({ partnerId, conversion }) => {
      const quote = this.#history.contractAt(partnerId, conversion.occurredAt)?.terms.currency;
      return quote === undefined || quote === conversion.currency
        ? []
        : [{ base: conversion.currency, quote, day: conversion.occurredAt.slice(0, 10) }];
    });
    return readFxRates(this.#tx, wanted, this.#horizon);
  }
}
