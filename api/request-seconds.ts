import { Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

const NAME = 'tandem_http_request_seconds';

/** The one histogram of request times of a process, made on first use. */
export function requestSeconds(registry: Registry): Histogram<'route' | 'status'> {
  const existing = registry.getSingleMetric(NAME) as Histogram<'route' | 'status'> | undefined;
  return (
    existing ??
    new Histogram({
      name: NAME,
      help: 'Time from request to answer, by route and status',
      labelNames: ['route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers: [registry],
    })
  );
}
