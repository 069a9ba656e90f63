// One jest project per folder of test/, so that `npm test -- --selectProjects domain` runs one layer.
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
  ],
};

const project = (name, options = {}) => ({
  displayName: name,
  rootDir: '.',
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  extensionsToTreatAsEsm: ['.ts'],
  transform,
  ...options,
});

// Real PostgreSQL and Temporal, started once per run and only when a project that needs them is selected.
const servers = {
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
};

export default {
  // Of the whole run: jest does not read it from a project.
  testTimeout: 60_000,
  // Tests wait for servers about half of their time: three at a time fill two cores.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/support/long-first-sequencer.js',
  reporters: ['default', '<rootDir>/test/support/closing-line-reporter.js'],
  projects: [
    project('domain'),
    project('support', servers),
    project('runtime', servers),
    project('stack', servers),
    project('db', servers),
    project('activities', servers),
    project('workflows', servers),
    project('worker', servers),
    project('replay', servers),
    project('api', servers),
    project('web', servers),
    project('architecture', servers),
    project('e2e', servers),
  ],
};
