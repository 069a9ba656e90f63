import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csvRow, readCells, readHeader } from '../../db/import/csv-row.ts';
import { packedRecords, packRecords } from '../../db/import/record.ts';
import type { ImportRecord } from '../../db/import/record.ts';
import { RecordSplitter } from '../../db/import/record-splitter.ts';

const show = ({ line, bytes, fault }: ImportRecord) => [line, fault ? fault.code : bytes.toString()];

/** The records of a text, sent in parts of `size` bytes. */
function split(text: string, size = 1_000_000, format: 'csv' | 'ndjson' = 'csv') {
  const splitter = new RecordSplitter(format);
  const bytes = Buffer.from(text);
  const records: ImportRecord[] = [];
  let opened = -1;
  const take = (found: readonly ImportRecord[]) => {
    for (const record of found) {
      if (record.doubt === 'opens') opened = records.length;
      if (record.doubt === 'replaces') records.length = opened;
      records.push(record);
    }
  };
  for (let at = 0; at < bytes.length; at += size) take(splitter.push(bytes.subarray(at, at + size)));
  take(splitter.end());
  return records.map(show);
}

/** The same as the splitter, by a grammar over the whole text. */
function wholeFile(text: string) {
  const records: ReturnType<typeof show>[] = [];
  const cell = String.raw`(?:"(?:[^"]|"")*"|[^",\n][^",\n]*|)`;
  const record = new RegExp(String.raw`${cell}(?:,${cell})*(?:\r?\n|\r?$)`, 'y');
  const breaks = (part: string) => part.split('\n').length - 1;
  for (let [at, line] = [0, 1]; at < text.length;) {
    record.lastIndex = at;
    const found = record.exec(text)?.[0];
    const lineEnd = text.indexOf('\n', at);
    const taken = found ?? text.slice(at, lineEnd === -1 ? text.length : lineEnd + 1);
    const bare = taken.replace(/\n$/, '');
    const kept = bare.replace(/\r$/, '');
    if (bare.length > 65_536) records.push([line, 'too-long']);
    else if (found === undefined) records.push([line, 'malformed']);
    else if (kept !== '') records.push([line, kept]);
    at += taken.length;
    line += breaks(taken);
  }
  return records;
}

describe('the splitter', () => {
  const file = '\ufeffa,b\r\n1,"x\ny"\n\n2,"say ""hi"", you"\n3,z';
  const records = [
    [1, 'a,b'],
    [2, '1,"x\ny"'],
    [5, '2,"say ""hi"", you"'],
    [6, '3,z'],
  ];

  it.each([1, 2, 3, 7, 1_000])('finds the same records in parts of %d bytes', (size) => {
    expect(split(file, size)).toEqual(records);
  });

  it('refuses the line of a quote that is not closed, and reads the next ones', () => {
    expect(split('a\n"open\n2\n3\n', 3)).toEqual([
      [1, 'a'],
      [2, 'malformed'],
      [3, '2'],
      [4, '3'],
    ]);
    expect(split('a\nx"y\n"a"b\n2\n', 1)).toEqual([
      [1, 'a'],
      [2, 'malformed'],
      [3, 'malformed'],
      [4, '2'],
    ]);
  });

  it.each(['csv', 'ndjson'] as const)('refuses a line of 10 MB in %s and reads the next ones', (format) => {
    const long = 'x'.repeat(10_000_000);
    expect(split(`a\n${long}\nb\n`, 65_536, format)).toEqual([
      [1, 'a'],
      [2, 'too-long'],
      [3, 'b'],
    ]);
    expect(split(`a\n${long}\nb\n`, 20_000_000, format).map(([line]) => line)).toEqual([1, 2, 3]);
    expect(split(`a\n${long}`, 65_536, format)[1]).toEqual([2, 'too-long']);
  });

  describe.each([997, 65_536, 20_000_000])('in parts of %d bytes', (size) => {
    const row = '9,"like a row",""\n';
    const long = row.replaceAll('"', '""').repeat(5_000);

    it('takes a quoted cell of more than 64 KiB as one bad line, never as the rows that it looks like', () => {
      expect(split(`a\n1,"${long}",""\r\n2,"x\ny"\n3\n`, size)).toEqual([
        [1, 'a'],
        [2, 'too-long'],
        [5_003, '2,"x\ny"'],
        [5_005, '3'],
      ]);
      expect(split(`a\n1,"${'x'.repeat(70_000)}\nb\nc",\n2\n`, size)).toEqual([
        [1, 'a'],
        [2, 'too-long'],
        [5, '2'],
      ]);
      expect(split(`a\n1,"${long}"`, size)).toEqual([
        [1, 'a'],
        [2, 'too-long'],
      ]);
    });

    it.each([
      ['is never closed', ''],
      ['meets one that stands inside a cell', 'x"y\n'],
    ])('refuses the line of a quote that %s behind 64 KiB, and reads the next ones', (_, after) => {
      const plain = '2,3\n'.repeat(20_000);
      const found = split(`a\n"open\n${plain}${after}4,"x\ny",5\n`, size);
      expect(found).toHaveLength(20_003 + (after ? 1 : 0));
      expect(found.slice(0, 3)).toEqual([
        [1, 'a'],
        [2, 'malformed'],
        [3, '2,3'],
      ]);
      expect(found.at(-1)).toEqual([after ? 20_004 : 20_003, '4,"x\ny",5']);
    });
  });

  it('finds what a reader finds that has the whole file before it', () => {
    const piece = fc.constantFrom(
      '"',
      '""',
      ',',
      '\n',
      '\n',
      '\r\n',
      '",',
      '\n"',
      ',"',
      'x',
      'y'.repeat(30_000),
      'z'.repeat(66_000),
    );
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, fc.integer({ min: 5_000, max: 200_000 }), (given, size) => {
        expect(split(given, size)).toEqual(wholeFile(given));
      }),
      { numRuns: 1_500, seed: 7 },
    );
  }, 60_000);

  it('takes no more than a line into memory while a quote stays open', () => {
    const splitter = new RecordSplitter('csv');
    splitter.push(Buffer.from('a\n1,"open\n'));
    const part = Buffer.from(`${'x'.repeat(999)}\n`.repeat(1_000));
    const before = process.memoryUsage().arrayBuffers;
    let given = 0;
    for (let n = 0; n < 300; n += 1) given += splitter.push(part).length;
    expect(given).toBe(300_001);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
    expect(splitter.push(Buffer.from('",2\n3\n')).map(show)).toEqual([
      [2, 'too-long'],
      [300_004, '3'],
    ]);
  });

  it('is done with a file of open quotes before long', () => {
    const found = split('"a,b\n'.repeat(50_000), 65_536);
    expect(found).toHaveLength(50_000);
    expect(new Set(found.map(([, what]) => what))).toEqual(new Set(['malformed']));
  });

  it('packs records into bytes and back', () => {
    const fault = { code: 'malformed', detail: 'x' };
    const given = [
      { line: 2, bytes: Buffer.from('ä,b') },
      { line: 70_000, bytes: Buffer.alloc(0), fault },
      { line: 70_001, bytes: Buffer.from('c') },
    ];
    const chunk = packRecords(given);
    const found = Array.from(packedRecords(chunk), (record) => ({
      ...record,
      text: chunk.toString('utf8', record.from, record.to),
    }));
    expect(found).toMatchObject([
      { line: 2, text: 'ä,b', fault: null },
      { line: 70_000, fault },
      { line: 70_001, text: 'c', fault: null },
    ]);
  });
});

