/**
 * Tables as CSV (RFC 4180) that spreadsheets open without harm: a text that would be taken for a formula gets an apostrophe in front,
 * numbers stay numbers.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */

export interface CsvColumn<Row> {
  readonly name: string;
  /** A number as a number or a plain decimal; `null` leaves the cell empty. */
  readonly value: (row: Row) => string | number | boolean | null;
}

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
/** Also in their wide forms, which some programs read the same. */
const FORMULA = /^[=+\-@\t\r\n|%＝＋－＠]/;

/** With a header line; every line ends with CR LF. */
export function csvOf<Row>(columns: readonly CsvColumn<Row>[], rows: Iterable<Row>): string {
  const lines = [columns.map(({ name }) => name).join(',')];
  for (const row of rows) lines.push(columns.map(({ value }) => cellOf(value(row))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function cellOf(value: string | number | boolean | null): string {
  if (value === null) return '';
  const text = String(value);
  if (typeof value !== 'string' || NUMBER.test(text)) return text;
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
