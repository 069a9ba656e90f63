import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface AxeOptions {
  /** Parts of the page that are not ours, as CSS selectors. */
  exclude?: string[];
  /** Rules that are left out, each with its reason beside the call. */
  without?: string[];
}

/** The faults of accessibility that axe finds on a page, its best practices included: rule and the elements, one line each. */
export async function axeFaults(page: Page, { exclude = [], without = [] }: AxeOptions = {}): Promise<string[]> {
  await page.evaluate(SOURCE);
  const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
  const violations = await page.evaluate(
    ([context, options]) => (globalThis as any).axe.run(context, options).then((result: any) => result.violations),
    [{ include: [['html']], exclude: exclude.map((selector) => [selector]) }, { rules }] as const,
  );
  return violations.flatMap(({ id, nodes }: any) =>
    nodes.map(({ target, failureSummary }: any) => `${id}: ${target} ${failureSummary}`),
  );
}
