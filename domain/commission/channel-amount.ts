import { compareText } from '../attribution/journey.ts';
import { allocate } from '../money/allocate.ts';

/** What a channel has of an amount, in smallest units. */
export interface ChannelAmount {
  channel: string;
  minor: number;
}

/**
 * Splits a commission over channels, in order of their names: as the rules made it where that adds up, else (caps, adjustments) in
 * proportion to what the rules made, else in proportion to the value of the credits. The parts sum to the commission exactly.
 * @param minor the commission, smallest units of the contract's currency
 * @param parts what the rules made of each credit, several of a channel are added
 * @param credits the value of each credit, in smallest units of its own currency
 */
export function amountsByChannel(
  minor: number,
  parts: readonly ChannelAmount[],
  credits: readonly ChannelAmount[],
): ChannelAmount[] {
  if (minor === 0) return [];
  const ruled = summed(parts);
  if (ruled.reduce((sum, part) => sum + part.minor, 0) === minor) return ruled;
  for (const weights of [ruled, summed(credits)]) {
    if (weights.length === 0) continue;
    const split = allocate(minor, weights.map(weightOf));
    return weights.map(({ channel }, index) => ({ channel, minor: split[index]! })).filter(isSomething);
  }
  return [{ channel: '', minor }];
}

function summed(parts: readonly ChannelAmount[]): ChannelAmount[] {
  const sums = new Map<string, number>();
  for (const { channel, minor } of parts) sums.set(channel, (sums.get(channel) ?? 0) + minor);
  return [...sums]
    .map(([channel, minor]) => ({ channel, minor }))
    .filter(isSomething)
    .sort((a, b) => compareText(a.channel, b.channel));
}

const weightOf = ({ minor }: ChannelAmount) => Math.abs(minor);
const isSomething = ({ minor }: ChannelAmount) => minor !== 0;
