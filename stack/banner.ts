import type { Places } from './start.ts';

/** What runs where, for the person at the terminal. */
export function describePlaces(places: Places, seconds: number): string {
  const rows: [string, string][] = [
    ['API', places.publicUrl],
    ['API docs', `${places.publicUrl}/docs`],
    ['Temporal', places.temporalAddress + (places.temporalUiUrl === null ? ' (TEMPORAL_ADDRESS)' : '')],
    ...(places.temporalUiUrl === null ? [] : ([['Temporal UI', places.temporalUiUrl]] as [string, string][])),
    ['Mail inbox', places.mailUrl ?? 'none: mail goes to SMTP_URL'],
    ['Payout provider', `${places.providerUrl}/payments`],
    ['Database', places.databasePlace],
  ];
  const people = places.access.people.map(
    (person) => `  ${person.role.padEnd(16)} ${person.email}\n  ${''.padEnd(16)} ${person.signInUrl}`,
  );
  return [
    `Tandem is ready after ${seconds.toFixed(1)} s${places.isFast ? ', with gates that take seconds' : ''}.`,
    ...rows.map(([name, place]) => `  ${name.padEnd(16)} ${place}`),
    '',
    "The owner's API key (Authorization: Bearer …):",
    `  ${places.access.apiKey}`,
    'Sign-in links, good once:',
    ...people,
    '',
    `All of it is in ${places.accessFile}. Ctrl-C stops everything.`,
  ].join('\n');
}
