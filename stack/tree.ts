import type { Config } from '../runtime/config.ts';
import type { Identity } from './identity.ts';
import type { Supervisor } from './part.ts';
import type { InnerPorts } from './ports.ts';

/** What every step of bringing up the tree needs to know. */
export interface Tree {
  root: string;
  stateDir: string;
  config: Config;
  identity: Identity;
  ports: InnerPorts;
  supervisor: Supervisor;
  say: (line: string) => void;
}
