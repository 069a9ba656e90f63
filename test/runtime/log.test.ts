import { describe, expect, it } from '@jest/globals';
import { createLogger, scrub } from '../../runtime/log.ts';

function capture(): { lines: string[]; log: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  return { lines, log: createLogger('test', { destination: { write: (line) => lines.push(line) } }) };
}

describe('a logger', () => {
  it('hides secrets and addresses by key, also below the top', () => {
    const { lines, log } = capture();
    log.info({
      apiKey: 'tk_abc',
      partner: { email: 'ada@example.org', name: 'p' },
      a: { b: { iban: 'DE02120300000000202051' } },
    });
    expect(lines[0]).not.toMatch(/tk_abc|ada@example|DE0212/);
  });

  it('hides them in messages and errors by shape', () => {
    const { lines, log } = capture();
    log.error(
      { err: new Error('connect postgresql://tandem:s3cret@127.0.0.1/x failed for ada@example.org') },
      'key tk_live_1 refused',
    );
    expect(lines[0]).not.toMatch(/s3cret|ada@example|tk_live_1/);
    expect(lines[0]).toContain('postgresql://tandem:[hidden]@127.0.0.1');
  });

  it('writes the instant with its zone and the level as a word', () => {
    const { lines, log } = capture();
    log.warn('slow');
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'warn', msg: 'slow', time: expect.stringMatching(/Z$/) });
  });

  it('writes whatever was thrown, and never throws itself', () => {
    const { lines, log } = capture();
    const odd = Object.assign(new Error('gone'), { message: undefined, stack: undefined });
    for (const err of [odd, 'refused by ada@example.com', undefined, { code: 14 }]) log.warn({ err }, 'odd');
    expect(lines).toHaveLength(4);
    expect(lines.join()).not.toContain('ada@example.com');
  });

  it('leaves ids and amounts alone', () => {
    expect(scrub('partner/prt_01h455vb4pex5vsknk084sn02q owes 1234 EUR')).toBe(
      'partner/prt_01h455vb4pex5vsknk084sn02q owes 1234 EUR',
    );
  });
});
