import { listUnpublishedContent } from '../db/queries/content.ts';
import { inTransaction } from '../db/transaction.ts';
import { partnerEnded } from '../workflows/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { signalIfOpen } from './open-workflow.ts';

const PAUSE_MS = 50;
/** A review that hears later ends later; the end of the partnership does not wait for it. */
const WAIT_MS = 3_000;

/** What the end of a partnership means for its content. */
export function createContentEndActivities({ pool, client }: ActivityDeps) {
  return {
    /**
     * Tells each review whose content is not published that the partnership ended, and waits a moment until it is withdrawn, so that
     * nobody who reads afterwards finds its task open. Twice changes nothing.
     */
    async endReviews(about: { programId: string; partnerId: string }): Promise<void> {
      const unpublished = () =>
        inTransaction(pool, about.programId, (tx) => listUnpublishedContent(tx, about.partnerId));
      const told = new Set<string>();
      for (const { id, workflowId } of await unpublished()) {
        if (await signalIfOpen(client, workflowId, (handle) => handle.signal(partnerEnded))) told.add(id);
      }
      const until = Date.now() + WAIT_MS;
      while (told.size > 0 && Date.now() < until && (await unpublished()).some(({ id }) => told.has(id))) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    },
  };
}
