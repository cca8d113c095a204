/** OKX's rows of perpetuals in our words: contracts, positions, funding, and what an account must be set to, exact. */

import type { FeeRates } from '#core/account-calls.ts';
import { PortError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import type { FundingPayment, FundingRate, VenuePosition } from '#core/perpetual-ports.ts';
import { amount, type Row, text, UnreadableAnswer, whole } from './_fields.ts';
import { marketId, type OkxKind, symbolNamed } from './_okx-kind.ts';
import { ONE_WAY, SPOT_MODE, theRow } from './_okx-rows.ts';

/** The rates everybody pays who has no discount; the list of instruments carries none. */
const STANDARD_MAKER_RATE = '0.0002';
const STANDARD_TAKER_RATE = '0.0005';
/** Where the venue does not say how often funding is settled. */
const USUAL_INTERVAL_MS = 8 * 3_600_000;

/** `BTC-USDT-SWAP`; contracts margined in coins or in another one end differently. */
export function isUsdtSwap(instId: string): boolean {
  return instId.endsWith('-USDT-SWAP');
}

/** Perpetuals margined in USDT; `rates` tells when their funding is settled. Those without rules yet are left out. */
export function readContracts(listed: readonly Row[], rates: readonly Row[]): readonly Instrument[] {
  const intervals = new Map(rates.map((rate) => [text(rate, 'instId'), intervalOf(rate)]));
  return listed
    .filter((each) => each['instType'] === 'SWAP' && each['ctType'] === 'linear' && each['settleCcy'] === 'USDT')
    .filter((each) => ![each['tickSz'], each['lotSz'], each['minSz'], each['ctVal']].includes(''))
    .map((each) => readContract(each, intervals));
}

function intervalOf(rate: Row): number {
  const [from, to] = [rate['fundingTime'], rate['nextFundingTime']];
  const lengthMs = from === '' || to === '' ? 0 : whole(rate, 'nextFundingTime') - whole(rate, 'fundingTime');
  return lengthMs > 0 ? lengthMs : USUAL_INTERVAL_MS;
}

function readContract(listed: Row, intervals: ReadonlyMap<string, number>): Instrument {
  const instId = text(listed, 'instId');
  const symbol = symbolNamed(instId);
  const [base = ''] = symbol.split('/');
  if (listed['ctValCcy'] !== base || marketId(symbol) !== instId) throw new UnreadableAnswer(`${instId} is not counted in its base coin`);
  const contractSize = plain(decimal(amount(listed, 'ctVal')).times(listed['ctMult'] === '' ? '1' : amount(listed, 'ctMult')));
  const inBase = (field: string): DecimalString => plain(decimal(amount(listed, field)).times(contractSize));
  const priceIncrement = amount(listed, 'tickSz');
  return {
    venue: 'okx',
    symbol,
    base,
    quote: 'USDT',
    kind: 'perpetual',
    settle: 'USDT',
    perpetual: {
      contractSize,
      fundingIntervalMs: intervals.get(instId) ?? USUAL_INTERVAL_MS,
      maxLeverage: listed['lever'] === '' ? 1 : Number(amount(listed, 'lever')),
      // It differs by tiers that are asked for by instrument.
      maintenanceMarginRate: null,
    },
    priceIncrement,
    sizeIncrement: inBase('lotSz'),
    minPrice: priceIncrement,
    maxPrice: null,
    minSize: inBase('minSz'),
    maxSize: listed['maxLmtSz'] === '' || listed['maxLmtSz'] === undefined ? null : inBase('maxLmtSz'),
    minNotional: '0',
    makerFeeRate: STANDARD_MAKER_RATE,
    takerFeeRate: STANDARD_TAKER_RATE,
    status: text(listed, 'state') === 'live' ? 'trading' : 'halted',
  };
}

/** Throws for an account that holds longs and shorts apart, or that can hold neither. */
export function checkMode(body: unknown): void {
  const config = theRow(body);
  const unsupported = (message: string): PortError => new PortError('account_mode_unsupported', message, { outcome: 'failed' });
  if (config['acctLv'] === SPOT_MODE) throw unsupported('The OKX account is in spot mode, which knows no perpetuals; set its account mode to futures mode');
  if (config['posMode'] !== ONE_WAY)
    throw unsupported(
      'The OKX account keeps longs and shorts apart (hedge mode); close its positions, cancel its orders and set the position mode to one-way (net) at OKX',
    );
}

export function readPosition(kind: OkxKind, held: Row): VenuePosition {
  const instId = text(held, 'instId');
  if (held['posSide'] !== 'net') {
    const message = `The OKX account holds ${instId} in hedge mode; close that position and set the position mode to one-way (net) at OKX`;
    throw new PortError('account_mode_unsupported', message, { outcome: 'failed' });
  }
  const marginMode = text(held, 'mgnMode');
  if (marginMode !== 'isolated' && marginMode !== 'cross') throw new UnreadableAnswer(`unknown margin mode ${marginMode}`);
  return {
    symbol: symbolNamed(instId),
    size: kind.inBase(instId, amount(held, 'pos')),
    entryPrice: amount(held, 'avgPx'),
    markPrice: amount(held, 'markPx'),
    liquidationPrice: held['liqPx'] === '' || held['liqPx'] === undefined ? null : amount(held, 'liqPx'),
    unrealisedProfit: amount(held, 'upl'),
    leverage: Number(amount(held, 'lever')),
    marginMode,
  };
}

/** A bill of funding. An isolated position pays out of its own margin, and then the change of the wallet is nothing. */
export function readPayment(bill: Row, symbol: string): FundingPayment {
  const ofWallet = amount(bill, 'balChg');
  return {
    paymentId: text(bill, 'billId'),
    symbol,
    asset: text(bill, 'ccy'),
    amount: ofWallet === '0' ? amount(bill, 'posBalChg') : ofWallet,
    rate: null,
    at: whole(bill, 'ts'),
  };
}

export function readFundingRate(rate: Row, mark: Row, index: Row): Omit<FundingRate, 'symbol' | 'intervalMs'> {
  return {
    rate: amount(rate, 'fundingRate'),
    nextAt: whole(rate, 'fundingTime'),
    markPrice: amount(mark, 'markPx'),
    indexPrice: amount(index, 'idxPx'),
  };
}

/** What is paid is negative here; of contracts margined in USDT the rates stand in fields of their own. */
export function readPerpetualFeeRates(body: unknown): FeeRates {
  const told = theRow(body);
  const rate = (field: string): DecimalString => plain(decimal(amount(told, field)).negated());
  return { maker: rate('makerU'), taker: rate('takerU') };
}
