import fc from 'fast-check';

/** Web addresses of all kinds, and texts that nearly are. */
export function oddDestinations(): fc.Arbitrary<string> {
  const odd = fc.constantFrom(
    ...'łü🎁 "\'<>\\%&=#?+;|^`{@:[a\t\n\r\0\u0001\u007f\u0085\u00a0\u202e\ud800',
    ...['%2f', '%C3', '..', '/./', '//', '::'],
  );
  const any = fc
    .array(fc.integer({ min: 0, max: 0x10_ff_ff }), { maxLength: 10 })
    .map((codes) => String.fromCodePoint(...codes));
  const text = fc.oneof(fc.string(), any, fc.string({ unit: 'grapheme' }), fc.string({ unit: odd }));
  const host = fc.oneof(
    fc.constantFrom('shop.example', 'łódź.example', 'ÜBER.example', '例え.テスト', '☃.example', 'SHOP.example:443'),
    fc.constantFrom('user:pä@shop.example', '[::1]:8080', '0x7f.1', 'shop.example.', 'faß.example', ''),
    text,
  );
  const scheme = fc.constantFrom('https://', 'http://', 'HTTPS://', 'https:', 'https:\\\\', ' https://', 'ftp://');
  const built = fc.tuple(
    ...[fc.oneof({ weight: 6, arbitrary: fc.constant('https://') }, { weight: 1, arbitrary: scheme }), host],
    ...[fc.constantFrom('/', '', '?', '#', '\\'), text, fc.constantFrom('', '?', '/', '#'), text],
  );
  return fc.oneof(
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    built.map((parts) => parts.join('')),
  );
}
