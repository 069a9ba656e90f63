/**
 * How an event reads in plain words, in English: `{actor}` and the names in `data` are filled in by whoever shows it.
 * For instance `'contract.offered': 'Version {version} of the contract was offered.'`
 */
export type EventTexts = Record<string, string>;
