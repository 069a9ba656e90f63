import type { Route } from './route.ts';

/** POSTs that need no Idempotency-Key, because each item carries its own id or nothing is stored (api.md §1). */
const WITHOUT_KEY = [
  'touchpoints.intake',
  'conversions.intake',
  'refunds.intake',
  'identities.intake',
  'attribution.fit',
  'attribution.compare',
  // A form of a browser and a signed webhook bring none.
  'survey-form.answer',
  'payout-providers.webhook',
  // A beacon of a browser; its items carry their own ids.
  'collect.receive',
];

/** @throws Error naming every route of the table that is not fit to start */
export function assertTable(routes: readonly Route[]): void {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const route of routes) {
    const name = `${route.method.toUpperCase()} ${route.path}`;
    for (const key of [route.id, name]) {
      if (seen.has(key)) faults.push(`${key} stands in the table twice`);
      seen.add(key);
    }
    if (route.roles !== 'public' && route.roles.length === 0) faults.push(`${name} names no role`);
    const needsKey = route.method === 'post' && !WITHOUT_KEY.includes(route.id);
    if (route.idempotent && route.roles === 'public' && !route.programOf)
      faults.push(`${name} does not say its program`);
    if (route.idempotent !== needsKey)
      faults.push(`${name} ${needsKey ? 'must' : 'must not'} demand an Idempotency-Key`);
    if (route.subject && !route.path.includes(`{${route.subject.param}}`)) {
      faults.push(`${name} has no parameter {${route.subject.param}}`);
    }
    if (['post', 'put', 'patch'].includes(route.method) && !route.body && !route.rawBody) {
      faults.push(`${name} has no contract for its body`);
    }
  }
  if (faults.length > 0) throw new Error(`The table of routes cannot be used:\n  ${faults.join('\n  ')}`);
}
