import { setTimeout as delay } from 'node:timers/promises';
import { Counter, Gauge } from 'prom-client';
import { recordRedirects } from '../../db/intake/redirect.ts';
import type { RedirectClick } from '../../db/intake/redirect.ts';
import type { ApiDeps } from '../deps.ts';
import { nudgeFeed } from '../nudge.ts';
import { Journal } from './journal.ts';
import { JournalFolder } from './journal-folder.ts';
import { keepRejected } from './rejected-clicks.ts';

/** Clicks of one transaction at most. */
const MOST_CLICKS = 1_000;
/** Clicks of this long share a commit; a conversion that comes sooner makes them be stored first. */
const FLUSH_AFTER_MS = 250;
const RETRY_AFTER_MS = 500;
/** How often this process says that it lives, and looks for journals of those that do not. */
const KEEP_EVERY_MS = 15_000;

type Line = RedirectClick & { programId: string };
type ClickDeps = Pick<ApiDeps, 'pool' | 'client' | 'log' | 'registry' | 'taskQueues' | 'commandTimeoutMs'>;

/** Takes clicks into the journal and brings them to Postgres behind the visitors' backs, each exactly once. */
export class ClickLog {
  readonly #deps: ClickDeps;
  readonly #base: string;
  readonly #lost: Counter;
  readonly #rejected: Counter;
  readonly #keeper: NodeJS.Timeout;
  #folder: JournalFolder;
  #journal: Journal;
  #waiting = 0;
  #lostCount = 0;
  #rejectedCount = 0;
  #flushing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #isBehind = false;
  /** Segments of processes before this one whose lines are among the waiting. */
  readonly #counted = new Set<string>();

  /**
   * Takes a folder in `base` for this process alone, and begins to store what processes that died left there.
   * @param base `clicks-<port>` in the data folder
   * @throws Error when every place in it is taken, or the folder cannot be made
   */
  constructor(deps: ClickDeps, base: string) {
    this.#deps = deps;
    this.#base = base;
    this.#folder = JournalFolder.claim(base);
    this.#journal = new Journal(this.#folder.path);
    this.#folder.adopt();
    this.#keeper = setInterval(() => this.#keep(), KEEP_EVERY_MS).unref();
    const registers = [deps.registry];
    this.#lost = new Counter({ name: 'tandem_clicks_lost_total', help: 'Clicks that could not be stored', registers });
    this.#rejected = new Counter({
      name: 'tandem_clicks_rejected_total',
      help: 'Clicks that the database refused; they are kept in rejected.jsonl beside the journal',
      registers,
    });
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
      await this.#store(programId, [click]).catch((cause: unknown) => this.#lose([{ programId, ...click }], cause));
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
    if (!this.#isBehind && this.#lostCount + this.#rejectedCount === 0) return 'ok';
    const refused = this.#rejectedCount === 0 ? '' : ` ${this.#rejectedCount} were refused and kept in rejected.jsonl.`;
    return `${this.#waiting} clicks wait for the database; ${this.#lostCount} lost since the start.${refused}`;
  }

  get waiting(): number {
    return this.#waiting;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#keeper);
    await this.flush();
    this.#folder.release();
  }

  #keep(): void {
    try {
      if (!this.#folder.keep()) {
        this.#deps.log.error(
          { folder: this.#folder.path },
          'another process took the click journal, because this one was away too long',
        );
        this.#journal.rotate();
        this.#folder = JournalFolder.claim(this.#base);
        this.#journal = new Journal(this.#folder.path);
      }
      if (this.#folder.adopt() > 0) this.#schedule(0);
    } catch (error) {
      this.#deps.log.error({ err: error }, 'the folder of the click journal cannot be kept');
    }
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
      const names = this.#journal.rotate();
      await this.#countFound(names);
      for (const name of names) {
        let [stored, unreadable] = [0, 0];
        for await (const lines of this.#journal.read(name, MOST_CLICKS)) {
          unreadable += await this.#storeLines(lines);
          stored += lines.length;
        }
        this.#journal.delete(name);
        this.#counted.delete(name);
        this.#waiting = Math.max(0, this.#waiting - stored);
        if (unreadable > 0) this.#loseUnreadable(name, unreadable);
      }
      this.#isBehind = false;
    } catch (error) {
      this.#isBehind = true;
      this.#deps.log.warn({ err: error, waiting: this.#waiting }, 'clicks wait in the journal for the database');
      this.#schedule(RETRY_AFTER_MS);
    }
  }

  async #countFound(names: readonly string[]): Promise<void> {
    for (const name of names) {
      if (this.#journal.isOwn(name) || this.#counted.has(name)) continue;
      this.#waiting += await this.#journal.count(name);
      this.#counted.add(name);
    }
  }

  /** @returns how many of the lines cannot be read */
  async #storeLines(lines: readonly string[]): Promise<number> {
    const byProgram = new Map<string, Line[]>();
    const read = lines.flatMap(parse);
    for (const line of read) {
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
            this.#reject(click, cause);
          });
        }
      }
    }
    return lines.length - read.length;
  }

  async #store(programId: string, clicks: readonly RedirectClick[]): Promise<void> {
    await recordRedirects(this.#deps.pool, programId, clicks);
    nudgeFeed(this.#deps, programId);
  }

  /** What the database refuses for its content is kept for a person: a later attempt would be refused as well. */
  #reject(click: Line, cause: unknown): void {
    const reason = (cause as Error).message.split('\n')[0]!;
    try {
      keepRejected(this.#folder.path, [{ at: new Date().toISOString(), reason, click }]);
    } catch (error) {
      this.#lose([click], error);
      return;
    }
    this.#rejected.inc();
    this.#rejectedCount += 1;
    this.#deps.log.error(
      { err: cause, touchpointId: click.touchpointId },
      'the database refused a click, which is kept',
    );
  }

  #loseUnreadable(segment: string, lines: number): void {
    this.#lost.inc(lines);
    this.#lostCount += lines;
    this.#deps.log.error({ segment, lines }, 'lines of the click journal cannot be read, and are lost');
  }

  #lose(clicks: readonly Line[], cause: unknown): void {
    this.#lost.inc(clicks.length);
    this.#lostCount += clicks.length;
    this.#deps.log.error(
      { err: cause, touchpointIds: clicks.map(({ touchpointId }) => touchpointId) },
      'clicks were lost',
    );
  }
}

/** Nothing for a line that is none of ours, for instance zeros after a power cut. */
function parse(line: string): Line[] {
  try {
    const read = JSON.parse(line) as Partial<Line> | null;
    return typeof read?.programId === 'string' ? [read as Line] : [];
  } catch {
    return [];
  }
}

/** Everything but a refusal of the data itself (classes 22 and 23, or our own rule) may pass with time. */
function isAway(error: unknown): boolean {
  const { code, name } = error as { code?: string; name?: string };
  return name !== 'Refusal' && !/^2[23]\w{3}$/.test(code ?? '');
}
