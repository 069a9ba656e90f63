import type { z } from 'zod';

/** A field at the top of a body. */
export interface BodyField {
  name: string;
  schema: z.ZodType;
}

/** Whole numbers, texts, lists, objects and flags: every field but one of any JSON refuses one of them. */
const CANDIDATES = [7.5, '\0', [], {}, true];

export function fieldsOf(body: z.ZodType): BodyField[] {
  const { shape } = body as z.ZodObject<Record<string, z.ZodType>>;
  return Object.entries(shape).map(([name, schema]) => ({ name, schema }));
}

export function isRequired({ schema }: BodyField): boolean {
  return !schema.safeParse(undefined).success;
}

/** @throws when the field takes whatever it is given */
export function badValueFor({ name, schema }: BodyField): unknown {
  const value = CANDIDATES.find((candidate) => !schema.safeParse(candidate).success);
  if (value === undefined) throw new Error(`${name} takes any JSON: nothing can be wrong in it.`);
  return value;
}
