import { changeSettings } from '../../domain/program/settings-document.ts';
import { MONEY_SETTINGS } from '../../domain/program/settings.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { listMarkets, replaceMarkets } from '../../db/queries/market.ts';
import { lockSettings, updateProgram } from '../../db/queries/program.ts';
import { readProgramFrame } from '../../db/queries/program-settings.ts';
import type { Tx } from '../../db/transaction.ts';
import { requestApproval } from '../../workflows/messages.ts';
import { caller, reading, writing } from '../caller.ts';
import { command } from '../command.ts';
import { market, markets, program, programChanges } from '../contracts/program.ts';
import { listOf, pageOf } from '../contracts/answer.ts';
import { pageOfWhole, pageQuery } from '../page.ts';
import { actorOf } from '../principal.ts';
import { EVERYBODY, MANAGERS, OWNER } from '../roles.ts';
import { ok, route } from '../route.ts';
import type { Call } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const PROGRAM_ROUTES = [
  route({
    id: 'program.get',
    method: 'get',
    path: '/v1/program',
    tag: 'Program',
    summary: 'The program and its settings',
    roles: EVERYBODY,
    answer: { status: 200, schema: program },
    handle: (call) => reading(call, async (tx) => ok(await showProgram(tx))),
  }),
  route({
    id: 'program.change',
    method: 'patch',
    path: '/v1/program',
    tag: 'Program',
    summary: 'Changes settings; calendar and thresholds wait for a second person',
    roles: OWNER,
    body: programChanges,
    answer: { status: 200, schema: program },
    handle: async (call) => {
      const { settings = {}, ...rest } = call.body;
      const money = pick(settings, (key) => isMoneySetting(key));
      const plain = pick(settings, (key) => !isMoneySetting(key));
      const shown = await writing(call, async (tx) => {
        const before = await lockSettings(tx);
        changeSettings(before, settings, 'settings');
        await updateProgram(tx, { ...rest, settings: changeSettings(before, plain, 'settings') });
        if (Object.keys({ ...rest, ...plain }).length > 0) {
          await recordEvent(tx, {
            kind: 'program.changed',
            actor: actorOf(caller(call)),
            subject: { type: 'program', id: tx.programId },
            data: { fields: [...Object.keys(rest), ...Object.keys(plain)] },
            at: new Date().toISOString(),
          });
        }
        return showProgram(tx);
      });
      return ok(Object.keys(money).length === 0 ? shown : { ...shown, pending: await askForApproval(call, money) });
    },
  }),
  route({
    id: 'markets.list',
    method: 'get',
    path: '/v1/markets',
    tag: 'Program',
    summary: 'Markets and their regions',
    roles: EVERYBODY,
    query: pageQuery,
    answer: { status: 200, schema: pageOf(market) },
    handle: (call) =>
      reading(call, async (tx) => ok(pageOfWhole(call.query, await listMarkets(tx), ({ code }) => code))),
  }),
  route({
    id: 'markets.replace',
    method: 'put',
    path: '/v1/markets',
    tag: 'Program',
    summary: 'Replaces the markets',
    roles: MANAGERS,
    body: markets,
    answer: { status: 200, schema: listOf(market) },
    handle: (call) =>
      writing(call, async (tx) => {
        const codes = call.body.items.map(({ code }) => code);
        const again = codes.findIndex((code, index) => codes.indexOf(code) !== index);
        if (again >= 0) throw refusedFields([{ path: `items.${again}.code`, message: 'Give each code once.' }]);
        await replaceMarkets(tx, call.body.items);
        await recordEvent(tx, {
          kind: 'program.markets-changed',
          actor: actorOf(caller(call)),
          subject: { type: 'program', id: tx.programId },
          data: { codes },
          at: new Date().toISOString(),
        });
        return ok({ items: await listMarkets(tx) });
      }),
  }),
];

async function showProgram(tx: Tx) {
  return { id: tx.programId, ...(await readProgramFrame(tx)) };
}

/** A money setting is stored by the approval once another person agreed. */
async function askForApproval(call: Call<unknown, unknown, unknown>, settings: Record<string, unknown>) {
  const subjectId = `set_${call.seed}`;
  return command(call, {
    update: requestApproval,
    workflowId: `approval/setting/${subjectId}`,
    payload: { subjectType: 'setting', subjectId },
    input: { kind: 'setting.change', subjectId, data: { settings } },
    start: {
      type: 'approval',
      queue: 'journeys',
      args: { programId: caller(call).programId, subjectType: 'setting', subjectId },
    },
  });
}

function isMoneySetting(key: string): boolean {
  return (MONEY_SETTINGS as readonly string[]).includes(key);
}

function pick(object: Record<string, unknown>, keep: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keep(key)));
}
