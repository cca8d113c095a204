/** Trades from CSV text in the integers of an instrument; what is not a trade is refused with its line, the reason and the remedy. */
import { AppError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import { Decimal } from '#core/money.ts';
import { timeOf } from '../market/candles.ts';
import type { TradeHistory } from './trade-history.ts';

/** Trades one file may hold. */
export const MAX_TRADES = 20_000_000;

const NAMES = {
  at: ['timestamp', 'time', 'date', 'datetime', 'ts'],
  price: ['price'],
  size: ['size', 'quantity', 'qty', 'amount', 'volume'],
} as const;
const NUMBER = /^\d+(\.\d+)?([eE][+-]?\d{1,3})?$/;

/** Columns are found by name, extra ones are ignored. Prices and sizes go to the nearest increment. Throws AppError `candles_invalid`. */
export function parseTrades(text: string, { priceIncrement, sizeIncrement }: Pick<Instrument, 'priceIncrement' | 'sizeIncrement'>): TradeHistory {
  const lines = text.trimEnd().split(/\r?\n/);
  const header = (lines[0] ?? '').split(',').map((name) => name.trim().toLowerCase());
  const positions = Object.fromEntries(
    Object.entries(NAMES).map(([column, names]) => [column, header.findIndex((name) => (names as readonly string[]).includes(name))]),
  );
  const absent = Object.keys(positions).filter((column) => (positions[column] ?? -1) < 0);
  if (absent.length > 0) throw refusal(1, `the header has no column for ${absent.join(', ')}; let it name timestamp,price,size`);
  const length = lines.length - 1;
  if (length > MAX_TRADES) throw new AppError('candles_invalid', `there are more than ${MAX_TRADES} trades; split the file`);
  const trades = { length, at: new Float64Array(length), priceTicks: new Float64Array(length), sizeLots: new Float64Array(length) };
  for (let index = 0; index < length; index += 1) {
    const cells = (lines[index + 1] ?? '').split(',').map((cell) => cell.trim());
    const at = timeOf(cells[positions['at'] ?? 0] ?? '');
    if (at === null) throw refusal(index + 2, 'the timestamp is not a time; give milliseconds since 1970 or an ISO time');
    trades.at[index] = at;
    trades.priceTicks[index] = counted(cells[positions['price'] ?? 0] ?? '', priceIncrement, index + 2, 'price');
    trades.sizeLots[index] = counted(cells[positions['size'] ?? 0] ?? '', sizeIncrement, index + 2, 'size');
  }
  return trades;
}

function counted(text: string, increment: string, line: number, column: string): number {
  if (!NUMBER.test(text)) throw refusal(line, `${column} ${JSON.stringify(text.slice(0, 40))} is not a number; repair or remove the line`);
  return new Decimal(text).div(increment).toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toNumber();
}

function refusal(line: number, reason: string): AppError {
  return new AppError('candles_invalid', `line ${line}: ${reason}`);
}
