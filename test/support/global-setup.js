// Jest loads this file without our transform, so it is plain JavaScript that lets tsx read the TypeScript behind it.
import { tsImport } from 'tsx/esm/api';

/** Starts PostgreSQL and Temporal once for the whole jest run. */
export default async function globalSetup() {
  const { startServers } = await tsImport('./servers.ts', import.meta.url);
  globalThis.tandemTestServers = await startServers();
}
