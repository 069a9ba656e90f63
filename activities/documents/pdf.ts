import { createRequire } from 'node:module';

/** Our document, and what every page of it needs. */
export type Pdf = PDFKit.PDFDocument;

const FONTS = '@expo-google-fonts/noto-sans';
const require = createRequire(import.meta.url);

/** Points of a page of A4, and its margin. */
const MARGIN = 56;

/**
 * Makes a PDF with embedded fonts, so that it looks the same everywhere and for years.
 * @param title stands in the file's own description
 * @param draw puts the content on it: `pdf.font('regular')` and `pdf.font('bold')` are registered
 * @returns the file's bytes
 */
export async function renderPdf(title: string, draw: (pdf: Pdf) => void): Promise<Buffer> {
  // Loaded with the first document, so that starting does not wait for it.
  const { default: PDFDocument } = await import('pdfkit');
  const pdf = new PDFDocument({ size: 'A4', margin: MARGIN, info: { Title: title, Producer: 'Tandem' } });
  pdf.registerFont('regular', require.resolve(`${FONTS}/400Regular/NotoSans_400Regular.ttf`));
  pdf.registerFont('bold', require.resolve(`${FONTS}/700Bold/NotoSans_700Bold.ttf`));
  pdf.font('regular').fontSize(10);
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
    draw(pdf);
    pdf.end();
  });
}

/** A row of a table: texts at fixed columns, numbers to the right. Breaks the page when there is no room. */
export function drawRow(
  pdf: Pdf,
  cells: readonly { text: string; x: number; width: number; align?: 'left' | 'right' }[],
): void {
  const height = Math.max(...cells.map(({ text, width }) => pdf.heightOfString(text, { width })));
  if (pdf.y + height > pdf.page.height - MARGIN) pdf.addPage();
  const top = pdf.y;
  for (const { text, x, width, align } of cells) pdf.text(text, MARGIN + x, top, { width, align: align ?? 'left' });
  pdf.x = MARGIN;
  pdf.y = top + height + 4;
}
