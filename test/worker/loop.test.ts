import { describe, expect, it } from '@jest/globals';
import { startLoop } from '../../worker/loops/loop.ts';
import { createLogger } from '../../runtime/log.ts';
import { eventually } from '../support/eventually.ts';

/** Levels and texts of what is logged. */
function listeningLog() {
  const said: { level: string; msg: string }[] = [];
  const write = (line: string) => void said.push(JSON.parse(line) as { level: string; msg: string });
  return { said, log: createLogger('test', { destination: { write } }) };
}

describe('a loop', () => {
  it('never makes two passes at a time, and follows a pass that found something at once', async () => {
    const { log } = listeningLog();
    let running = 0;
    let most = 0;
    let passes = 0;
    const loop = startLoop({
      name: 'busy',
      everyMs: 60_000,
      log,
      pass: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        passes += 1;
        return passes < 5 ? 1 : 0;
      },
    });

    await eventually(() => expect(passes).toBe(5));
    await loop.stop();

    expect(most).toBe(1);
  });

  it('says once that it fails and once that it works again', async () => {
    const { said, log } = listeningLog();
    let passes = 0;
    const loop = startLoop({
      name: 'shaky',
      everyMs: 1,
      longestPauseMs: 5,
      log,
      pass: () => {
        passes += 1;
        return passes < 4 ? Promise.reject(new Error('away')) : Promise.resolve(0);
      },
    });

    await eventually(() => expect(passes).toBeGreaterThan(5));
    await loop.stop();

    expect(said.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
      'warn the loop failed; it goes on trying',
      'info the loop works again',
    ]);
  });

  it('stops in the middle of a long pause, and not before its pass has ended', async () => {
    const { log } = listeningLog();
    const steps: string[] = [];
    let go = () => undefined as void;
    const loop = startLoop({
      name: 'slow',
      everyMs: 3_600_000,
      log,
      pass: async () => {
        steps.push('began');
        await new Promise<void>((resolve) => (go = resolve));
        steps.push('ended');
        return 0;
      },
    });

    await eventually(() => expect(steps).toEqual(['began']));
    const stopped = loop.stop().then(() => steps.push('stopped'));
    go();
    await stopped;

    expect(steps).toEqual(['began', 'ended', 'stopped']);
  });
});
