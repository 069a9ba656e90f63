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

  it('believe no proxy and name no build unless they are told to', () => {
    expect(readConfig({})).toMatchObject({ TRUSTED_PROXIES: 0 });
    expect(readConfig({}).WORKER_BUILD_ID).toBeUndefined();
    expect(readConfig({ TRUSTED_PROXIES: '2', WORKER_BUILD_ID: '2026-11-24' })).toMatchObject({
      TRUSTED_PROXIES: 2,
      WORKER_BUILD_ID: '2026-11-24',
    });
    expect(() => readConfig({ TRUSTED_PROXIES: 'all', WORKER_BUILD_ID: 'v1.2' })).toThrow(
      /TRUSTED_PROXIES[\s\S]*WORKER_BUILD_ID|WORKER_BUILD_ID[\s\S]*TRUSTED_PROXIES/,
    );
  });

  it('name the one that a process cannot do without', () => {
    expect(() => requireSetting(readConfig({}), 'DATABASE_URL')).toThrow(/^DATABASE_URL is not set.*npm start/);
  });
});
