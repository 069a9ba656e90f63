import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlainTouchpoints } from '../../../db/import/plain-touchpoint.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { IntakeGround, sale, touch } from './intake-ground.ts';

let ground: IntakeGround;
beforeAll(async () => {
  ground = await IntakeGround.open();
});
afterAll(() => ground.close());

const hash = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');
const saidOf = ({ status, code }: { status: string; code?: string }) => code ?? status;

describe('the hash of a word that names nobody', () => {
  it('makes no one person of the guests of a shop, who are each refused by the field', async () => {
    const guests = [1, 2, 3].map((no) =>
      sale({ externalId: `guest-${no}`, identity: { visitorId: `guest-${no}`, emailHash: hash('sha256', '') } }),
    );
    const results = await intakeConversions(ground.pool, ground.programId, guests);
    expect(results.map(saidOf)).toEqual(Array(3).fill('placeholder-identity'));
    expect(await ground.count('identity')).toBe(0);
  });

  it.each([
    ['sha256', 'null', 'emailHash'],
    ['sha256', 'NULL', 'emailHash'],
    ['sha1', 'Undefined', 'emailHash'],
    ['md5', '', 'emailHash'],
    ['md5', '0', 'customerId'],
    ['sha512', 'N/A', 'visitorId'],
    ['sha256', '\n', 'emailHash'],
  ])('is refused: %s of %j as %s, in capitals too', async (algorithm, word, field) => {
    const value = hash(algorithm, word);
    const items = [value, value.toUpperCase()].map((each) => touch({ identity: { [field]: each } }));
    const results = await intakeTouchpoints(ground.pool, ground.programId, items);
    expect(results.map(saidOf)).toEqual(['placeholder-identity', 'placeholder-identity']);
  });

  it('is left to the slow way of a file, which says why', () => {
    const rowOf = (email: string) => `${hash('sha256', email)},video,click,2026-03-01T00:00:00Z`;
    const plain = new PlainTouchpoints(['identity.emailHash', 'channel', 'kind', 'occurredAt']);
    const [known, guest] = [rowOf('anna@example.com'), rowOf('')];
    expect(plain.read(known, 0, known.length)).not.toBeNull();
    expect(plain.read(guest, 0, guest.length)).toBeNull();
  });

  it('is not the hash of a person', async () => {
    const item = touch({ identity: { emailHash: hash('sha256', 'anna@example.com') } });
    expect((await intakeTouchpoints(ground.pool, ground.programId, [item])).map(saidOf)).toEqual(['accepted']);
  });
});

describe('an address in clear', () => {
  it('is no hash: each intake refuses it and names the field, and so does a file', async () => {
    const emailHash = 'anna@example.com';
    const known = await ground.count('identity');
    const { pool, programId } = ground;
    const results = [
      ...(await intakeTouchpoints(pool, programId, [touch({ identity: { emailHash } })])),
      ...(await intakeConversions(pool, programId, [sale({ externalId: 'clear', identity: { emailHash } })])),
      ...(await intakeIdentities(pool, programId, [
        { visitorId: 'v-clear', emailHash, occurredAt: touch({}).occurredAt },
      ])),
    ];
    expect(results.map(({ code, detail }) => [code, detail!.split(':')[0]])).toEqual([
      ['invalid', 'identity.emailHash'],
      ['invalid', 'identity.emailHash'],
      ['invalid', 'emailHash'],
    ]);
    expect(await ground.count('identity')).toBe(known);
    const plain = new PlainTouchpoints(['identity.emailHash', 'channel', 'kind', 'occurredAt']);
    const row = `${emailHash},video,click,2026-03-01T00:00:00Z`;
    expect(plain.read(row, 0, row.length)).toBeNull();
  });
});
