import { DomainError } from '../errors.ts';
import type { FieldFault } from '../errors.ts';
import { JsonReader, join } from '../json/reader.ts';
import { MAX_EVENT_MINOR } from '../money/money.ts';
import { checkCalendar } from '../settlement/calendar-document.ts';
import type { CalendarChecks } from '../settlement/calendar-document.ts';
import { changeScreens } from '../screen/screens.ts';
import { checkScreenSettings } from '../screen/settings-document.ts';
import { isTaskKind, taskKind, TASK_KIND_NAMES } from '../task/kinds.ts';
import { CLICK_PARAMETER_PATTERN } from './click-parameter.ts';
import { defaultSettings } from './settings.ts';
import type { ProgramSettings } from './settings.ts';

/** A part of the settings, as `PATCH /v1/program` gives it; what is left out stays. */
export interface SettingsChanges {
  gates?: Partial<ProgramSettings['gates']>;
  durations?: Partial<Omit<ProgramSettings['durations'], 'tasks'>> & {
    tasks?: Partial<ProgramSettings['durations']['tasks']>;
  };
  calendar?: Partial<ProgramSettings['calendar']>;
  tracking?: ProgramSettings['tracking'];
  thresholds?: Partial<ProgramSettings['thresholds']>;
}

const LIMITS = {
  counterRounds: [0, 10],
  contentRounds: [1, 50],
  quizPassPercent: [1, 100],
  openFeedbackCases: [1, 1_000],
  feedbackQuestions: [0, 20],
} as const;
const COUNTRY = /^[A-Z]{2}$/;
const VAT_MODES = ['none', 'add', 'included', 'reverse-charge'] as const;

/** Faults of a part of the settings, each with its path below `path`. */
export function settingsFaults(value: unknown, path = 'settings', checks: CalendarChecks = {}): FieldFault[] {
  const reader = new JsonReader();
  const fields = reader.object(value, path, ['gates', 'durations', 'calendar', 'tracking', 'thresholds']);
  if (fields?.gates !== undefined) checkGates(reader, fields.gates, join(path, 'gates'));
  if (fields?.durations !== undefined) checkDurations(reader, fields.durations, join(path, 'durations'));
  if (fields?.calendar !== undefined) {
    // A change of one field is checked together with the others' defaults.
    const whole = { ...defaultSettings().calendar, ...(fields.calendar as object) };
    checkCalendar(reader, whole, join(path, 'calendar'), checks);
  }
  if (fields?.tracking !== undefined) checkTracking(reader, fields.tracking, join(path, 'tracking'));
  if (fields?.thresholds !== undefined) checkThresholds(reader, fields.thresholds, join(path, 'thresholds'));
  return reader.faults;
}

/**
 * Settings after changes: objects are merged field by field; lists, VAT rules and the parameters of one screen are replaced whole.
 * @throws DomainError `invalid` with every fault
 */
export function changeSettings(
  settings: ProgramSettings,
  value: unknown,
  path?: string,
  checks?: CalendarChecks,
): ProgramSettings {
  const faults = settingsFaults(value, path, checks);
  const [first] = faults;
  if (first) throw new DomainError('invalid', `${first.path}: ${first.message}`, { errors: faults });
  const changes = value as SettingsChanges;
  return {
    gates: { ...settings.gates, ...changes.gates },
    durations: {
      ...settings.durations,
      ...changes.durations,
      tasks: { ...settings.durations.tasks, ...changes.durations?.tasks },
    },
    calendar: { ...settings.calendar, ...changes.calendar },
    ...((settings.tracking ?? changes.tracking) && { tracking: { ...settings.tracking, ...changes.tracking } }),
    thresholds: {
      ...settings.thresholds,
      ...changes.thresholds,
      ...(changes.thresholds?.screens && {
        screens: changeScreens(settings.thresholds.screens, changes.thresholds.screens),
      }),
    },
  };
}

function checkTracking(reader: JsonReader, value: unknown, path: string): void {
  const { clickParameter } = reader.object(value, path, ['clickParameter']) ?? {};
  if (clickParameter === undefined) return;
  if (typeof clickParameter === 'string' && CLICK_PARAMETER_PATTERN.test(clickParameter)) return;
  reader.fault(join(path, 'clickParameter'), 'Give 1–32 letters, digits, _ or -, beginning with a letter.');
}

