import { describe, expect, it } from '@jest/globals';
import { taskTimings } from '../../../domain/program/timings.ts';
import { deadlineRule, gateSchedule, nextAlarm } from '../../../domain/task/gate.ts';
import { TASK_KIND_NAMES } from '../../../domain/task/kinds.ts';

const start = { reminders: 0, escalated: false, deadlinePassed: false };

describe('gates', () => {
  it('reminds, then passes the deadline', () => {
    const schedule = gateSchedule('partner.survey', { due: 'PT10S', remind: ['PT2S', 'PT5S'], escalate: null }, 1_000);
    expect(schedule).toEqual({ openedAtMs: 1_000, dueAtMs: 11_000, remindAtMs: [3_000, 6_000], escalateAtMs: null });
    expect(nextAlarm(schedule, start)).toEqual({ at: 3_000, action: 'remind' });
    expect(nextAlarm(schedule, { ...start, reminders: 2 })).toEqual({ at: 11_000, action: 'deadline' });
    expect(nextAlarm(schedule, { reminders: 2, escalated: false, deadlinePassed: true })).toBeNull();
  });

  it('escalates at the deadline where the kind only escalates, and before it where a default follows', () => {
    const counter = gateSchedule('contract.counter', { due: 'P5D', remind: [], escalate: null }, 0);
    expect(nextAlarm(counter, start)).toEqual({ at: 432_000_000, action: 'escalate' });
    const decision = gateSchedule('application.decision', { due: 'P10D', remind: [], escalate: 'P5D' }, 0);
    expect(nextAlarm(decision, start)).toEqual({ at: 432_000_000, action: 'escalate' });
    expect(nextAlarm(decision, { ...start, escalated: true })).toEqual({ at: 864_000_000, action: 'deadline' });
  });

  it('leaves out reminders after the deadline, except where the kind goes on reminding', () => {
    const timing = { due: 'PT3S', remind: ['PT5S', 'PT1S'], escalate: null };
    expect(gateSchedule('partner.survey', timing, 0).remindAtMs).toEqual([1_000]);
    expect(gateSchedule('enablement.training', timing, 0).remindAtMs).toEqual([1_000, 5_000]);
  });

  it('takes a default of the settings only where the kind allows it', () => {
    expect(deadlineRule('application.decision', { 'application.decision': 'decline' })).toEqual({
      kind: 'escalate-then',
      outcome: 'decline',
    });
    expect(deadlineRule('payout.release', { 'payout.release': 'release' })).toEqual({
      kind: 'default',
      outcome: 'hold',
    });
    expect(deadlineRule('content.review', { 'content.review': 'approve' })).toEqual({
      kind: 'default',
      outcome: 'approve',
    });
  });

  it.each(['real', 'fast'] as const)('has usable %s timings for every kind', (pace) => {
    const timings = taskTimings(pace);
    for (const kind of TASK_KIND_NAMES) {
      const schedule = gateSchedule(kind, timings[kind], 0);
      expect(schedule.dueAtMs).toBeGreaterThanOrEqual(60_000);
      expect(schedule.remindAtMs.length).toBe(timings[kind].remind.length);
    }
  });
});