describe('a row of CSV', () => {
  it('nests by dots, lists by bars, and leaves out what is empty', () => {
    const columns = readHeader('externalId,identity.customerId,value.minor,value.currency,newCustomer,properties.a.b');
    expect(csvRow('conversions', columns, 'o1,c1,0500,EUR,true,"x,y"')).toEqual({
      externalId: 'o1',
      identity: { customerId: 'c1' },
      value: { minor: 500, currency: 'EUR' },
      newCustomer: true,
      properties: { a: { b: 'x,y' } },
    });
    expect(csvRow('conversions', columns, 'o1,,1e3,,maybe,')).toEqual({
      externalId: 'o1',
      value: { minor: '1e3' },
      newCustomer: 'maybe',
    });
    expect(csvRow('journeys', ['path', 'value'], 'a|b,30.5')).toEqual({ path: ['a', 'b'], value: '30.5' });
  });

  it('has as many cells as the header', () => {
    expect(() => csvRow('refunds', ['a', 'b'], '1,2,3')).toThrow('The row has 3 cells, the header 2.');
    expect(readCells('"",')).toEqual(['', '']);
    expect(readCells('a,""')).toEqual(['a', '']);
  });

  it('may have 200 columns, and names that begin with others', () => {
    const columns = Array.from({ length: 200 }, (_, n) => `c${n}`);
    expect(readHeader(columns.join(','))).toEqual(columns);
    expect(() => readHeader([...columns, 'c'].join(','))).toThrow('There are 201 columns; give at most 200.');
    expect(readHeader('a.b,a.bc,ab,a.c')).toEqual(['a.b', 'a.bc', 'ab', 'a.c']);
  });

  it.each([
    ['a,,b', 'Column 2 has no name.'],
    ['a,b,a', 'The column "a" is there twice.'],
    ['value.minor,value', 'The column "value" is there as a whole and in parts.'],
    ['a.b.c,d,a.b', 'The column "a.b" is there as a whole and in parts.'],
    ['a.'.repeat(32) + 'a', 'Column 1 has 33 parts between dots; give at most 32.'],
    ['value,value.minor', 'The column "value" is there as a whole and in parts.'],
    ['__proto__.x', 'No column may be called __proto__.'],
    ['a\0b', 'The header is not UTF-8 text.'],
  ])('refuses the header %j', (header, message) => {
    expect(() => readHeader(header)).toThrow(message);
  });
});