function checkGates(reader: JsonReader, value: unknown, path: string): void {
  const gates = reader.object(value, path, ['training', 'payoutDetails', 'defaults', ...Object.keys(LIMITS)]);
  if (!gates) return;
  for (const gate of ['training', 'payoutDetails'] as const) {
    if (gates[gate] !== undefined) reader.choice(gates[gate], join(path, gate), ['activation', 'payout']);
  }
  for (const [name, [least, most]] of Object.entries(LIMITS)) {
    if (gates[name] !== undefined) reader.integer(gates[name], join(path, name), least, most);
  }
  if (gates.defaults === undefined) return;
  const defaults = reader.object(gates.defaults, join(path, 'defaults'), TASK_KIND_NAMES) ?? {};
  for (const [kind, outcome] of Object.entries(defaults)) {
    if (!isTaskKind(kind)) continue;
    const allowed = taskKind(kind).defaultsAllowed;
    if (allowed.includes(outcome as string)) continue;
    const message = allowed.length > 0 ? `Give one of ${allowed.join(', ')}.` : 'This gate has no default outcome.';
    reader.fault(join(join(path, 'defaults'), kind), message);
  }
}

function checkDurations(reader: JsonReader, value: unknown, path: string): void {
  const durations = reader.object(value, path, Object.keys(defaultSettings().durations));
  for (const [name, item] of Object.entries(durations ?? {})) {
    if (name !== 'tasks') reader.duration(item, join(path, name), true);
    else checkTimings(reader, item, join(path, name));
  }
}

function checkTimings(reader: JsonReader, value: unknown, path: string): void {
  const tasks = reader.object(value, path, TASK_KIND_NAMES);
  for (const [kind, item] of Object.entries(tasks ?? {})) {
    const at = join(path, kind);
    const timing = reader.object(item, at, ['due', 'remind', 'escalate']);
    if (!timing) continue;
    for (const name of ['due', 'escalate'] as const) {
      if (timing[name] === undefined) reader.fault(join(at, name), 'Give a duration, or null.');
      else if (timing[name] !== null) reader.duration(timing[name], join(at, name), true);
    }
    const remind = reader.list(timing.remind, join(at, 'remind'), 20) ?? [];
    remind.forEach((text, index) => reader.duration(text, join(join(at, 'remind'), index), true));
  }
}

function checkThresholds(reader: JsonReader, value: unknown, path: string): void {
  const thresholds = reader.object(value, path, ['minimumPayoutMinor', 'extraApprovers', 'vat', 'screens']);
  if (!thresholds) return;
  if (thresholds.minimumPayoutMinor !== undefined) {
    reader.integer(thresholds.minimumPayoutMinor, join(path, 'minimumPayoutMinor'), 0, MAX_EVENT_MINOR);
  }
  const steps = thresholds.extraApprovers === undefined ? [] : reader.list(thresholds.extraApprovers, path, 10);
  (steps ?? []).forEach((item, index) => {
    const at = join(join(path, 'extraApprovers'), index);
    const step = reader.object(item, at, ['fromMinor', 'approvers']);
    if (!step) return;
    reader.integer(step.fromMinor, join(at, 'fromMinor'), 0, MAX_EVENT_MINOR);
    reader.integer(step.approvers, join(at, 'approvers'), 1, 5);
  });
  if (thresholds.vat !== undefined) checkVat(reader, thresholds.vat, join(path, 'vat'));
  if (thresholds.screens !== undefined) checkScreenSettings(reader, thresholds.screens, join(path, 'screens'));
}

function checkVat(reader: JsonReader, value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) {
    reader.fault(path, 'Give an object of countries.');
    return;
  }
  for (const [country, item] of Object.entries(value)) {
    if (!COUNTRY.test(country)) reader.fault(join(path, country), 'Give an ISO 3166-1 alpha-2 country.');
    const rule = reader.object(item, join(path, country), ['mode', 'rateBps']);
    if (!rule) continue;
    reader.choice(rule.mode, join(join(path, country), 'mode'), VAT_MODES);
    reader.integer(rule.rateBps, join(join(path, country), 'rateBps'), 0, 10_000);
  }
}
