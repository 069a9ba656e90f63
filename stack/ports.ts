import { join } from 'node:path';
import { z } from 'zod';
import { findFreePort, isPortFree } from '../runtime/free-port.ts';
import { readKept, writeKept } from './kept-file.ts';

const INNER = ['postgres', 'temporal', 'temporalUi', 'smtp', 'inbox', 'provider'] as const;

const schema = z.partialRecord(z.enum(INNER), z.int().min(1).max(65_535));

export type InnerPorts = Record<(typeof INNER)[number], number>;

/**
 * Ports of the inner parts: free ones at the first start, and the same ones later, so that addresses stay good.
 * One that somebody else took meanwhile is replaced.
 */
export async function keepPorts(stateDir: string): Promise<InnerPorts> {
  const file = join(stateDir, 'ports.json');
  const kept = readKept(file, schema) ?? {};
  const ports: Partial<InnerPorts> = {};
  for (const name of INNER) {
    const old = kept[name];
    ports[name] = old !== undefined && (await isPortFree(old)) ? old : await findOther(Object.values(ports));
  }
  writeKept(file, ports);
  return ports as InnerPorts;
}

/** The API's port is fixed, because people and scripts know it. @throws Error naming a port that is taken */
export async function requireApiPort(port: number): Promise<void> {
  if (await isPortFree(port)) return;
  throw new Error(
    `Port ${port} for the API is taken. Stop what listens there, or choose another: npm start -- --port ${port + 1}`,
  );
}

/** The system may offer one port twice while nobody listens on it yet. */
async function findOther(used: number[]): Promise<number> {
  for (;;) {
    const port = await findFreePort();
    if (!used.includes(port)) return port;
  }
}
