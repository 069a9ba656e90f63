import { readdirSync, readFileSync } from 'node:fs';
import type { Pool } from '../../db/pool.ts';

/** Of Linux, on every machine that PostgreSQL runs on today. */
const TICKS_PER_SECOND = 100;

/** What some work took: wall time, and the processor time of this process and of the whole database server; null where that runs elsewhere. */
export interface Cost {
  wallMs: number;
  oursMs: number;
  databaseMs: number | null;
  /** The most memory that this process held meanwhile, in bytes. */
  peakRss: number;
}

/** Measures work by what processors did for it, which holds on a busy machine too. */
export class ProcessorTime {
  readonly #postmaster: number | null;

  private constructor(postmaster: number | null) {
    this.#postmaster = postmaster;
  }

  static async of(pool: Pool): Promise<ProcessorTime> {
    const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
    const backend = msOf(rows[0]!.pid);
    return new ProcessorTime(backend?.name === 'postgres' ? backend.parent : null);
  }

  async measure(work: () => Promise<unknown>): Promise<Cost> {
    let peakRss = process.memoryUsage.rss();
    const watch = setInterval(() => (peakRss = Math.max(peakRss, process.memoryUsage.rss())), 20);
    const database = this.#databaseMs();
    const ours = process.cpuUsage();
    const started = performance.now();
    await work();
    const wallMs = performance.now() - started;
    const { user, system } = process.cpuUsage(ours);
    clearInterval(watch);
    const databaseMs = database === null ? null : this.#databaseMs()! - database;
    return { wallMs, oursMs: (user + system) / 1_000, databaseMs, peakRss };
  }

  /** The server's processes, those that have ended included. */
  #databaseMs(): number | null {
    const postmaster = this.#postmaster;
    if (postmaster === null) return null;
    let ms = msOf(postmaster)?.endedMs ?? 0;
    for (const entry of readdirSync('/proc')) {
      const stat = /^\d+$/.test(entry) ? msOf(Number(entry)) : null;
      if (stat?.parent === postmaster) ms += stat.ownMs;
    }
    return ms;
  }
}

/**
 * The processor time of a process and of its children that have ended; null when it has ended itself. See proc_pid_stat(5): the name in
 * brackets may hold spaces.
 */
export function msOf(pid: number): { name: string; parent: number; ownMs: number; endedMs: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const number = (field: number) => Number(fields[field - 3]);
    const inMs = (ticks: number) => (ticks * 1_000) / TICKS_PER_SECOND;
    return { name, parent: number(4), ownMs: inMs(number(14) + number(15)), endedMs: inMs(number(16) + number(17)) };
  } catch {
    return null;
  }
}
