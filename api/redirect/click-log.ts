import { setTimeout as delay } from 'node:timers/promises';
import { Counter, Gauge } from 'prom-client';
import { recordRedirects } from '../../db/intake/redirect.ts';
import type { RedirectClick } from '../../db/intake/redirect.ts';
import type { ApiDeps } from '../deps.ts';
import { nudgeFeed } from '../nudge.ts';
import { Journal } from './journal.ts';

/** Clicks of one transaction at most. */
const MOST_CLICKS = 1_000;
/** Clicks of this long share a commit; a conversion that comes sooner makes them be stored first. */
const FLUSH_AFTER_MS = 250;
const RETRY_AFTER_MS = 500;

type Line = RedirectClick & { programId: string };
type ClickDeps = Pick<ApiDeps, 'pool' | 'client' | 'log' | 'registry' | 'taskQueues' | 'commandTimeoutMs'>;

/** Takes clicks into the journal and brings them to Postgres behind the visitors' backs, each exactly once. */
export class ClickLog {
  readonly #deps: ClickDeps;
  readonly #journal: Journal;
  readonly #lost: Counter;
  #waiting = 0;
  #lostCount = 0;
  #flushing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #isBehind = false;

  /** Begins to store what a process before left in the folder, which is for this process alone. @throws Error when the folder cannot be made */
  constructor(deps: ClickDeps, folder: string) {
    this.#deps = deps;
    this.#journal = new Journal(folder);
    const registers = [deps.registry];
    this.#lost = new Counter({ name: 'tandem_clicks_lost_total', help: 'Clicks that could not be stored', registers });
    const countWaiting = () => this.#waiting;
    new Gauge({
      name: 'tandem_clicks_waiting',
      help: 'Clicks that were answered and are in the journal, not yet in the database',
      registers,
      collect() {
        this.set(countWaiting());
      },
    });
    void this.flush();
  }

  /** Settles when a kill of the process cannot lose the click any more. Never throws: the visitor is sent on whatever happens here. */
  async add(programId: string, click: RedirectClick): Promise<void> {
    this.#waiting += 1;
    try {
      await this.#journal.append(JSON.stringify({ programId, ...click } satisfies Line));
      this.#schedule(FLUSH_AFTER_MS);
    } catch (error) {
      this.#waiting -= 1;
      this.#deps.log.error({ err: error }, 'the click journal cannot be written');
      await this.#store(programId, [click]).catch((cause: unknown) => this.#lose([click], cause));
    }
  }

  /** Stores all clicks that were added before, if the database is there; tries once and never throws. */
  async flush(): Promise<void> {
    await this.#flushing;
    this.#flushing ??= this.#drain().finally(() => (this.#flushing = undefined));
    await this.#flushing;
  }

  /** The same, but waits no longer than `mostMs`: nobody hangs behind a backlog. */
  async flushWithin(mostMs: number): Promise<void> {
    await Promise.race([this.flush(), delay(mostMs, undefined, { ref: false })]);
  }

  /** Whether clicks wait or were lost, in words for /health. */
  get state(): string {
    if (!this.#isBehind && this.#lostCount === 0) return 'ok';
    return `${this.#waiting} clicks wait for the database; ${this.#lostCount} lost since the start.`;
  }

  get waiting(): number {
    return this.#waiting;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.flush();
  }

  #schedule(afterMs: number): void {
    if (this.#timer || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, afterMs);
  }

  async #drain(): Promise<void> {
    try {
      for (const name of this.#journal.rotate()) {
        let stored = 0;
        for await (const lines of this.#journal.read(name, MOST_CLICKS)) {
          await this.#storeLines(lines);
          stored += lines.length;
        }
        this.#journal.delete(name);
        if (this.#journal.isOwn(name)) this.#waiting = Math.max(0, this.#waiting - stored);
      }
      this.#isBehind = false;
    } catch (error) {
      this.#isBehind = true;
      this.#deps.log.warn({ err: error, waiting: this.#waiting }, 'clicks wait in the journal for the database');
      this.#schedule(RETRY_AFTER_MS);
    }
  }

  async #storeLines(lines: readonly string[]): Promise<void> {
    const byProgram = new Map<string, Line[]>();
    for (const line of lines.flatMap(parse)) {
      const clicks = byProgram.get(line.programId) ?? [];
      clicks.push(line);
      byProgram.set(line.programId, clicks);
    }
    for (const [programId, clicks] of byProgram) {
      try {
        await this.#store(programId, clicks);
      } catch (error) {
        if (isAway(error)) throw error;
        // One that the database refuses must not hold up the others.
        for (const click of clicks) {
          await this.#store(programId, [click]).catch((cause: unknown) => {
            if (isAway(cause)) throw cause;
            this.#lose([click], cause);
          });
        }
      }
      nudgeFeed(this.#deps, programId);
    }
  }

  async #store(programId: string, clicks: readonly RedirectClick[]): Promise<void> {
    await recordRedirects(this.#deps.pool, programId, clicks);
  }

  #lose(clicks: readonly RedirectClick[], cause: unknown): void {
    this.#lost.inc(clicks.length);
    this.#lostCount += clicks.length;
    this.#deps.log.error(
      { err: cause, touchpointIds: clicks.map(({ touchpointId }) => touchpointId) },
      'clicks were lost',
    );
  }
}

/** A line that was cut short by a crash was never answered. */
function parse(line: string): Line[] {
  try {
    return [JSON.parse(line) as Line];
  } catch {
    return [];
  }
}

/** Everything but a refusal of the data itself (classes 22 and 23, or our own rule) may pass with time. */
function isAway(error: unknown): boolean {
  const { code, name } = error as { code?: string; name?: string };
  return name !== 'Refusal' && !/^2[23]\w{3}$/.test(code ?? '');
}
