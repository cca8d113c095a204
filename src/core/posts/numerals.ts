/** Reads numbers as people write them: decimal commas, marks between thousands; whatever has two readings is not read. */
import { type DecimalString, parseDecimal, plain } from '../money.ts';

/** What a comma and a space inside numbers mean to the author of one post. */
export interface NumberStyle {
  readonly comma: 'decimal' | 'thousands' | 'unknown';
  readonly isSpaceThousands: boolean;
}

/** What the numbers of a post that have one reading tell about those that have two. */
export function styleOf(numerals: readonly string[], isCyrillic: boolean): NumberStyle {
  let decimals = 0;
  let thousands = 0;
  let points = 0;
  let spaces = false;
  for (const raw of numerals) {
    if (/^\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?$|^\d{1,3},\d{3}\.\d+$/.test(raw)) thousands += 1;
    else if (/^0,\d+$|^\d{1,3}(?:\.\d{3})+,\d+$|^\d[\d ']*,\d{1,2}$/.test(raw) && (isCyrillic || !/^[1-9]\d*,\d+$/.test(raw))) decimals += 1;
    else if (/^\d+\.\d+$/.test(raw)) points += 1;
    if (/ 0\d\d/.test(raw)) spaces = true;
  }
  // Russian authors mix both marks, so a point proves nothing about their commas.
  const isThousands = thousands > 0 || (points > 0 && !isCyrillic);
  return { comma: decimals > 0 ? (isThousands ? 'unknown' : 'decimal') : isThousands ? 'thousands' : 'unknown', isSpaceThousands: spaces };
}

/** The number, or null where it has no reading or two. `hasCurrency` tells that a currency stands beside it, so that a space inside is no gap of a list. */
export function readNumeral(raw: string, style: NumberStyle, hasCurrency: boolean): DecimalString | null {
  if (/[' ]/.test(raw)) {
    const mark = raw.includes("'") ? "'" : ' ';
    const groups = /^[1-9]\d{0,2}(?:[' ]\d{3})+(?:[.,](\d+))?$/.exec(raw);
    if (groups === null || (mark === "'" && raw.includes(' '))) return null;
    if (mark === ' ' && groups[1] === undefined && !style.isSpaceThousands && !hasCurrency) return null;
    return exact(raw.replace(/[' ]/g, '').replace(',', '.'));
  }
  const comma = raw.lastIndexOf(',');
  const point = raw.lastIndexOf('.');
  if (comma < 0 && point < 0) return exact(raw);
  if (comma >= 0 && point >= 0) {
    const [mark, fraction] = comma > point ? ['.', raw.slice(comma + 1)] : [',', raw.slice(point + 1)];
    return grouped(raw.slice(0, Math.max(comma, point)), mark, fraction);
  }
  const mark = comma >= 0 ? ',' : '.';
  if (raw.indexOf(mark) !== raw.lastIndexOf(mark)) return grouped(raw, mark, '');
  return mark === '.' ? exact(raw) : singleComma(raw, style);
}

function singleComma(raw: string, { comma }: NumberStyle): DecimalString | null {
  const [whole = '', fraction = ''] = raw.split(',');
  const decimal = exact(`${whole}.${fraction}`);
  if (whole === '0') return decimal;
  // 68000,69000 may be a list of two.
  if (whole.length > 3) return fraction.length <= 2 && comma === 'decimal' ? decimal : null;
  if (fraction.length === 3 && comma === 'thousands') return exact(whole + fraction);
  return comma === 'decimal' ? decimal : null;
}

function grouped(whole: string, mark: string, fraction: string): DecimalString | null {
  const [first = '', ...rest] = whole.split(mark);
  if (!/^[1-9]\d{0,2}$/.test(first) || rest.length === 0 || rest.some((group) => !/^\d{3}$/.test(group))) return null;
  return exact(`${first}${rest.join('')}${fraction === '' ? '' : `.${fraction}`}`);
}

function exact(digits: string): DecimalString | null {
  if (/^0\d/.test(digits)) return null;
  const parsed = parseDecimal(digits);
  return parsed.ok ? plain(parsed.value) : null;
}
