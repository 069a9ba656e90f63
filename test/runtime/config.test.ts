import { describe, expect, it } from '@jest/globals';
import { readConfig, requireSetting } from '../../runtime/config.ts';

describe('the settings', () => {
  it('are all optional for the local stack', () => {
    expect(readConfig({})).toMatchObject({ TANDEM_ENV: 'development', API_PORT: 3000, LOG_LEVEL: 'info' });
  });

  it('tell all their faults together, each by the name of its variable', () => {
    const read = () =>
      readConfig({ API_PORT: '70000', DATABASE_URL: 'mysql://x', TANDEM_SECRET: 'short', PAYOUT_WEBHOOK_SECRET: 'x' });
    expect(read).toThrow(/API_PORT[\s\S]*DATABASE_URL|DATABASE_URL[\s\S]*API_PORT/);
    expect(read).toThrow(/TANDEM_SECRET[\s\S]*PAYOUT_WEBHOOK_SECRET[\s\S]*\.env\.example/);
  });

  it('name the one that a process cannot do without', () => {
    expect(() => requireSetting(readConfig({}), 'DATABASE_URL')).toThrow(/^DATABASE_URL is not set.*npm start/);
  });
});
