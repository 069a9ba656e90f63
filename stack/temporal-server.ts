import { readBinarySettings } from '../runtime/config.ts';
import { resolveTemporalBinary } from '../runtime/embedded/temporal-binary.ts';
import { startTemporal } from '../runtime/embedded/temporal.ts';
import { embeddedPart } from './embedded-part.ts';
import type { Tree } from './tree.ts';

export interface TemporalServer {
  address: string;
  namespace: string;
  /** `null` when the server is not ours: its operator knows its UI. */
  uiUrl: string | null;
}

/** The server that TEMPORAL_ADDRESS names, or the dev server; its program is fetched at the first start of a machine. */
export async function startTemporalServer(tree: Tree): Promise<TemporalServer> {
  const { config, stateDir, ports, supervisor, say } = tree;
  const namespace = config.TEMPORAL_NAMESPACE;
  if (config.TEMPORAL_ADDRESS) return { address: config.TEMPORAL_ADDRESS, namespace, uiUrl: null };
  const { path: binary } = await resolveTemporalBinary({ kind: 'cli', ...readBinarySettings('cli'), onProgress: say });
  await supervisor.add(
    embeddedPart('temporal', () =>
      startTemporal({ binary, stateDir, port: ports.temporal, uiPort: ports.temporalUi, namespace }),
    ),
  );
  return { address: `127.0.0.1:${ports.temporal}`, namespace, uiUrl: `http://127.0.0.1:${ports.temporalUi}` };
}
