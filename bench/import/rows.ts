/** The rows of a run: made while they are read, so that ten million need no memory. */
export interface RowSource {
  run: string;
  rows: number;
  persons: number;
}

export const HEADER = 'id,identity.visitorId,channel,kind,occurredAt\n';
const AT = '2026-01-01T00:00:00Z';
const ROWS_PER_PART = 1_000;

/** The file without its header, as a sender writes it. */
export function fileRows({ run, persons, rows }: RowSource): Generator<Buffer> {
  return parts(rows, (n) => `${run}-${n},${run}-v${n % persons},video,click,${AT}\n`);
}

/** Rows of `touchpoint` with everything looked up, in the text format of COPY. */
export function finishedRows({ run, persons, rows }: RowSource, programId: string): Generator<Buffer> {
  return parts(rows, (n) => {
    const identity = identityOf(n, persons);
    return `${programId}\t${run}-${n}\t${AT}\t${AT}\t${identity}\tvideo\t\\N\tclick\t\\N\t\\N\t\\N\t\\N\tf\tt\t\\N\t\\N\n`;
  });
}

/** Rows of `touchpoint_key`, in the text format of COPY. */
export function keyRows({ run, persons, rows }: RowSource, programId: string): Generator<Buffer> {
  return parts(rows, (n) => {
    const digest = n.toString(16).padStart(64, '0');
    return `${programId}\t${run}-${n}\t\\\\x${digest}\t${AT}\t${identityOf(n, persons)}\n`;
  });
}

function identityOf(n: number, persons: number): string {
  return `idn_${String(n % persons).padStart(26, '0')}`;
}

/** One item of `POST /v1/touchpoints`. */
export function itemOf({ run, persons }: RowSource, n: number) {
  return {
    ...{ id: `${run}-b${n}`, identity: { visitorId: `${run}-v${n % persons}` } },
    ...{ channel: 'video', kind: 'click', occurredAt: AT },
  };
}

function* parts(rows: number, line: (n: number) => string): Generator<Buffer> {
  for (let from = 0; from < rows; from += ROWS_PER_PART) {
    let text = '';
    for (let n = from; n < Math.min(rows, from + ROWS_PER_PART); n += 1) text += line(n);
    yield Buffer.from(text);
  }
}
