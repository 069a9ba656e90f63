import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessRecord } from '../../runtime/process-record.ts';
import { isAlive, readProcessRecord } from '../../runtime/process-record.ts';
import type { Access } from '../../stack/seed/access.ts';
import { eventually } from './eventually.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A whole local stack as `npm start` brings it up, in processes of its own. */
export class Tree {
  readonly stateDir: string;
  readonly port: number;
  private child: ChildProcess | null = null;
  private text = '';

  constructor(stateDir: string, port: number) {
    this.stateDir = stateDir;
    this.port = port;
  }

  /** Builds what `npm start` would build; nothing when the sources are unchanged. */
  static build(): void {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: root });
  }

  /** Everything printed by the start that runs now. */
  get output(): string {
    return this.text;
  }

  /** Starts and resolves when it is ready. @throws with its output when it ends instead */
  async start(args: string[] = [], env: Record<string, string> = {}): Promise<void> {
    this.spawn(args, env);
    const child = this.child!;
    await eventually(() => {
      if (child.exitCode === null && child.signalCode === null && !this.text.includes('Tandem is ready'))
        throw new Error(this.text);
    }, 60_000);
    if (!this.text.includes('Tandem is ready')) throw new Error(`The tree ended: ${this.text}`);
  }

  /** Starts something that is expected to end by itself. Resolves with its exit code. */
  async run(args: string[] = [], env: Record<string, string> = {}): Promise<number | null> {
    this.spawn(args, env);
    return this.ended();
  }

  /** Sends a signal to the supervisor alone and resolves with its exit code when it is gone. */
  async signal(signal: NodeJS.Signals): Promise<number | null> {
    this.child?.kill(signal);
    return this.ended();
  }

  /** The process of a part, by its name. */
  part(name: string): ProcessRecord {
    const record = readProcessRecord(join(this.stateDir, 'pids', `${name}.json`));
    if (record === null) throw new Error(`No process of ${name} is written down.`);
    return record;
  }

  /** The process of a part if it lives now; `undefined` while it is coming up again. */
  livingPart(name: string): ProcessRecord | undefined {
    const record = readProcessRecord(join(this.stateDir, 'pids', `${name}.json`));
    return record !== null && isAlive(record) ? record : undefined;
  }

  /** All processes of the tree that live now. */
  living(): ProcessRecord[] {
    const files = readdirSync(join(this.stateDir, 'pids')).map((name) => name.replace(/\.json$/, ''));
    return files.map((name) => this.part(name)).filter(isAlive);
  }

  access(): Access {
    return JSON.parse(readFileSync(join(this.stateDir, 'access.json'), 'utf8')) as Access;
  }

  isReady(): Promise<boolean> {
    return fetch(`http://127.0.0.1:${this.port}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
  }

  private spawn(args: string[], env: Record<string, string>): void {
    this.text = '';
    const child = spawn(
      'node',
      ['dist/stack/main.js', '--port', String(this.port), '--state', this.stateDir, ...args],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      },
    );
    const collect = (chunk: Buffer) => void (this.text += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    this.child = child;
  }

  private ended(): Promise<number | null> {
    const child = this.child;
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      return Promise.resolve(child?.exitCode ?? null);
    return new Promise((resolve) => child.once('close', (code) => resolve(code)));
  }
}
