import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { startServers } from '../support/servers.ts';
import { eventually } from '../support/eventually.ts';
import { startTestPostgres, startTestTemporal } from '../support/stack.ts';
import { World } from '../workflows/journey/world.ts';
import { recordHistories } from './record.ts';
import { workflowNames } from './workflow-names.ts';

const HELP = `Records one history per workflow type for the replay tests (test/replay/histories).

  tsx test/replay/record-main.ts                     records a partner's journey on servers of its own
  tsx test/replay/record-main.ts --address HOST:PORT records what ran on that Temporal server, for instance after npm run demo

Record anew only when a change of a workflow is meant to break running ones; see docs/testing.md.`;

const { values } = parseArgs({ options: { address: { type: 'string' }, help: { type: 'boolean' } } });
if (values.help) console.log(HELP);
else console.log(`Recorded: ${(await (values.address ? recordFrom(values.address) : recordJourney())).join(', ')}`);

async function recordFrom(address: string): Promise<string[]> {
  const connection = await Connection.connect({ address });
  try {
    return await recordHistories(new Client({ connection }), workflowNames());
  } finally {
    await connection.close();
  }
}

/** A partner that is signed, trained, reviewed, paused and ended, and the feed beside it. */
async function recordJourney(): Promise<string[]> {
  const servers = await startServers();
  const [postgres, temporal] = await Promise.all([startTestPostgres(), startTestTemporal()]);
  const world = await new World(temporal, postgres).start();
  try {
    const { programId } = world;
    await temporal.client.workflow.start('attributionFeed', {
      workflowId: `attribution-feed/${programId}`,
      taskQueue: `${temporal.prefix}attribution`,
      args: [{ programId }],
    });
    const partnerId = await world.activate();
    await world.submit(partnerId, { text: 'Advertisement.' });
    await world.decide('content.review', partnerId, 'request-changes', 'reviewer', { reason: 'Your link is missing.' });
    await world.decide('content.revision', partnerId, 'resubmitted', 'partner', {
      data: { text: 'Advertisement: link' },
    });
    await world.decide('content.review', partnerId, 'approve', 'reviewer');
    const published = { url: 'https://blog.example/a', publishedAt: new Date().toISOString() };
    await world.decide('content.publication', partnerId, 'published', 'partner', { data: published });
    await world.change(partnerId, 'pause');
    await world.change(partnerId, 'resume');
    await world.amend(partnerId, 'propose', { hold: 'P7D' });
    await world.decide('contract.amendment', partnerId, 'accept', 'partner');
    await world.change(partnerId, 'end');
    await eventually(() => temporal.client.workflow.getHandle(`settlement/${partnerId}/1`).describe());
    return await eventually(async () => {
      const recorded = await recordHistories(temporal.client, ['partnerLifecycle', 'contentReview', 'attributionFeed']);
      if (recorded.length < 3) throw new Error(`Only ${recorded.join(', ')} can be listed yet.`);
      return recorded;
    });
  } finally {
    await world.stop();
    await temporal.stop();
    await postgres.stop();
    await servers.stop();
  }
}
