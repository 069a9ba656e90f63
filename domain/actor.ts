/** Who did something: a person of the team, a partner, an API key without a person, a named rule, Tandem itself, or a customer of the advertiser. */
export interface Actor {
  kind: 'person' | 'partner' | 'key' | 'rule' | 'system' | 'customer';
  /** Id of the person, partner or key; the name of the rule; absent for the system and customers. */
  id?: string;
}

export const SYSTEM: Actor = { kind: 'system' };
