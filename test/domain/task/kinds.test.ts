import { describe, expect, it } from '@jest/globals';
import { TASK_FORMS } from '../../../domain/task/data.ts';
import { TASK_KIND_NAMES, taskKind } from '../../../domain/task/kinds.ts';
import type { TaskKind } from '../../../domain/task/kinds.ts';

/** product.md §4, word by word: kind, whose turn, outcomes, deadline. */
const TABLE = `
partner.survey | partner | answered | expire
application.decision | partner_manager | approve decline waitlist | escalate-then waitlist
contract.signature | partner | sign counter refuse | expire
contract.counter | legal | accept keep refuse | escalate
contract.countersignature | legal | sign revise refuse | escalate
contract.amendment | partner | accept decline | expire
enablement.training | partner | completed | remind
enablement.payout-details | partner | submitted | remind
enablement.stalled | partner_manager | extend waive-training end | escalate
payout-details.verification | finance | verify reject | escalate
content.review | reviewer | approve request-changes reject | escalate
content.revision | partner | resubmitted withdrawn | default withdrawn
content.publication | partner | published withdrawn | default withdrawn
settlement.approval | finance | approve hold | default hold
adjustment.approval | finance | approve reject | default reject
payout.release | finance | release hold | default hold
payout.investigation | finance | paid not-paid | escalate
hold.review | finance | lift confirm | escalate
reconciliation.difference | finance | explain correct | escalate
setting.approval | finance | approve reject | default reject
feedback.triage | partner_manager | answer ask correct review-policy decline | escalate
feedback.information | partner | answered | expire
feedback.appeal | partner_manager | uphold change | escalate
policy.approval | partner_manager | approve reject | default reject
brief.approval | partner_manager | approve reject | escalate
experiment.decision | partner_manager | scale iterate stop | escalate
mail.undeliverable | partner_manager | fixed ignore | escalate`;

const rows = TABLE.trim()
  .split('\n')
  .map((line) => line.split(' | ') as [TaskKind, string, string, string]);

describe('kinds of tasks', () => {
  it.each(rows)('%s is the turn of %s, with %s, and at the deadline %s', (name, turn, outcomes, deadline) => {
    const rule = taskKind(name);
    expect(rule.turn).toBe(turn);
    expect(rule.outcomes.join(' ')).toBe(outcomes);
    const { kind, ...rest } = rule.atDeadline;
    expect([kind, ...Object.values(rest)].join(' ')).toBe(deadline);
  });

  it('names exactly the kinds of the table', () => {
    expect(TASK_KIND_NAMES).toEqual(rows.map(([name]) => name));
  });

  it('never lets money go by default', () => {
    const letsGo = ['approve', 'release', 'verify', 'paid', 'not-paid', 'lift', 'confirm', 'correct'];
    const gates = TASK_KIND_NAMES.map(taskKind).filter((rule) => rule.moneyGate);
    expect(gates.length).toBe(9);
    for (const rule of gates) {
      const defaults = [...rule.defaultsAllowed, 'outcome' in rule.atDeadline ? rule.atDeadline.outcome : null];
      expect(defaults.filter((outcome) => letsGo.includes(outcome as string))).toEqual([]);
    }
  });

  it('asks for a reason, and for two persons, only where the outcome exists', () => {
    for (const rule of TASK_KIND_NAMES.map(taskKind)) {
      expect(rule.outcomes).toEqual(expect.arrayContaining([...rule.needReason, ...(rule.needTwoPersons ?? [])]));
    }
  });

  it('have forms only of outcomes that they know', () => {
    for (const [name, forms] of Object.entries(TASK_FORMS)) {
      expect(taskKind(name as TaskKind).outcomes).toEqual(expect.arrayContaining(Object.keys(forms)));
    }
  });
});
