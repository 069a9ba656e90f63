import type { Tx } from '../../db/transaction.ts';
import { reading } from '../caller.ts';
import { dossier } from '../contracts/dossier.ts';
import { conversionDossier, partnerDossier, payoutDossier } from '../dossier.ts';
import type { Dossier } from '../dossier.ts';
import { renderDossier } from '../dossier-pdf.ts';
import { preferred } from '../media-type.ts';
import { READERS } from '../roles.ts';
import { ok, route } from '../route.ts';

/** One snapshot gathers everything, so that its parts agree with each other. */
function dossierRoute(kind: 'partner' | 'conversion' | 'payout', gather: (tx: Tx, id: string) => Promise<Dossier>) {
  return route({
    id: `dossiers.${kind}`,
    method: 'get',
    path: `/v1/dossiers/${kind}/{id}`,
    tag: 'Dossiers',
    summary: `The verifiable bundle of everything about one ${kind}`,
    roles: READERS,
    subject: { kind, param: 'id' },
    answer: { status: 200, schema: dossier, mediaTypes: ['application/json', 'application/pdf'] },
    handle: async (call) => {
      const { id } = call.params;
      const gathered = await reading(call, (tx) => gather(tx, id));
      const mediaType = preferred(call.request, 'application/pdf');
      if (mediaType === 'application/json') return ok(gathered);
      const headers = { 'Content-Disposition': `attachment; filename="dossier-${id}.pdf"` };
      return { status: 200, bytes: await renderDossier(gathered), mediaType, headers };
    },
  });
}

export const DOSSIER_ROUTES = [
  dossierRoute('partner', partnerDossier),
  dossierRoute('conversion', conversionDossier),
  dossierRoute('payout', payoutDossier),
];
