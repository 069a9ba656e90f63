import { readPolicy } from '../../domain/attribution/policy-document.ts';
import type { Policy } from '../../domain/attribution/policy.ts';

/** One of the five models: as a policy for Tandem, and as the weight of a touchpoint for plain SQL. */
export interface BenchModel {
  name: string;
  policy: Policy;
  /** Over `pos` (1 is the oldest), `n` and `age` (an interval), up to one factor for the journey. */
  weight: string;
  /** Only these touchpoints weigh anything. */
  only?: string;
  /** Whether whole numbers suffice for the weights: then SQL can be equal to the share. */
  isExact: boolean;
}

const policy = (model: object) => readPolicy({ name: 'Bench', model });

export const MODELS: readonly BenchModel[] = [
  { name: 'first', policy: policy({ kind: 'first' }), weight: '1', only: 'pos = 1', isExact: true },
  { name: 'last', policy: policy({ kind: 'last' }), weight: '1', only: 'pos = n', isExact: true },
  { name: 'linear', policy: policy({ kind: 'linear' }), weight: '1', isExact: true },
  {
    name: 'position',
    policy: policy({ kind: 'position' }),
    weight: `case when n = 1 then 1 when pos = 1 or pos = n then 2 * greatest(n - 2, 1) else 1 end`,
    isExact: true,
  },
  {
    name: 'time_decay',
    policy: policy({ kind: 'time-decay', halfLife: 'P7D' }),
    weight: `power(2::float8, -extract(epoch from age)::float8 / 604800)`,
    isExact: false,
  },
];
