import { DomainError } from '../../domain/errors.ts';
import { explainConversion, explainConversions } from '../../db/attribution/explanation.ts';
import type { Explanation } from '../../db/attribution/explanation.ts';
import { getConversion, listConversions } from '../../db/queries/conversion-read.ts';
import type { ConversionView } from '../../db/queries/conversion-read.ts';
import type { Tx } from '../../db/transaction.ts';
import { ownPartner, partnerFilter, reading } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { conversion, conversionQuery, oneConversionQuery } from '../contracts/attribution.ts';
import { afterCursor, toPage } from '../page.ts';
import { assertRange } from '../range.ts';
import { EVERYBODY } from '../roles.ts';
import { ok, route } from '../route.ts';

export const CONVERSION_READ_ROUTES = [
  route({
    id: 'conversions.list',
    method: 'get',
    path: '/v1/conversions',
    tag: 'Attribution',
    summary: 'Conversions with their credits; a partner sees those that it has a credit of',
    roles: EVERYBODY,
    query: conversionQuery,
    answer: { status: 200, schema: pageOf(conversion) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit, cursor, ...filter } = call.query;
        assertRange(filter);
        const partnerId = partnerFilter(call, filter.partnerId);
        const rows = await listConversions(tx, {
          ...filter,
          partnerId,
          afterId: afterCursor({ limit, cursor }),
          limit: limit + 1,
        });
        const shown = await explained(tx, rows.slice(0, limit));
        const page = toPage(
          rows,
          limit,
          ({ id }) => id,
          ({ id }) => forReader(shown.get(id)!, ownPartner(call)),
        );
        return ok(page);
      }),
  }),
  route({
    id: 'conversions.get',
    method: 'get',
    path: '/v1/conversions/{id}',
    tag: 'Attribution',
    summary: 'One conversion: for every touchpoint that was seen its weight, or why it got none',
    roles: EVERYBODY,
    query: oneConversionQuery,
    answer: { status: 200, schema: conversion },
    handle: (call) =>
      reading(call, async (tx) => {
        const { id } = call.params;
        const view = await getConversion(tx, id, call.query.superseded === 'true');
        const own = ownPartner(call);
        // A partner sees a conversion that it has, or had, a credit of; others are not there.
        if (own !== undefined && !(await hasCredit(tx, id, own)))
          throw new DomainError('not-found', `There is no conversion ${id}.`);
        return ok(forReader(showConversion(view, (await explainConversion(tx, id)) ?? undefined), own));
      }),
  }),
];

async function hasCredit(tx: Tx, id: string, partnerId: string): Promise<boolean> {
  const { credits } = await getConversion(tx, id, true);
  return credits.some(({ beneficiary }) => beneficiary.kind === 'partner' && beneficiary.id === partnerId);
}

type ExplainedConversion = ReturnType<typeof showConversion>;

async function explained(tx: Tx, views: readonly ConversionView[]): Promise<Map<string, ExplainedConversion>> {
  const explanations = await explainConversions(
    tx,
    views.map(({ id }) => id),
  );
  return new Map(views.map((view) => [view.id, showConversion(view, explanations.get(view.id))]));
}

/** A conversion as clients read it (api.md §3). Before its first credit the touchpoints show what the feed will see. */
export function showConversion(view: ConversionView, explanation: Explanation | undefined) {
  const { policyId, evaluationId, credits, refunds, ...rest } = view;
  return {
    ...rest,
    policyId,
    ...(evaluationId ? { evaluationId } : {}),
    ...(explanation?.inheritedFrom ? { inheritedFrom: explanation.inheritedFrom } : {}),
    ...(explanation?.notInherited ? { notInherited: explanation.notInherited } : {}),
    isReproduced: explanation?.isReproduced ?? null,
    credits: credits.map(({ evaluationId: ofCredit, ...credit }) => ({
      ...credit,
      ...(credit.supersededBy === null ? explanation?.contracts.get(credit.beneficiary.id) : {}),
      ...(ofCredit ? { evaluationId: ofCredit } : {}),
    })),
    touchpoints: (explanation?.touchpoints ?? []).map(withPartner),
    lateEvidence: (explanation?.lateEvidence ?? []).map(withPartner),
    ...(explanation?.moreTouchpoints ? { moreTouchpoints: explanation.moreTouchpoints } : {}),
    ...(explanation?.moreLateEvidence ? { moreLateEvidence: explanation.moreLateEvidence } : {}),
    refunds: refunds.map(({ reason, ...refund }) => ({ ...refund, ...(reason ? { reason } : {}) })),
  };
}

function withPartner<Touchpoint extends { partnerId: string | null }>({ partnerId, ...touchpoint }: Touchpoint) {
  return { ...touchpoint, ...(partnerId ? { partnerId } : {}) };
}

/** A partner sees its own part; who else was there, with what and how often, is not theirs to know. */
function forReader(conversion: ExplainedConversion, partnerId: string | undefined): ExplainedConversion {
  if (partnerId === undefined) return conversion;
  const { moreTouchpoints: _, moreLateEvidence: __, ...shown } = conversion;
  const isTheirs = (touchpoint: { partnerId?: string }) => touchpoint.partnerId === partnerId;
  return {
    ...shown,
    credits: shown.credits.filter(({ beneficiary }) => beneficiary.kind === 'partner' && beneficiary.id === partnerId),
    touchpoints: shown.touchpoints.filter(isTheirs),
    lateEvidence: shown.lateEvidence.filter(isTheirs),
  };
}
