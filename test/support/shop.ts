import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web shop of the advertiser on any number of hosts `*.test`, with the snippet on every page. */
export interface Shop {
  /** `http://<name>.test:<port>`. */
  origin(name: string): string;
  stop(): Promise<void>;
}

/**
 * @param apiUrl where the snippet comes from
 * @param attributes of its script element, by host
 */
export async function startShop(apiUrl: string, attributes: (name: string) => string): Promise<Shop> {
  const server = createServer((request, response) => {
    const [name = ''] = (request.headers.host ?? '').split('.');
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(page(name, apiUrl, attributes(name)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: (name) => `http://${name}.test:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The lines that docs/tracking.md tells shops to write, so that a test holds the page to what works; the consent is said by the tests. */
const LINES = /```html\n([^]*?)```/
  .exec(readFileSync(new URL('../../docs/tracking.md', import.meta.url), 'utf8'))![1]!
  .replace(/^<script>tandem\('consent'.*\n/m, '');

function page(name: string, apiUrl: string, attributes: string): string {
  const lines = LINES.replace('https://track.example', apiUrl).replace('data-key="pk_…"', attributes);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${name}</title>
${lines}</head>
<body><main><h1>${name}</h1><a href="/shoes">Shoes</a>
<form onsubmit="tandem('identify', this.customer.value); this.done.value = 'Welcome'; return false">
<label>Customer number <input name="customer"></label> <button>Sign in</button> <output name="done"></output></form>
</main></body></html>`;
}
