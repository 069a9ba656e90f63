/** Activities that do nothing: what is left is the price of the engine. */
export const bareActivities = {
  touch: (name: string): Promise<string> => Promise.resolve(name),
};

export type BareActivities = typeof bareActivities;
