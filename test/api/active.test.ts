import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../db/transaction.ts';
import { eventually } from '../support/eventually.ts';
import { pdfText } from '../support/pdf-text.ts';
import { anActivePartner, decide } from './active-partner.ts';
import type { ActivePartner } from './active-partner.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';

let api: ApiStack;
let stopWorker: () => Promise<void>;
let mira: ActivePartner;
beforeAll(async () => {
  api = await startApi();
  stopWorker = await startApiWorker(api);
  mira = await anActivePartner(api, 'mira@partners.example');
});
afterAll(async () => {
  await stopWorker?.();
  await api?.stop();
});

describe('a contract', () => {
  it('shows versions, signatures and its document', async () => {
    const { body } = await api.send('GET', `/v1/contracts/${mira.contractId}`, { key: mira.key });
    expect(body).toMatchObject({ partnerId: mira.id, state: 'in_force', versions: [{ version: 1, diff: [] }] });
    expect(body.expiresAt).toBeNull();
    expect(body.versions[0].signatures.map(({ side }: any) => side).sort()).toEqual(['partner', 'program']);
    const pdf = await api.send('GET', body.versions[0].documentUrl, { key: mira.key });
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(pdf.text.startsWith('%PDF-')).toBe(true);
    const accepted = await api.send('GET', `/v1/contracts/${mira.contractId}`, {
      key: mira.key,
      headers: { accept: 'application/pdf' },
    });
    expect(accepted.headers.get('content-type')).toBe('application/pdf');
  });

  it('has one copy with both signatures, stored once and mailed to the partner', async () => {
    const path = `/v1/contracts/${mira.contractId}`;
    const [version] = (await api.send('GET', path, { key: mira.key })).body.versions;
    expect(version.documentIsSigned).toBe(true);
    const read = async (address: string, key: string) => {
      const reply = await fetch(`${api.baseUrl}${address}`, {
        headers: { authorization: `Bearer ${key}`, accept: 'application/pdf' },
      });
      return Buffer.from(await reply.arrayBuffer());
    };
    const bytes = await read(path, mira.key);
    expect(await read(version.documentUrl, api.keys.auditor!)).toEqual(bytes);
    const text = pdfText(bytes);
    expect(text).toContain(version.hash);
    for (const { side, signatoryName, signatoryTitle, at } of version.signatures) {
      const who = side === 'partner' ? 'Partner' : 'Werbetreibender';
      expect(text).toContain(`${who}: ${[signatoryName, signatoryTitle].filter(Boolean).join(', ')}, ${at}`);
    }
    const [documents, mails] = await inTransaction(api.pool, api.programId, async (tx) => [
      (await tx.query("select sha256 from document where kind = 'signed-contract'")).rows,
      (await tx.query("select to_address, data from mail_outbox where template = 'contract-signed'")).rows,
    ]);
    expect(documents).toEqual([{ sha256: createHash('sha256').update(bytes).digest('hex') }]);
    expect(mails).toEqual([
      { to_address: 'mira@partners.example', data: { contractId: mira.contractId, documentOf: 1 } },
    ]);
  });

  it('is amended by consent, and says what changed', async () => {
    const body = {
      mode: 'propose',
      changes: { hold: 'P7D', expires: 'P100Y' },
      effectiveFrom: new Date().toISOString(),
      reason: 'Returns',
    };
    const reply = await api.send('POST', `/v1/contracts/${mira.contractId}/amendments`, { key: api.keys.legal, body });
    expect(reply).toMatchObject({ status: 201, body: { contractId: mira.contractId, version: 2 } });
    await decide(api, mira.id, 'contract.amendment', mira.key, () => ({ outcome: 'accept' }));
    await eventually(async () => {
      const contract = await api.send('GET', `/v1/contracts/${mira.contractId}`, { key: api.keys.auditor });
      const [first] = contract.body.versions;
      const ranDays = (Date.parse(contract.body.expiresAt) - Date.parse(first.inForceSince)) / 86_400_000;
      expect([36_524, 36_525]).toContain(Math.floor(ranDays));
      expect(contract.body.versions[1]).toMatchObject({
        diff: expect.arrayContaining([
          expect.objectContaining({ path: 'expires', after: 'P100Y' }),
          expect.objectContaining({ path: 'hold', after: 'P7D' }),
        ]),
        inForceSince: expect.any(String),
        documentIsSigned: true,
      });
    });
    const [, version] = (await api.send('GET', `/v1/contracts/${mira.contractId}`, { key: mira.key })).body.versions;
    expect(version.signatures).toMatchObject([
      { side: 'program', hash: version.hash },
      { side: 'partner', signatoryName: 'Mira Films', hash: version.hash },
    ]);
    const document = await fetch(`${api.baseUrl}${version.documentUrl}`, {
      headers: { authorization: `Bearer ${mira.key}`, accept: 'application/pdf' },
    });
    const text = pdfText(Buffer.from(await document.arrayBuffer()));
    expect(text).toContain(version.hash);
    expect(text).toContain('100 Jahre');
    for (const { signatoryName, at } of version.signatures) expect(text).toContain(`${signatoryName}, ${at}`);
  });

  it('refuses changes that do not hold together, naming the field', async () => {
    const send = (changes: object, effectiveFrom = new Date().toISOString()) =>
      api.send('POST', `/v1/contracts/${mira.contractId}/amendments`, {
        key: api.keys.legal,
        body: { mode: 'propose', changes, effectiveFrom },
      });
    const rate = { plan: { rules: [{ kind: 'percentage', basisPoints: -5 }] } };
    expect((await send(rate)).body).toMatchObject({
      status: 422,
      errors: [{ path: 'changes.plan.rules.0.basisPoints' }],
    });
    expect((await send({ expires: 'tomorrow' })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'changes.expires' }],
    });
    expect((await send({})).body).toMatchObject({ status: 422, errors: [{ path: 'changes' }] });
    for (const effectiveFrom of ['2020-01-01T00:00:00Z', '2099-01-01T00:00:00Z']) {
      expect((await send({ hold: 'P1D' }, effectiveFrom)).body).toMatchObject({
        status: 422,
        errors: [{ path: 'effectiveFrom' }],
      });
    }
  });
});

