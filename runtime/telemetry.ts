import { collectDefaultMetrics, Registry } from 'prom-client';

/**
 * A registry for Prometheus with the process's own figures (CPU, memory, event loop, garbage collection) in it.
 * Each process makes one and hands it to whoever counts; `await registry.metrics()` is the text of `/metrics`.
 * @param processName the label `process` of every figure: `api`, `worker`
 */
export function createRegistry(processName: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ process: processName });
  collectDefaultMetrics({ register: registry });
  return registry;
}
