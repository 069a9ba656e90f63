import { record } from '../activity-proxies.ts';
import type { Journey, OpenAmendment } from '../journey.ts';
import { now } from '../pause.ts';

/** The partner consents to an amendment, or the old terms stay. */
export async function amending(journey: Journey, amendment: OpenAmendment): Promise<void> {
  const { programId, partnerId, state, desk } = journey;
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
    await record.putInForce({
      programId,
      partnerId,
      contractId,
      version,
      actor: answer.by,
      isConsent: true,
      at: now(),
    });
    state.hash = hash;
  }
  state.amendments = state.amendments.filter((one) => one.version !== version || one.contractId !== contractId);
}
