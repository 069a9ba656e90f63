import { createHash } from 'node:crypto';

/** A body on its way, and the SHA-256 of what has passed. */
export interface DigestedBody extends AsyncIterable<Buffer> {
  /** `sha256:` and the digest in hex; once, at the end. */
  digest(): string;
}

/** The parts of a body as they come, in flat memory. */
export function digestedBody(body: AsyncIterable<Buffer>): DigestedBody {
  const hash = createHash('sha256');
  return {
    digest: () => `sha256:${hash.digest('hex')}`,
    async *[Symbol.asyncIterator]() {
      for await (const part of body) {
        hash.update(part);
        yield part;
      }
    },
  };
}

/** Reads a body to its end for its digest alone. */
export async function digestOfBody(body: AsyncIterable<Buffer>): Promise<string> {
  const digested = digestedBody(body);
  for await (const _ of digested) continue;
  return digested.digest();
}
