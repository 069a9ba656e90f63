import { createServer } from 'node:net';

/** Asks the operating system for a TCP port that nobody listens on at `host` right now. */
export function findFreePort(host = '127.0.0.1'): Promise<number> {
  return listenBriefly(0, host);
}

/** Tells whether `port` can be listened on at `host`. The answer is as old as the call: bind soon. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  try {
    await listenBriefly(port, host);
    return true;
  } catch {
    return false;
  }
}

function listenBriefly(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
