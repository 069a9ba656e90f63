import { createServer as createHttp2Server } from 'node:http2';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { eventually } from '../support/eventually.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

let real: ApiStack;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  real = await startApi();
});
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
  await real?.stop();
});

/** @returns the port, and a way to end every connection */
async function listen(server: Server): Promise<{ port: number; cut: () => void }> {
  const sockets = new Set<Socket>();
  const cut = () => sockets.forEach((socket) => socket.destroy());
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    const closed = new Promise((resolve) => server.close(resolve));
    cut();
    return closed;
  });
  return { port: (server.address() as AddressInfo).port, cut };
}

/** An API whose Temporal is at an address. */
async function anApi(port: number): Promise<ApiStack> {
  const connection = Connection.lazy({ address: `127.0.0.1:${port}` });
  const client = new Client({ connection, namespace: real.temporal.namespace });
  const api = await startApi({ client });
  closing.push(async () => {
    await api.stop();
    await connection.close();
  });
  return api;
}

/** A way to the real Temporal on which nothing comes through while it is `isDeaf`, though every connection is taken and kept. */
async function aWay() {
  const way = { isDeaf: false };
  const [host, port] = real.temporal.address.split(':');
  const server = createServer((inward) => {
    const outward = connect(Number(port), host);
    for (const [from, to] of [
      [inward, outward],
      [outward, inward],
    ] as const) {
      from.on('data', (data) => void (way.isDeaf || to.write(data)));
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
    }
  });
  return { way, ...(await listen(server)) };
}

/** What readiness says, which it does within seconds. */
async function ready(api: ApiStack) {
  const began = performance.now();
  const { status, body } = await api.send('GET', '/health/ready');
  expect(performance.now() - began).toBeLessThan(5_000);
  return { status, database: body.database, temporal: body.temporal, worker: body.worker };
}

const HANGS = {
  status: 503,
  database: 'ok',
  temporal: 'Temporal does not answer.',
  worker: 'Not known while Temporal does not answer.',
};
const ANSWERS = { ...HANGS, temporal: 'ok', worker: 'No worker polls the task queue of journeys.' };

describe('readiness names Temporal', () => {
  it('when it takes the connection and never answers', async () => {
    const { port } = await listen(createServer());
    const api = await anApi(port);
    expect([await ready(api), await ready(api)]).toEqual([HANGS, HANGS]);
  }, 30_000);

  it('while it hangs, though it answered before, and no longer than that', async () => {
    const { way, port, cut } = await aWay();
    const api = await anApi(port);
    expect(await ready(api)).toEqual(ANSWERS);
    way.isDeaf = true;
    expect(await ready(api)).toEqual(HANGS);
    way.isDeaf = false;
    cut();
    await eventually(async () => expect(await ready(api)).toEqual(ANSWERS), 20_000);
  }, 60_000);

  it('when it was away at first, until it is there', async () => {
    const { way, port, cut } = await aWay();
    way.isDeaf = true;
    const api = await anApi(port);
    expect(await ready(api)).toEqual(HANGS);
    way.isDeaf = false;
    cut();
    await eventually(async () => expect(await ready(api)).toEqual(ANSWERS), 20_000);
  }, 60_000);

  it('and ends its calls, so that they do not pile up', async () => {
    const open = new Set<object>();
    let calls = 0;
    const server = createHttp2Server().on('stream', (stream) => {
      calls += 1;
      open.add(stream);
      stream.on('close', () => open.delete(stream));
      stream.on('error', () => undefined);
    });
    const { port } = await listen(server);
    const api = await anApi(port);
    expect(await ready(api)).toEqual(HANGS);
    await eventually(async () => expect(open.size).toBe(0));
    expect(calls).toBeGreaterThan(0);
  }, 30_000);
});
