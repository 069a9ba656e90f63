import { mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeLinks } from '../../runtime/embedded/postgres-binaries.ts';

describe('the library links of the PostgreSQL package', () => {
  let native: string;

  beforeEach(() => {
    native = mkdtempSync(join(tmpdir(), 'tandem-native-'));
    mkdirSync(join(native, 'lib'));
    writeFileSync(join(native, 'lib', 'libpq.so.5.18'), '');
    const links = [
      { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so' },
      { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' },
    ];
    writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  });
  afterEach(() => rmSync(native, { recursive: true, force: true }));

  const read = () => ['libpq.so', 'libpq.so.5'].map((name) => readlinkSync(join(native, 'lib', name)));

  it('are made when the install script was blocked, and left alone when they are there', () => {
    makeLinks(native);
    makeLinks(native);
    expect(read()).toEqual(['libpq.so.5.18', 'libpq.so.5.18']);
  });

  it('are made anew when they lead nowhere', () => {
    symlinkSync('gone', join(native, 'lib', 'libpq.so'));
    makeLinks(native);
    expect(read()).toEqual(['libpq.so.5.18', 'libpq.so.5.18']);
  });
});
