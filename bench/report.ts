/** One line of the table in docs/performance.md. */
export interface Result {
  work: string;
  tandem: string;
  rival: string;
  /** Tandem ÷ rival, of the figure named in `work`. */
  ratio: number;
  goal: string;
  isReached: boolean;
}

export function printReport(results: Result[]): void {
  const rows = [
    ['work', 'Tandem', 'rival', 'ratio', 'goal', ''],
    ...results.map((one) => [
      one.work,
      one.tandem,
      one.rival,
      one.ratio.toFixed(2),
      one.goal,
      one.isReached ? 'reached' : 'missed',
    ]),
  ];
  for (const row of rows)
    process.stdout.write(`| ${row.join(' | ')} |\n${row === rows[0] ? '| --- | --- | --- | --- | --- | --- |\n' : ''}`);
}
