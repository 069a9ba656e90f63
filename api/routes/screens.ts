import { listScreenHits, measureScreens } from '../../db/queries/screen-hit.ts';
import { readProgramFrame } from '../../db/queries/program-settings.ts';
import type { Tx } from '../../db/transaction.ts';
import { DomainError } from '../../domain/errors.ts';
import { JsonReader } from '../../domain/json/reader.ts';
import type { Screen, ScreenInForce, ScreenParameters } from '../../domain/screen/screen.ts';
import { screensInForce, versionsOf } from '../../domain/screen/screens.ts';
import { checkScreenParameters, sayVersions } from '../../domain/screen/settings-document.ts';
import { reading } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { screen, screenHit, screenHitQuery, screenReplay, screenReplayRequest } from '../contracts/screen.ts';
import { afterCursor, pageOfWhole, pageQuery, toPage } from '../page.ts';
import { MONEY_READERS } from '../roles.ts';
import { ok, route } from '../route.ts';
import { replayScreen } from '../screen-replay.ts';
import { refusedFields } from '../validate.ts';

export const SCREEN_ROUTES = [
  route({
    id: 'screens.list',
    method: 'get',
    path: '/v1/screens',
    tag: 'Money',
    summary: 'The screens for fraud: rule, version, parameters, what they found and how persons decided',
    roles: MONEY_READERS,
    query: pageQuery,
    answer: { status: 200, schema: pageOf(screen) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { settings } = await readProgramFrame(tx);
        const measures = await measureScreens(tx);
        const items = screensInForce(settings).map((inForce) => showScreen(inForce, measures));
        return ok(pageOfWhole(call.query, items, ({ name }) => name));
      }),
  }),
  route({
    id: 'screens.hits',
    method: 'get',
    path: '/v1/screens/{name}/hits',
    tag: 'Money',
    summary: 'What one screen found, with its version then, and what became of each hold',
    roles: MONEY_READERS,
    query: screenHitQuery,
    answer: { status: 200, schema: pageOf(screenHit) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit, cursor, ...filter } = call.query;
        const found = await findScreen(tx, call.params.name);
        const page = { afterId: afterCursor({ limit, cursor }), limit: limit + 1 };
        const rows = await listScreenHits(tx, { screen: found.screen.name, ...filter, ...page });
        return ok(
          toPage(
            rows,
            limit,
            ({ holdId }) => holdId,
            (hit) => hit,
          ),
        );
      }),
  }),
  route({
    id: 'screens.replay',
    method: 'post',
    path: '/v1/screens/{name}/replay',
    tag: 'Money',
    summary:
      'What a screen in another version or with other parameters would have held of past conversions; writes nothing',
    roles: MONEY_READERS,
    body: screenReplayRequest,
    answer: { status: 200, schema: screenReplay },
    handle: (call) =>
      reading(call, async (tx) => {
        const { from, to, version, parameters: asked } = call.body;
        const inForce = await findScreen(tx, call.params.name);
        if (from >= to) throw refusedFields([{ path: 'to', message: 'Give an instant after `from`.' }]);
        const rule = version === undefined ? inForce.screen : findVersion(inForce, version);
        const parameters = { ...inForce.parameters, ...readParameters(rule, asked) };
        const replay = await replayScreen(tx, rule, parameters, { from, to });
        return ok({ name: rule.name, version: rule.version, parameters, from, to, ...replay });
      }),
  }),
];

/** @throws DomainError `not-found` */
async function findScreen(tx: Tx, name: string): Promise<ScreenInForce> {
  const { settings } = await readProgramFrame(tx);
  const found = screensInForce(settings).find(({ screen: { name: known } }) => known === name);
  if (!found) throw new DomainError('not-found', `There is no screen ${name}.`);
  return found;
}

/** @throws DomainError `invalid` */
function findVersion({ screen: { name } }: ScreenInForce, version: number): Screen {
  const versions = versionsOf(name);
  const found = versions.find((rule) => rule.version === version);
  if (!found) throw refusedFields([{ path: 'version', message: sayVersions(versions) }]);
  return found;
}

function readParameters(rule: Screen, asked: { within?: unknown; moreThan?: unknown }): ScreenParameters {
  const reader = new JsonReader();
  checkScreenParameters(reader, rule, asked, 'parameters');
  if (reader.faults.length > 0) throw refusedFields([...reader.faults]);
  return asked as ScreenParameters;
}

function showScreen(
  { screen: { name, version, says }, isOn, parameters, newest }: ScreenInForce,
  measures: Awaited<ReturnType<typeof measureScreens>>,
) {
  const own = measures.filter((measure) => measure.screen === name).map(({ screen: _, ...measure }) => measure);
  const now = own.find((measure) => measure.version === version);
  const { lastAt = null, ...counts } = now ?? { hits: 0, standing: 0, lifted: 0, confirmed: 0 };
  const earlier = own.filter((measure) => measure.version !== version);
  return { name, says, isOn, parameters, ...counts, version, newestVersion: newest, lastHitAt: lastAt, earlier };
}
