import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import { z } from 'zod';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(root + path, 'utf8');

const serviceSchema = z.looseObject({
  image: z.string(),
  build: z.object({ context: z.string(), target: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  ports: z.array(z.string()).optional(),
  restart: z.string(),
  container_name: z.never().optional(),
});
type Service = z.infer<typeof serviceSchema>;

const compose = z.looseObject({ services: z.record(z.string(), serviceSchema) });

/** Whether it is to run for good; what ends by itself is waited for by its exit code. */
const staysUp = ({ restart }: Service): boolean => restart === 'unless-stopped' || restart === 'always';

/** Every fault of a compose file, as `service: what is wrong`. */
function faultsOf(services: Record<string, Service>): string[] {
  return Object.entries(services).flatMap(([name, service]) => {
    const faults: string[] = [];
    const [, tag] = /:([^:/]+)$/.exec(service.image) ?? [];
    if (tag === undefined || tag === 'latest') faults.push(`image ${service.image} is not pinned`);
    if (!service.healthcheck && staysUp(service)) faults.push('stays up without a health check');
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const target = services[other];
      if (!target) faults.push(`waits for ${other}, which does not exist`);
      if (condition === 'service_healthy' && target && !target.healthcheck)
        faults.push(`waits for the health of ${other}, which has no check`);
      if (condition === 'service_started') faults.push(`waits for ${other} to be started, which says nothing`);
    }
    for (const port of service.ports ?? [])
      if (!port.startsWith('127.0.0.1:')) faults.push(`port ${port} is open to the network`);
    return faults.map((fault) => `${name}: ${fault}`);
  });
}

/** The programs that a Dockerfile's stages and a compose file's commands start. */
function startedPrograms(text: string): string[] {
  return [...text.matchAll(/dist\/[\w/-]+\.js/g)].map(([program]) => program);
}

const { services } = compose.parse(load(read('docker-compose.yml'), { schema: CORE_SCHEMA.withTags(mergeTag) }));
const dockerfile = read('Dockerfile');

describe('the compose file', () => {
  it('has everything of an installation, pinned, waiting for health, open to this machine only', () => {
    expect(Object.keys(services)).toEqual(
      expect.arrayContaining(['postgres', 'temporal', 'temporal-ui', 'mail', 'api', 'worker']),
    );
    expect(faultsOf(services)).toEqual([]);
  });

  it('is seen to be wrong when it is', () => {
    const wrong = {
      a: serviceSchema.parse({ image: 'x:latest', restart: 'always', ports: ['3000:3000'] }),
      b: serviceSchema.parse({
        image: 'y:1',
        restart: 'unless-stopped',
        depends_on: { a: { condition: 'service_healthy' }, c: { condition: 'service_started' } },
      }),
    };
    expect(faultsOf(wrong)).toHaveLength(7);
  });

  it('lets workers be scaled: no port and no name of their own', () => {
    expect(services.worker).not.toHaveProperty('ports');
    expect(services.worker).not.toHaveProperty('container_name');
  });

  it('sets only what the settings know, and every secret must be given', () => {
    const known = new Set([...read('.env.example').matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name));
    const ours = ['api', 'worker', 'prepare'].flatMap((name) => Object.entries(services[name]?.environment ?? {}));
    expect(ours.map(([name]) => name).filter((name) => !known.has(name))).toEqual([]);
    const secrets = ours.filter(([name]) => /SECRET|DATABASE_URL/.test(name));
    expect(secrets.filter(([, value]) => !/\$\{\w+:\?/.test(value))).toEqual([]);
  });
});

describe('the Dockerfile', () => {
  it('builds every target that the compose file names', () => {
    const stages = [...dockerfile.matchAll(/ AS (\w+)/g)].map(([, stage]) => stage);
    const targets = Object.values(services).flatMap((service) => service.build?.target ?? []);
    expect(stages).toEqual(expect.arrayContaining(targets));
    expect(targets.toSorted()).toEqual(['api', 'migrate', 'worker']);
  });

  it('starts programs that exist', () => {
    const programs = [...startedPrograms(dockerfile), ...startedPrograms(read('docker-compose.yml'))];
    const missing = programs.filter(
      (program) => !existsSync(root + program.replace(/^dist\//, '').replace(/\.js$/, '.ts')),
    );
    expect(programs.length).toBeGreaterThan(3);
    expect(missing).toEqual([]);
  });

  it('installs from the lock file, pins its base and does not run as root', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base ?? '');
    expect(bases.filter((base) => base.includes(':')).every((base) => /:\d+\.\d+\.\d+/.test(base))).toBe(true);
    expect(dockerfile).not.toMatch(/npm (install|i) /);
    expect(dockerfile).toMatch(/^USER node$/m);
  });
});
