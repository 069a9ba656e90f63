import { join } from '../json/reader.ts';
import type { JsonReader } from '../json/reader.ts';
import { SCREEN_NAMES, SCREEN_PARAMETERS } from './screen.ts';
import type { Screen, ScreenParameters } from './screen.ts';
import { versionsOf } from './screens.ts';

const MOST = 1_000_000;

/** Checks `thresholds.screens` of the settings: switches, versions and parameters by the name of the screen. */
export function checkScreenSettings(reader: JsonReader, value: unknown, path: string): void {
  const screens = reader.object(value, path, SCREEN_NAMES);
  for (const [name, item] of Object.entries(screens ?? {})) {
    const versions = versionsOf(name);
    if (versions.length === 0) continue;
    const fields = reader.object(item, join(path, name), ['isOn', 'version', ...SCREEN_PARAMETERS]);
    if (!fields) continue;
    const { isOn, version, ...parameters } = fields;
    if (isOn !== undefined) reader.boolean(isOn, join(join(path, name), 'isOn'));
    const named = version === undefined ? versions.at(-1) : versions.find((screen) => screen.version === version);
    if (named) checkScreenParameters(reader, named, parameters, join(path, name));
    else reader.fault(join(join(path, name), 'version'), sayVersions(versions));
  }
}

/** Which versions can be named. */
export function sayVersions(versions: readonly Screen[]): string {
  return `Give a version that there is: ${versions.map(({ version }) => version).join(', ')}.`;
}

/** Checks the parameters of one screen; those of others are not known to it. */
export function checkScreenParameters(
  reader: JsonReader,
  screen: Screen,
  { within, moreThan }: { [Name in keyof ScreenParameters]: unknown },
  path: string,
): void {
  if (within !== undefined) {
    if (screen.parameters.includes('within')) reader.duration(within, join(path, 'within'), true);
    else reader.fault(join(path, 'within'), 'This screen has no time to set.');
  }
  if (moreThan === undefined) return;
  if (screen.parameters.includes('moreThan')) reader.integer(moreThan, join(path, 'moreThan'), 0, MOST);
  else reader.fault(join(path, 'moreThan'), 'This screen has no number to set.');
}
