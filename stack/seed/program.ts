import { inTransaction } from '../../db/transaction.ts';
import type { Pool } from '../../db/pool.ts';
import { newId } from '../../db/ids.ts';
import {
  insertContractTemplate,
  insertFoundingPolicy,
  insertProgram,
  insertTrainingModule,
  programExists,
} from '../../db/queries/program-foundation.ts';
import { replaceMarkets } from '../../db/queries/market.ts';
import { insertPerson } from '../../db/queries/person.ts';
import { defaultSettings, fastSettings } from '../../domain/program/settings.ts';
import type { ProgramSettings } from '../../domain/program/settings.ts';
import type { Policy } from '../../domain/attribution/policy.ts';
import { TEMPLATE_BODY, TEMPLATE_NAME, templateTerms } from './contract-template.ts';
import { SEEDED_MARKETS } from './markets.ts';
import { SEEDED_PEOPLE } from './people.ts';
import { SEEDED_TRAINING } from './training-module.ts';

export interface ProgramPlan {
  programId: string;
  name: string;
  /** Gates and windows of seconds instead of days and months. */
  fast: boolean;
  /** Instead of the settings that `fast` stands for. */
  settings?: ProgramSettings;
  /** Part of the seeded e-mail addresses, so that two programs' teams can be told apart in one inbox. */
  mailDomain: string;
}

/** Last click everywhere: the rule that the demo's partner complains about. */
const FOUNDING_POLICY: Policy = {
  name: 'Last touch',
  conversionTypes: ['*'],
  model: { kind: 'last' },
  exclusions: [],
  transforms: [],
  multipliers: [],
  lookback: { default: 'P30D', byKind: { view: 'P1D' }, byChannel: {} },
};

export interface SeededPerson {
  id: string;
  email: string;
  role: string;
}

/**
 * Makes a program with markets, a team, a contract template, a training and a policy, in one transaction; a program that is there already stays as it is.
 * @returns the persons it made, or undefined if the program was there
 */
export async function makeProgram(pool: Pool, plan: ProgramPlan): Promise<SeededPerson[] | undefined> {
  const settings = plan.settings ?? (plan.fast ? fastSettings() : defaultSettings());
  return inTransaction(pool, plan.programId, async (tx) => {
    if (await programExists(tx)) return undefined;
    await insertProgram(tx, { name: plan.name, currency: 'EUR', timeZone: 'Europe/Berlin', settings });
    await replaceMarkets(tx, SEEDED_MARKETS);
    const people: SeededPerson[] = [];
    for (const { key, name, role, markets } of SEEDED_PEOPLE) {
      const person = { id: newId('person'), email: `${key}@${plan.mailDomain}`, role };
      await insertPerson(tx, { ...person, name, language: 'en', languages: ['en', 'de'], markets: [...markets] });
      people.push(person);
    }
    await insertContractTemplate(tx, {
      name: TEMPLATE_NAME,
      body: TEMPLATE_BODY,
      terms: templateTerms('EUR', settings),
    });
    await insertTrainingModule(tx, SEEDED_TRAINING);
    await insertFoundingPolicy(tx, FOUNDING_POLICY, people[0]?.id ?? 'system');
    return people;
  });
}
