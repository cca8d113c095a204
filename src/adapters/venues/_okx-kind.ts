/**
 * What differs between OKX's spot instruments and its perpetuals wherever rows are read and written: names, and what a size
 * is counted in. Sizes of perpetuals are contracts, of which the list of instruments alone says how much base coin they are.
 */
import type { Instrument } from '#core/instrument.ts';
import { type DecimalString, decimal, parseDecimal, plain } from '#core/money.ts';
import type { OutboundOrder, PlaceOutcome } from '#core/venue-ports.ts';
import { type Row, text, UnreadableAnswer } from './_fields.ts';

const SWAP = '-SWAP';

export interface OkxKind {
  readonly instType: 'SPOT' | 'SWAP';
  /** Whether sizes in this instrument can be read. */
  isCountable(instId: string): boolean;
  /** A size as the venue counts it, in base coin. Throws UnreadableAnswer where that is not known. */
  inBase(instId: string, size: DecimalString): DecimalString;
}

export const SPOT: OkxKind = { instType: 'SPOT', isCountable: () => true, inBase: (_instId, size) => size };

/** `BTC/USDT` is `BTC-USDT` there, and `BTC/USDT:USDT` is `BTC-USDT-SWAP`. */
export function marketId(symbol: string): string {
  const [pair = '', settle] = symbol.split(':');
  return `${pair.replace('/', '-')}${settle === undefined ? '' : SWAP}`;
}

/** The other way round: names tell the assets, so that no event has to wait for the list of instruments. */
export function symbolNamed(instId: string): string {
  const [base = '', quote = ''] = instId.split('-');
  return `${base}/${quote}${instId.endsWith(SWAP) ? `:${quote}` : ''}`;
}

const SIZES = ['sz', 'accFillSz', 'fillSz', 'actualSz'] as const;

/** A row of an order, stop or execution with its sizes in base coin. */
export function rowInBase(kind: OkxKind, from: Row): Row {
  if (kind.instType === 'SPOT') return from;
  const instId = text(from, 'instId');
  const converted = SIZES.flatMap((field) => {
    const size = from[field];
    if (size === undefined || size === '') return [];
    return [[field, kind.inBase(instId, text(from, field))] as const];
  });
  return { ...from, ...Object.fromEntries(converted) };
}

/** The contracts of a venue, as far as they have been listed. */
export class Contracts implements OkxKind {
  readonly instType = 'SWAP';
  readonly #listed = new Map<string, { readonly contractSize: DecimalString; readonly sizeIncrement: DecimalString }>();

  learn(instruments: readonly Instrument[]): void {
    for (const { symbol, perpetual, sizeIncrement } of instruments)
      if (perpetual !== null) this.#listed.set(marketId(symbol), { contractSize: perpetual.contractSize, sizeIncrement });
  }

  /** Whether they have been listed at all. */
  get isKnown(): boolean {
    return this.#listed.size > 0;
  }

  isCountable(instId: string): boolean {
    return this.#listed.has(instId);
  }

  inBase(instId: string, contracts: DecimalString): DecimalString {
    const parsed = parseDecimal(contracts);
    if (!parsed.ok) throw new UnreadableAnswer('a number of contracts is not a decimal');
    return plain(parsed.value.times(this.#of(instId).contractSize));
  }

  /** Exact for every size that is not refused. */
  inContracts(symbol: string, size: DecimalString): DecimalString {
    return plain(decimal(size).div(this.#of(marketId(symbol)).contractSize));
  }

  /** Why an order cannot be written in contracts: nothing is rounded. */
  refuse({ symbol, size }: OutboundOrder): PlaceOutcome | null {
    const listed = this.#listed.get(marketId(symbol));
    if (listed === undefined) return { outcome: 'rejected', code: 'not_sent', message: `${symbol} is not a perpetual that OKX trades` };
    const parsed = parseDecimal(size);
    const isWhole = parsed.ok && parsed.value.gt(0) && parsed.value.mod(listed.sizeIncrement).isZero();
    return isWhole ? null : { outcome: 'rejected', code: 'not_whole_contracts', message: `a size in ${symbol} is a multiple of ${listed.sizeIncrement}` };
  }

  #of(instId: string): { readonly contractSize: DecimalString } {
    const listed = this.#listed.get(instId);
    if (listed === undefined) throw new UnreadableAnswer(`the contracts of ${instId} are not known`);
    return listed;
  }
}
