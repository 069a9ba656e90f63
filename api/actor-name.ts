/** Who acted, in words: a name where there is one. */
export interface ShownActor {
  kind: string;
  name: string;
}

const WITHOUT_NAME: Record<string, string> = {
  person: 'A person of the team',
  partner: 'The partner',
  key: 'An API key',
  rule: 'The rule of the programme',
  system: 'Tandem',
  customer: 'A customer',
};

export function actorName(kind: string, name: string | null): string {
  return name ?? WITHOUT_NAME[kind] ?? kind;
}
