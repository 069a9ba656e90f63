import type { AddressInfo } from 'node:net';
import express from 'express';

// The least that a redirect can cost in Express: no look-up, no cookie, nothing stored.
const app = express();
app.get('/r/:code', (_request, response) => response.redirect(302, 'https://shop.example/landing?utm=1'));
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/r/bare\n`);
});
