import type { Team } from './steps/team.ts';
import type { Narrator } from './narrator.ts';

/** Everything an act of the story needs: the team, who tells it, and where the server's own pages are. */
export interface World {
  team: Team;
  tell: Narrator;
  temporalUrl?: string;
  /** Makes names and external ids of this telling unique, so that the story can be told twice on one stack. */
  run: string;
}
