const BOLD = '\u001b[1m';
const DIM = '\u001b[2m';
const RESET = '\u001b[0m';

export interface Narrator {
  chapter(title: string): void;
  /** A sentence of the story. */
  say(text: string): void;
  /** What a person wrote or said. */
  quote(who: string, text: string): void;
  /** A small table; the first row is the head. */
  table(rows: (string | number)[][]): void;
  link(what: string, url: string): void;
}

/** Prints the story, coloured where the terminal can show it. */
export function createNarrator(out: NodeJS.WritableStream & { isTTY?: boolean }): Narrator {
  const style = (code: string, text: string) => (out.isTTY ? `${code}${text}${RESET}` : text);
  const line = (text = '') => out.write(`${text}\n`);
  let chapters = 0;
  return {
    chapter(title) {
      chapters += 1;
      line();
      line(style(BOLD, `${chapters}. ${title}`));
    },
    say: (text) => void line(`   ${text}`),
    quote: (who, text) => void line(`   ${style(DIM, `${who}:`)} “${text}”`),
    table(rows) {
      const widths = (rows[0] ?? []).map((_, column) =>
        Math.max(...rows.map((row) => String(row[column] ?? '').length)),
      );
      rows.forEach((row, index) => {
        const text = row
          .map((cell, column) =>
            typeof cell === 'number' || column > 0
              ? String(cell).padStart(widths[column] ?? 0)
              : String(cell).padEnd(widths[column] ?? 0),
          )
          .join('   ');
        line(`     ${index === 0 ? style(DIM, text) : text}`);
      });
    },
    link: (what, url) => void line(`   ${style(DIM, `→ ${what}:`)} ${url}`),
  };
}

/** `{ minor: 1234, currency: 'EUR' }` as `12.34 EUR`. */
export function showMoney(money: { minor: number; currency: string }): string {
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency: money.currency }).resolvedOptions()
      .maximumFractionDigits ?? 2;
  return `${(money.minor / 10 ** digits).toFixed(digits)} ${money.currency}`;
}
