import type { Actions } from './action.ts';
import { FACTS } from './actions/facts.ts';
import { IDENTITY } from './actions/identity.ts';
import { MONEY } from './actions/money.ts';
import { PARTNERS } from './actions/partners.ts';
import { paymentActions } from './actions/payments.ts';
import { ruleActions } from './actions/rules.ts';
import { studyActions } from './actions/studies.ts';
import type { WorldProvider } from './provider.ts';

/** Everything that can happen to a world. */
export function allActions(provider: WorldProvider): Actions {
  const plain = { ...FACTS, ...IDENTITY, ...PARTNERS, ...MONEY, ...paymentActions(provider) };
  return { ...plain, ...studyActions(plain), ...ruleActions(plain) };
}
