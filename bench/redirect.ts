import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import type { Team } from '../demo/steps/team.ts';
import { median } from './measure.ts';
import type { Result } from './report.ts';

const SECONDS = 5;
const CONNECTIONS = 16;

/** Redirects per second of a tracking link, against a bare Express server that answers 302, in turns. `partnerId` owns the link. */
export async function benchRedirect(team: Team, partnerId: string, rounds: number): Promise<Result> {
  const { url } = await team.manager.post('/v1/links', {
    partnerId,
    destination: 'https://shop.example/landing?utm=1',
    channel: 'video',
  });
  const bare = await startBareRedirect();
  const pairs: { tandem: number; bare: number }[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      pairs.push({ tandem: await redirectsPerSecond(url), bare: await redirectsPerSecond(bare.url) });
    }
  } finally {
    bare.stop();
  }
  const ratio = median(pairs.map((pair) => pair.tandem / pair.bare));
  return {
    work: 'redirects per second',
    tandem: median(pairs.map((pair) => pair.tandem)).toFixed(0),
    rival: median(pairs.map((pair) => pair.bare)).toFixed(0),
    ratio,
    goal: 'at least 0.6 ×',
    isReached: ratio >= 0.6,
  };
}

async function redirectsPerSecond(url: string): Promise<number> {
  const result = await autocannon({ url, connections: CONNECTIONS, duration: SECONDS });
  if (result['3xx'] === 0 || result.non2xx !== result['3xx'])
    throw new Error(`${url} answered something else than 302.`);
  return result['3xx'] / result.duration;
}

async function startBareRedirect(): Promise<{ url: string; stop(): void }> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('./bare/redirect.ts', import.meta.url))],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: line.toString().trim(), stop: () => void child.kill() };
}
