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
  testTimeout: 60_000,
  ...options,
});

export default {
  projects: [project('domain')],
};
