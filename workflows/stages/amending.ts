import type { Journey, OpenAmendment } from '../journey.ts';

/** The partner consents to an amendment, or the old terms stay. */
export async function amending(journey: Journey, amendment: OpenAmendment): Promise<void> {
  const { partnerId, state, desk } = journey;
  const { contractId, version, hash } = amendment;
  const answer = await desk.ask({
    key: `amendment/${contractId}/${version}`,
    kind: 'contract.amendment',
    partnerId,
    subject: { type: 'contract', id: contractId },
    data: { contractId, version },
    cancelWhen: () => state.contractId !== contractId,
  });
  if (answer.outcome === 'accept') {
    const isInForce = await journey.putInForce({ contractId, version, actor: answer.by, isConsent: true });
    if (isInForce) state.hash = hash;
  }
  state.amendments = state.amendments.filter((one) => one.version !== version || one.contractId !== contractId);
}
