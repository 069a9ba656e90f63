import { record } from './activity-proxies.ts';
import type { TaskDesk } from './human-task.ts';
import { now } from './pause.ts';

/**
 * Asks the partner where their money shall go, and finance whether that is right, until details are verified.
 * @param key names this asking within the workflow
 */
export async function renewDetails(
  of: { programId: string; partnerId: string },
  desk: TaskDesk,
  key: string,
): Promise<void> {
  const { programId, partnerId } = of;
  for (let attempt = 1; ; attempt += 1) {
    const given = await desk.ask({
      key: `details/${key}/${attempt}`,
      kind: 'enablement.payout-details',
      partnerId,
      subject: { type: 'partner', id: partnerId },
    });
    const { detailsId } = await record.storePayoutDetails({
      programId,
      partnerId,
      commandId: given.commandId!,
      at: now(),
    });
    const verified = await desk.ask({
      key: `verification/${key}/${attempt}`,
      kind: 'payout-details.verification',
      partnerId,
      subject: { type: 'payout-details', id: detailsId },
    });
    const decision = { programId, detailsId, by: verified.by, at: now() };
    if (verified.outcome === 'verify') {
      await record.verifyPayoutDetails(decision);
      await record.wakeMoney({ programId, partnerId });
      return;
    }
    await record.rejectPayoutDetails(decision);
  }
}
