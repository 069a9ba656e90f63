import { CreditColumns } from '../../../domain/attribution/columns/credit-columns.ts';
import { Crediter } from '../../../domain/attribution/columns/crediter.ts';
import { RuleColumns } from '../../../domain/attribution/columns/rule-columns.ts';
import type { Trait } from '../../../domain/attribution/columns/trait.ts';
import { creditConversion } from '../../../domain/attribution/credit.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { Dice } from '../../support/dice.ts';
import { drawJourney, drawPolicy } from '../../support/drawn-journeys.ts';
import { columnsOf } from '../../support/journey-columns.ts';
import type { PlainJourney } from '../../support/journey-columns.ts';

/** What the plain rules give, as text: one line per credit, in order. */
export function plainly({ touchpoints, contractLookback, ...conversion }: PlainJourney, policy: Policy): string {
  return creditConversion(conversion, touchpoints, policy, contractLookback)
    .credits.map(({ beneficiary, channel, shareE12, minor }) => lineOf(beneficiary, channel, shareE12, minor))
    .join('\n');
}

function lineOf(beneficiary: { kind: string; id: string }, channel: string, shareE12: number, minor: number): string {
  return `${beneficiary.kind} ${beneficiary.id} ${channel} ${shareE12} ${minor}`;
}

/** What the fast path gives, by journey. */
function quickly(credits: CreditColumns, rule: RuleColumns, count: number): string[] {
  const lines: string[][] = Array.from({ length: count }, () => []);
  for (let index = 0; index < credits.length; index += 1) {
    const { beneficiary, channel } = rule.claimants[credits.claimant[index]!]!;
    lines[credits.conversion[index]!]!.push(
      lineOf(beneficiary, channel, credits.shareE12[index]!, credits.minor[index]!),
    );
  }
  return lines.map((line) => line.join('\n'));
}

/** The same journeys by the fast path. */
export function creditInColumns(journeys: readonly PlainJourney[], policy: Policy, traits: Trait[] = []) {
  const rule = new RuleColumns(policy);
  const credits = new CreditColumns();
  new Crediter().creditAll(columnsOf(journeys, traits), rule, credits);
  return { credits, lines: quickly(credits, rule, journeys.length) };
}

/** What a comparison of the two paths came to. */
export interface Difference {
  /** Conversions that the fast path handed to the plain rules. */
  exactSplits: number;
  /** The first journey that the two credit differently, with everything that is needed to see it again. */
  fault: string | null;
}

/** Credits random journeys under random policies by both paths, and compares every credit: who, where, share, cents, order. */
export function compareThePaths(seed: number, policies: number, journeysEach: number): Difference {
  const dice = new Dice(seed);
  const crediter = new Crediter();
  const credits = new CreditColumns();
  // One list for all policies, as a run over many chunks has it.
  const traits: Trait[] = [];
  let exactSplits = 0;
  for (let n = 0; n < policies; n += 1) {
    const policy = drawPolicy(dice);
    const journeys = Array.from({ length: journeysEach }, () => drawJourney(dice));
    const rule = new RuleColumns(policy);
    credits.clear();
    crediter.creditAll(columnsOf(journeys, traits), rule, credits);
    exactSplits += credits.exactSplits;
    const lines = quickly(credits, rule, journeys.length);
    for (const [index, journey] of journeys.entries()) {
      const expected = plainly(journey, policy);
      if (lines[index] === expected) continue;
      const seen = JSON.stringify({ seed, policy, journey });
      return { exactSplits, fault: `${seen}\nplain:\n${expected}\ncolumns:\n${lines[index]}` };
    }
  }
  return { exactSplits, fault: null };
}
