import { setTimeout as delay } from 'node:timers/promises';

/** A process of the tree that lives now. */
export interface RunningPart {
  pid: number;
  /** Resolves when the process has ended, with how it ended in words. */
  ended: Promise<string>;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface Part {
  /** `postgres`, `worker`, …: also the name of its log and pid file. */
  name: string;
  /** Starts it (again) and resolves when it can be used. Gives up waiting when `signal` says that all shall stop. */
  start(signal: AbortSignal): Promise<RunningPart>;
}

export interface SupervisorOptions {
  /** Tells the person at the terminal. */
  say: (line: string) => void;
  /** Pauses before the first, second, … start again; the last one repeats. All below ten seconds. */
  pausesMs?: readonly number[];
}

const PAUSES_MS = [100, 500, 1_000, 2_000, 5_000] as const;

/** A part that lived this long had no trouble starting: the pauses begin anew. */
const STABLE_MS = 30_000;

/** Keeps parts alive: one that ends is started again, later and later, and the person is told. */
export class Supervisor {
  private readonly options: SupervisorOptions;
  private readonly running: { current: RunningPart | null; watch: Promise<void> }[] = [];
  private starting: Promise<unknown> = Promise.resolve();
  /** The embedded servers do not keep our process alive; without this it could end while it waits for the last one's end. */
  private readonly alive = setInterval(() => undefined, 60_000);
  private readonly stopping = new AbortController();

  constructor(options: SupervisorOptions) {
    this.options = options;
  }

  /**
   * Starts a part and watches it from then on. Parts are added one after the other.
   * @throws what its first start throws: a tree that cannot come up says why instead of trying for ever
   * @throws when `stop` was called before or meanwhile
   */
  async add(part: Part): Promise<void> {
    this.stopping.signal.throwIfAborted();
    const starting = part.start(this.stopping.signal);
    // `stop` waits for a start that is under way; its failure is told to the caller of `add`.
    this.starting = starting.catch(() => null);
    const slot = { current: await starting, watch: Promise.resolve() };
    this.running.push(slot);
    slot.watch = this.watch(part, slot);
    this.stopping.signal.throwIfAborted();
  }

  /** Stops the parts one after the other, the last started first. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.starting;
    for (const slot of this.running.toReversed()) {
      await slot.current?.stop();
      await slot.watch;
      // A start again that was under way when the stop began.
      await slot.current?.stop();
    }
    clearInterval(this.alive);
  }

  private async watch(part: Part, slot: { current: RunningPart | null }): Promise<void> {
    const pauses = this.options.pausesMs ?? PAUSES_MS;
    let failures = 0;
    let startedAt = Date.now();
    while (slot.current !== null) {
      const how = await slot.current.ended;
      slot.current = null;
      if (this.stopping.signal.aborted) return;
      if (Date.now() - startedAt > STABLE_MS) failures = 0;
      this.options.say(`${part.name} ${how}; starting it again`);
      while (slot.current === null) {
        await this.pause(pauses[Math.min(failures, pauses.length - 1)] ?? 0);
        if (this.stopping.signal.aborted) return;
        failures += 1;
        startedAt = Date.now();
        slot.current = await this.startAgain(part);
      }
      // `stop` ends what came up while it began.
      if (this.stopping.signal.aborted) return;
    }
  }

  private async startAgain(part: Part): Promise<RunningPart | null> {
    const from = Date.now();
    try {
      const running = await part.start(this.stopping.signal);
      this.options.say(
        `${part.name} runs again (process ${running.pid}, after ${((Date.now() - from) / 1000).toFixed(1)} s)`,
      );
      return running;
    } catch (error) {
      this.options.say(`${part.name} could not be started: ${(error as Error).message}`);
      return null;
    }
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
