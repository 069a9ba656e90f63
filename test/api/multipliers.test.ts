import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { insertFoundingPolicy } from '../../db/queries/program-foundation.ts';
import { inTransaction } from '../../db/transaction.ts';
import { World } from '../activities/attribution/world.ts';
import { daysAgo } from '../support/days-ago.ts';
import { aPartner, LINEAR } from '../support/ground.ts';
import { pdfText } from '../support/pdf-text.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

let api: ApiStack;
let partnerId: string;
let otherId: string;
let conversionId: string;
let keyOfPartner: string;

beforeAll(async () => {
  api = await startApi();
  const world = new World(api.pool, api.programId);
  ({ partnerId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(9) }));
  ({ partnerId: otherId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(9) }));
  await world.rows('update partner set name = $2 where id = $1', [partnerId, 'Anna Films']);
  const multipliers = [
    { channel: 'video', factor: 1.5 },
    { partnerId, factor: 2 },
    { partnerId: otherId, factor: 0.5 },
  ];
  keyOfPartner = await inTransaction(api.pool, api.programId, async (tx) => {
    await insertFoundingPolicy(tx, { ...LINEAR, name: 'Leads', conversionTypes: ['lead'], multipliers }, 'system');
    return (await mintApiKey(tx, { name: 'Partner', role: 'partner', partnerId })).apiKey;
  });
  await world.touch(
    { id: 't1', partnerId, channel: 'video', occurredAt: daysAgo(6) },
    { id: 't2', partnerId: otherId, channel: 'article', occurredAt: daysAgo(5) },
    { id: 't3', channel: 'email', occurredAt: daysAgo(5) },
  );
  conversionId = await world.sale('lead-1', 10_000, daysAgo(4), { type: 'lead' });
  await world.drain();
}, 120_000);
afterAll(() => api?.stop());

const get = (path: string, key: string | undefined, headers?: Record<string, string>) =>
  api.send('GET', path, { key, headers });

const OF_ANNA = [
  { index: 0, factor: 1.5, text: 'touchpoints through the channel video count 1.5 times' },
  {
    index: 1,
    factor: 2,
    text: expect.stringMatching(/^touchpoints of the partner Anna Films \(prt_\w+\) count 2 times$/),
  },
];

it('stand beside each touchpoint of a conversion, in plain words', async () => {
  const { body } = await get(`/v1/conversions/${conversionId}`, api.keys.partner_manager);
  expect(body.touchpoints).toMatchObject([
    { id: 't1', factor: 3, multipliers: OF_ANNA },
    { id: 't2', factor: 0.5, multipliers: [{ index: 2, factor: 0.5 }] },
    { id: 't3', factor: 1, multipliers: [] },
  ]);
});

it('are told to a partner as far as they speak of its own touchpoints', async () => {
  const { body, text } = await get(`/v1/conversions/${conversionId}`, keyOfPartner);
  expect(body.touchpoints).toMatchObject([{ id: 't1', multipliers: OF_ANNA }]);
  expect(text).not.toContain(otherId);
});

it('stand in the dossier of the conversion, on paper too', async () => {
  const path = `/v1/dossiers/conversion/${conversionId}`;
  const { body } = await get(path, api.keys.auditor);
  expect(body.conversion.touchpoints[0].multipliers).toEqual(OF_ANNA);
  const headers = { authorization: `Bearer ${api.keys.auditor}`, accept: 'application/pdf' };
  const paper = pdfText(Buffer.from(await (await fetch(`${api.baseUrl}${path}`, { headers })).arrayBuffer()));
  expect(paper.replaceAll(/\s+/g, ' ')).toContain('touchpoints through the channel video count 1.5 times');
});
