const DAY_MS = 86_400_000;

/** An instant so many days ago, of whole seconds as the API answers it: it leaves out zeros at an instant's end. */
export const daysAgo = (days: number): string => `${new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 19)}Z`;
