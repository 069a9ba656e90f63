import { idFromSuffix, idSuffix } from './ids.ts';

const SHAPE = /^pk_([0-7][0-9a-hjkmnp-tv-z]{25})_([0-7][0-9a-hjkmnp-tv-z]{25})$/;

/** The publishable key of a site. It is an address and no secret: it stands in the source of every page, and opens nothing but the intake. */
export function siteKey(programId: string, siteId: string): string {
  return `pk_${idSuffix(programId)}_${idSuffix(siteId)}`;
}

/** The program and the site that a key names by its own words; undefined for anything that is not a key. */
export function readSiteKey(key: string): { programId: string; siteId: string } | undefined {
  const [, program, site] = SHAPE.exec(key) ?? [];
  if (program === undefined || site === undefined) return undefined;
  return { programId: idFromSuffix('program', program), siteId: idFromSuffix('site', site) };
}
