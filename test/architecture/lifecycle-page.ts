import { TRANSITIONS } from '../../domain/partner/transitions.ts';
import { taskTimings } from '../../domain/program/timings.ts';
import type { TaskKindRule } from '../../domain/task/kinds.ts';
import { TASK_KIND_NAMES, taskKind } from '../../domain/task/kinds.ts';

/** The parts of docs/lifecycle.md that are printed from the rules, by the name in their markers. */
export const PARTS: Record<string, () => string> = {
  diagram: printDiagram,
  transitions: printTransitions,
  tasks: printTasks,
};

/**
 * The page with its printed parts brought up to date.
 * @param page Markdown with `<!-- printed: name -->` … `<!-- end -->` around each part
 * @throws Error when a part has no place in the page
 */
export function refreshPage(page: string): string {
  let refreshed = page;
  for (const [name, print] of Object.entries(PARTS)) {
    const place = new RegExp(`(<!-- printed: ${name} -->\n)[^]*?(\n<!-- end -->)`);
    if (!place.test(refreshed)) throw new Error(`docs/lifecycle.md has no place for "${name}".`);
    refreshed = refreshed.replace(place, (_all, before: string, after: string) => `${before}\n${print()}\n${after}`);
  }
  return refreshed;
}

function printDiagram(): string {
  const arrows = new Map<string, string[]>();
  for (const { from, event, to } of TRANSITIONS) {
    for (const state of from) {
      const arrow = `${state ?? '[*]'} --> ${to === 'same' ? state : to}`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), event]);
    }
  }
  const lines = [...arrows].map(([arrow, events]) => `  ${arrow}: ${events.join(' / ')}`);
  return ['```mermaid', 'stateDiagram-v2', ...lines, '```'].join('\n');
}

function printTransitions(): string {
  const rows = TRANSITIONS.map(({ from, event, guard, to }) => {
    const states = from.map((state) => state ?? '–').join(', ');
    return [states, event, guard === 'none' ? '–' : guard.replaceAll('-', ' '), to];
  });
  return printTable(['state', 'event', 'guard', 'next'], rows);
}

function printTasks(): string {
  const timings = taskTimings('real');
  const rows = TASK_KIND_NAMES.map((name) => {
    const rule = taskKind(name);
    const outcomes = rule.outcomes.map((outcome) => `\`${outcome}\`${rule.needReason.includes(outcome) ? '*' : ''}`);
    return [`\`${name}\``, printTurn(rule), outcomes.join(' '), timings[name].due ?? 'never', printDeadline(rule)];
  });
  return printTable(['kind', 'whose turn', 'outcomes', 'due after', 'at the deadline'], rows);
}

function printTurn(rule: TaskKindRule): string {
  if (rule.steps !== undefined) return rule.steps.join(', then ');
  return [rule.turn, ...(rule.alsoRoles ?? [])].join(' or ');
}

function printDeadline({ atDeadline }: TaskKindRule): string {
  switch (atDeadline.kind) {
    case 'expire':
      return 'closes';
    case 'default':
      return `\`${atDeadline.outcome}\``;
    case 'escalate':
      return 'escalate';
    case 'escalate-then':
      return `escalate, then \`${atDeadline.outcome}\``;
    case 'remind':
      return 'remind';
  }
}

/** A Markdown table laid out as prettier lays it out, so that the formatter leaves the page alone. */
function printTable(head: string[], rows: string[][]): string {
  const widths = head.map((_, at) => Math.max(3, ...[head, ...rows].map((row) => [...(row[at] ?? '')].length)));
  const line = (cells: string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