describe('content', () => {
  it('goes through review to publication', async () => {
    const draft = { title: 'A test <b>', kind: 'video', platform: 'tube', text: 'Advertisement. See my link.' };
    const made = await api.send('POST', `/v1/partners/${mira.id}/content`, { key: mira.key, body: draft });
    expect(made).toMatchObject({ status: 201, body: { state: 'in_review', title: 'A test <b>' } });
    await decide(api, mira.id, 'content.review', api.keys.reviewer, () => ({ outcome: 'approve' }));
    await decide(api, mira.id, 'content.publication', mira.key, () => ({
      outcome: 'published',
      data: { url: 'https://tube.example/1', publishedAt: new Date().toISOString() },
    }));
    await eventually(async () => {
      const { body } = await api.send('GET', `/v1/content/${made.body.id}`, { key: mira.key });
      expect(['published', 'live']).toContain(body.state);
      expect(body).toMatchObject({ url: 'https://tube.example/1', rounds: [{ round: 1, outcome: 'approve' }] });
    });
    const list = await api.send('GET', `/v1/content?partnerId=${mira.id}`, { key: api.keys.auditor });
    expect(list.body.items).toHaveLength(1);
  });

  it('needs a draft, and asset versions that exist', async () => {
    const send = (body: object) => api.send('POST', `/v1/partners/${mira.id}/content`, { key: mira.key, body });
    expect((await send({ title: 'T', kind: 'post', platform: 'p' })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'draftUrl' }],
    });
    const unknown = await send({ title: 'T', kind: 'post', platform: 'p', text: 'x', assetVersionIds: ['ast_x/1'] });
    expect(unknown.body).toMatchObject({ status: 422, errors: [{ path: 'assetVersionIds' }] });
  });
});

describe('the record', () => {
  it('tells what happened in plain words, page by page', async () => {
    const texts: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: any = (
        await api.send('GET', `/v1/partners/${mira.id}/timeline?limit=5${cursor && `&cursor=${cursor}`}`, {
          key: api.keys.auditor,
        })
      ).body;
      for (const { text, at, actor } of page.items) {
        expect(text).not.toMatch(/[{}]/);
        expect(typeof at === 'string' && actor.name !== '').toBe(true);
        texts.push(text);
      }
      cursor = page.nextCursor;
    }
    expect(texts[0]).toMatch(/invited the partner/);
    expect(texts.length).toBeGreaterThan(10);
    const theirs = await api.send('GET', `/v1/partners/${mira.id}/timeline?limit=200`, { key: mira.key });
    expect(JSON.stringify(theirs.body)).not.toContain('Mara Manager');
  });

  it('shows the runs of the workflows and their whole history', async () => {
    const { body } = await api.send('GET', `/v1/partners/${mira.id}/history`, { key: api.keys.auditor });
    const journey = body.items.find((run: any) => run.type === 'partnerLifecycle');
    expect(journey).toMatchObject({ workflowId: `partner/${mira.id}`, status: 'running', archived: false });
    const history = await api.send('GET', `/v1/partners/${mira.id}/history/${journey.runId}`, {
      key: api.keys.auditor,
    });
    expect(history.body.events.length).toBeGreaterThanOrEqual(journey.eventCount);
    expect(history.body.events[0].eventType).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_STARTED');
    expect(history.text).not.toContain('mira@partners.example');
    expect((await api.send('GET', `/v1/partners/${mira.id}/history/nothing`, { key: api.keys.auditor })).status).toBe(
      404,
    );
  });
});

describe('pause, resume and end', () => {
  it('move the partner with a reason', async () => {
    const send = (event: string, body: object = { reason: 'Quiet season' }) =>
      api.send('POST', `/v1/partners/${mira.id}/${event}`, { key: api.keys.partner_manager, body });
    expect((await send('pause', {})).body).toMatchObject({ status: 422, errors: [{ path: 'reason' }] });
    expect((await send('pause')).body.status).toBe('paused');
    expect((await send('pause')).body).toMatchObject({ status: 409, code: 'illegal-transition' });
    const draft = { title: 'T', kind: 'post', platform: 'p', text: 'x' };
    expect((await api.send('POST', `/v1/partners/${mira.id}/content`, { key: mira.key, body: draft })).status).toBe(
      409,
    );
    expect((await send('resume')).body.status).toBe('active');
    expect((await send('end')).body.status).toBe('ended');
    expect((await send('resume')).status).toBe(409);
  });
});
