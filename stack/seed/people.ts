/** The seeded team: two persons wherever two are needed, one for each other role. */
export const SEEDED_PEOPLE = [
  { key: 'owner', name: 'Olga Owner', role: 'owner', markets: [] },
  { key: 'manager', name: 'Mara Manager', role: 'partner_manager', markets: ['DE', 'US'] },
  { key: 'manager2', name: 'Milan Manager', role: 'partner_manager', markets: ['JP'] },
  { key: 'reviewer', name: 'Rita Reviewer', role: 'reviewer', markets: [] },
  { key: 'legal', name: 'Lena Legal', role: 'legal', markets: [] },
  { key: 'finance', name: 'Finn Finance', role: 'finance', markets: [] },
  { key: 'finance2', name: 'Freya Finance', role: 'finance', markets: [] },
  { key: 'auditor', name: 'Aaron Auditor', role: 'auditor', markets: [] },
  { key: 'developer', name: 'Dana Developer', role: 'developer', markets: [] },
] as const;
