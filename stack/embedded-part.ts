import type { ProcessRecord } from '../runtime/process-record.ts';
import type { Part } from './part.ts';

/** What the embedded servers have in common: a process of their own that can end. */
interface EmbeddedServer {
  process: ProcessRecord;
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** An embedded server as a part of the tree; `onStart` sees it after each start. */
export function embeddedPart<Server extends EmbeddedServer>(
  name: string,
  start: () => Promise<Server>,
  onStart: (server: Server) => void = () => undefined,
): Part {
  return {
    name,
    start: async () => {
      const server = await start();
      onStart(server);
      return { pid: server.process.pid, ended: server.ended.then(() => 'ended'), stop: () => server.stop() };
    },
  };
}
