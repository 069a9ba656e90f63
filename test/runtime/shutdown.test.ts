import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const fixture = fileURLToPath(new URL('./stopping-process.ts', import.meta.url));

function start() {
  const child = spawn(process.execPath, ['--import', 'tsx', fixture], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  // Not `close`: Node does not emit it for a child whose channel was disconnected by us.
  const exited = once(child, 'exit') as Promise<[number]>;
  const ended = Promise.all([exited, once(child.stdout!, 'end')]).then(([exit]) => exit);
  return { child, output: () => output, ready: once(child, 'message'), ended };
}

describe('a process that handles its shutdown', () => {
  it('stops the last registered part first and ends with 0 on SIGTERM', async () => {
    const { child, output, ready, ended } = start();
    await ready;
    child.kill('SIGTERM');
    const [code] = await ended;
    expect({ code, output: output() }).toEqual({ code: 0, output: 'api\npool\n' });
  });

  it('stops by itself when the parent that started it is gone', async () => {
    const { child, output, ready, ended } = start();
    await ready;
    child.disconnect();
    const [code] = await ended;
    expect({ code, output: output() }).toEqual({ code: 0, output: 'api\npool\n' });
  });
});
