import { createRequire } from 'node:module';

const FONTS = '@expo-google-fonts/noto-sans';
const require = createRequire(import.meta.url);
/** Points of a page of A4. */
const MARGIN = 56;
const LABEL_WIDTH = 130;

/** A part of a document: a heading with its facts, or with lines of text. */
export interface Section {
  heading: string;
  facts?: readonly (readonly [label: string, value: string])[];
  lines?: readonly string[];
}

/**
 * Makes a PDF of facts with embedded fonts, so that it looks the same everywhere and for years.
 * @returns the file's bytes
 */
export async function renderSections(title: string, sections: readonly Section[]): Promise<Buffer> {
  // Loaded with the first document, so that starting does not wait for it.
  const { default: PDFDocument } = await import('pdfkit');
  const pdf = new PDFDocument({ size: 'A4', margin: MARGIN, info: { Title: title, Producer: 'Tandem' } });
  pdf.registerFont('regular', require.resolve(`${FONTS}/400Regular/NotoSans_400Regular.ttf`));
  pdf.registerFont('bold', require.resolve(`${FONTS}/700Bold/NotoSans_700Bold.ttf`));
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
    pdf.font('bold').fontSize(16).text(title).moveDown();
    for (const section of sections) drawSection(pdf, section);
    pdf.end();
  });
}

function drawSection(pdf: PDFKit.PDFDocument, { heading, facts = [], lines = [] }: Section): void {
  pdf.font('bold').fontSize(11).text(heading).moveDown(0.3);
  const width = pdf.page.width - 2 * MARGIN - LABEL_WIDTH;
  for (const [label, value] of facts) {
    pdf.fontSize(9);
    const height = Math.max(pdf.heightOfString(label, { width: LABEL_WIDTH }), pdf.heightOfString(value, { width }));
    if (pdf.y + height > pdf.page.height - MARGIN) pdf.addPage();
    const top = pdf.y;
    pdf.font('regular').text(label, MARGIN, top, { width: LABEL_WIDTH });
    pdf.text(value, MARGIN + LABEL_WIDTH, top, { width });
    pdf.x = MARGIN;
    pdf.y = top + height + 2;
  }
  pdf.font('regular').fontSize(9);
  for (const line of lines) pdf.text(line, MARGIN);
  pdf.moveDown();
}
