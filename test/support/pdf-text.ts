import { inflateSync } from 'node:zlib';

/**
 * What a PDF of ours says: its glyphs mapped back by the maps of its embedded fonts. Each font's map is tried on the whole, so a text in
 * another font shows as nonsense beside the right reading.
 */
export function pdfText(bytes: Buffer): string {
  const streams = [...streamsOf(bytes)];
  const maps = streams.filter((stream) => stream.includes('beginbfrange')).map(glyphMap);
  const pages = streams.filter((stream) => stream.includes(' TJ'));
  return maps.flatMap((map) => pages.map((page) => read(page, map))).join('\n');
}

function* streamsOf(bytes: Buffer): Generator<string> {
  const marker = Buffer.from('stream\n');
  for (let at = bytes.indexOf(marker); at !== -1; at = bytes.indexOf(marker, at + 1)) {
    const end = bytes.indexOf('\nendstream', at);
    if (end === -1) return;
    try {
      yield inflateSync(bytes.subarray(at + marker.length, end)).toString('latin1');
    } catch {
      // Not compressed, or the end of a stream before: no text of ours is in it.
    }
  }
}

/** Texts by glyph number. A range lists its texts one by one. */
function glyphMap(cmap: string): Map<number, string> {
  const map = new Map<number, string>();
  for (const [, first = '', texts = ''] of cmap.matchAll(/<([0-9a-f]+)> <[0-9a-f]+> \[([^\]]*)\]/gi)) {
    for (const [index, [, hex = '']] of [...texts.matchAll(/<([0-9a-f ]+)>/gi)].entries()) {
      const text = Buffer.from(hex.replaceAll(' ', ''), 'hex').swap16().toString('utf16le');
      map.set(parseInt(first, 16) + index, text);
    }
  }
  return map;
}

/** The lines of a page, each as it was drawn; a space at a break belongs to neither. */
function read(page: string, map: Map<number, string>): string {
  const lines = [...page.matchAll(/\[([^\]]*)\] TJ/g)].map(([, run = '']) => {
    const hex = [...run.matchAll(/<([0-9a-f]+)>/gi)].map(([, part = '']) => part).join('');
    return (hex.match(/.{4}/g) ?? []).map((glyph) => map.get(parseInt(glyph, 16)) ?? '?').join('');
  });
  return lines.join('\n');
}
