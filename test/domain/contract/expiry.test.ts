import { describe, expect, it } from '@jest/globals';
import { contractExpiry } from '../../../domain/contract/expiry.ts';
import type { ContractVersion } from '../../../domain/contract/in-force.ts';
import { defaultTerms } from '../../../domain/contract/terms.ts';
import { zoneOf } from '../../support/zone.ts';

const version = (no: number, from: string, expires?: string): ContractVersion => ({
  contractId: 'ctr_1',
  version: no,
  countersignedAt: from,
  effectiveFrom: from,
  terms: { ...defaultTerms('EUR'), ...(expires !== undefined && { expires }) },
});
const expiry = (versions: ContractVersion[], zone = 'UTC') => contractExpiry(versions, zoneOf(zone));

describe('the term of a contract', () => {
  it.each([
    ['2026-03-15T10:23:00Z', 'P1Y', 'UTC', '2027-03-16T00:00:00.000Z'],
    ['2026-03-15T23:30:00Z', 'P1Y', 'Europe/Berlin', '2027-03-16T23:00:00.000Z'],
    ['2026-09-30T08:00:00Z', 'P6M', 'Europe/Berlin', '2027-03-30T22:00:00.000Z'],
    ['2028-02-29T12:00:00Z', 'P1Y', 'UTC', '2029-03-01T00:00:00.000Z'],
    ['2026-01-31T12:00:00Z', 'P1M10D', 'UTC', '2026-03-11T00:00:00.000Z'],
    ['2026-01-01T00:00:00Z', 'P30D', 'UTC', '2026-02-01T00:00:00.000Z'],
    ['2026-01-01T00:00:01.500Z', 'P1DT0.5S', 'Asia/Tokyo', '2026-01-02T00:00:02.000Z'],
  ])('that began at %s and runs for %s in %s is over at %s', (from, expires, zone, over) => {
    expect(expiry([version(1, from, expires)], zone)).toBe(over);
  });

  it('has no end where the terms name none', () => {
    expect(expiry([version(1, '2026-01-01T00:00:00Z')])).toBeNull();
  });

  it('is moved by an amendment that holds in time, counted from the start of the first version', () => {
    const first = version(1, '2026-01-01T00:00:00Z', 'P1Y');
    const longer = [first, version(2, '2026-06-01T00:00:00Z', 'P2Y')];
    const endless = [first, version(2, '2026-06-01T00:00:00Z')];
    const atTheLastInstant = [first, version(2, '2027-01-02T00:00:00Z', 'P2Y')];
    const tooLate = [first, version(2, '2027-01-02T00:00:01Z', 'P2Y')];
    expect(expiry(longer)).toBe('2028-01-02T00:00:00.000Z');
    expect(expiry(endless)).toBeNull();
    expect(expiry(atTheLastInstant)).toBe('2028-01-02T00:00:00.000Z');
    expect(expiry(tooLate)).toBe('2027-01-02T00:00:00.000Z');
  });

  it('that an amendment makes shorter than what has passed is over when the amendment begins', () => {
    const from = '2026-06-01T09:00:00Z';
    expect(expiry([version(1, '2026-01-01T00:00:00Z'), version(2, from, 'P30D')])).toBe(from);
  });

  it('is that of the newest version, also where an older one begins later', () => {
    const versions = [
      version(1, '2026-01-01T00:00:00Z', 'P1Y'),
      version(3, '2026-03-01T00:00:00Z', 'P3Y'),
      version(2, '2026-06-01T00:00:00Z', 'P2Y'),
    ];
    expect(expiry(versions)).toBe('2029-01-02T00:00:00.000Z');
  });
});
