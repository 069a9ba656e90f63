import { join } from '../json/reader.ts';
import type { JsonReader } from '../json/reader.ts';
import { CHANNEL_FAULT, CHANNEL_PATTERN } from './name.ts';

/** Notes what is no channel in a list of them. */
export function checkChannels(reader: JsonReader, value: unknown, path: string): void {
  for (const [index, channel] of (reader.texts(value, path) ?? []).entries()) {
    if (!CHANNEL_PATTERN.test(channel)) reader.fault(join(path, index), CHANNEL_FAULT);
  }
}
