import { compareThePaths } from './two-paths.ts';

// A process of its own: inside of jest the same arithmetic takes four times as long.
const [seed, policies, journeysEach] = process.argv.slice(2).map(Number);
process.send!(compareThePaths(seed!, policies!, journeysEach!));
