/** Stops what global-setup.js started; jest calls it after failures too. */
export default async function globalTeardown() {
  await globalThis.tandemTestServers?.stop();
}
