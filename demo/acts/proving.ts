import type { Partner } from '../steps/partner.ts';
import type { World } from '../world.ts';

/** Where somebody in a dispute looks: the timeline, the dossier, the workflow's history, the mails. */
export async function showEvidence(world: World, creator: Partner, payoutId: string): Promise<void> {
  const { team, tell } = world;
  tell.chapter('Everything can be looked up, and is checked again');
  const timeline = await team.manager.get(`/v1/partners/${creator.id}/timeline?limit=200`);
  for (const event of timeline.items) tell.say(`${event.at.slice(11, 19)}  ${event.text}`);
  for (const [type, id] of [
    ['partner', creator.id],
    ['payout', payoutId],
  ]) {
    const { verification } = await team.manager.get(`/v1/dossiers/${type}/${id}`);
    const { chain, ledger, recomputation } = verification;
    tell.say(
      `Dossier of the ${type}: event chain ${chain}, ledger ${ledger}, recomputed from the facts ${recomputation}.`,
    );
  }
  // Signs the manager in first: a browser sends no key.
  const manager = team.access.people.find(({ role }) => role === 'partner_manager')!;
  const timelinePath = encodeURIComponent(`/v1/partners/${creator.id}/timeline`);
  tell.link('timeline (signs you in once)', `${manager.signInUrl}&to=${timelinePath}`);
  tell.link('mails', `${team.access.mailUrl}/?to=${encodeURIComponent(creator.email)}`);
  if (world.temporalUrl) {
    tell.link(
      'history in Temporal’s own pages',
      `${world.temporalUrl}/namespaces/default/workflows/${encodeURIComponent(`partner/${creator.id}`)}`,
    );
  }
}
