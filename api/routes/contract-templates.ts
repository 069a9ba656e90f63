import { defaultTerms, mergeTerms } from '../../domain/contract/terms.ts';
import { assertTerms, assertTermsChanges } from '../../domain/contract/terms-document.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { insertTemplate, listTemplates } from '../../db/queries/contract-read.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { readProgramFrame } from '../../db/queries/program-settings.ts';
import { caller, reading, writing } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { newTemplate, template } from '../contracts/contract.ts';
import { listById } from '../list.ts';
import { pageQuery } from '../page.ts';
import { actorOf } from '../principal.ts';
import { READERS } from '../roles.ts';
import { created, ok, route } from '../route.ts';

export const CONTRACT_TEMPLATE_ROUTES = [
  route({
    id: 'contract-templates.list',
    method: 'get',
    path: '/v1/contract-templates',
    tag: 'Partners',
    summary: 'Contract templates',
    roles: READERS,
    query: pageQuery,
    answer: { status: 200, schema: pageOf(template) },
    handle: (call) => listById(call, (tx, page) => listTemplates(tx, page)),
  }),
  route({
    id: 'contract-templates.get',
    method: 'get',
    path: '/v1/contract-templates/{id}',
    tag: 'Partners',
    summary: 'One contract template',
    roles: READERS,
    subject: { kind: 'contract template', param: 'id' },
    answer: { status: 200, schema: template },
    handle: (call) => reading(call, async (tx) => ok((await listTemplates(tx, { id: call.params.id, limit: 1 }))[0])),
  }),
  route({
    id: 'contract-templates.create',
    method: 'post',
    path: '/v1/contract-templates',
    tag: 'Partners',
    summary: 'Adds a template, or the next version of one with the same name',
    roles: ['owner', 'legal'],
    body: newTemplate,
    answer: { status: 201, schema: template },
    handle: (call) =>
      writing(call, async (tx) => {
        const { name, body, partnerTypes = [] } = call.body;
        const changes = assertTermsChanges(call.body.terms, 'terms');
        const { currency, settings } = await readProgramFrame(tx);
        const terms = assertTerms(mergeTerms(defaultTerms(changes.currency ?? currency, settings.calendar), changes));
        const id = idFromSuffix('template', call.seed);
        await insertTemplate(tx, { id, name, partnerTypes, terms, body });
        await recordEvent(tx, {
          kind: 'contract.template-added',
          actor: actorOf(caller(call)),
          subject: { type: 'contract-template', id },
          at: new Date().toISOString(),
        });
        return created((await listTemplates(tx, { id, limit: 1 }))[0]);
      }),
  }),
];
