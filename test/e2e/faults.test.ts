import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findFreePort } from '../../runtime/free-port.ts';
import { removePostgresFolder } from '../../runtime/embedded/postgres-folder.ts';
import { runFaults } from '../faults/rounds.ts';
import { makeRunFolder } from '../support/servers-file.ts';
import { Tree } from '../support/tree.ts';

describe('a programme whose servers die', () => {
  let tree: Tree;

  beforeAll(async () => {
    Tree.build();
    tree = new Tree(makeRunFolder('faults-'), await findFreePort());
    await tree.start(['--fast']);
  }, 300_000);

  afterAll(async () => {
    await tree.signal('SIGINT');
    removePostgresFolder(tree.stateDir);
  }, 60_000);

  it('brings ten journeys to the same cent, with worker, Temporal and PostgreSQL killed at seeded moments', async () => {
    const lines: string[] = [];
    const result = await runFaults({
      tree,
      firstSeed: 1,
      runs: 10,
      parallel: 10,
      say: (line) => void lines.push(line),
    });
    expect(result.failures).toEqual([]);
    expect(Object.keys(result.kills).sort()).toEqual(['postgres', 'temporal', 'worker']);
  }, 360_000);
});
