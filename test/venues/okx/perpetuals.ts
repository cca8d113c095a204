/** OKX's answers about perpetuals beyond orders: positions, funding payments among the bills of an account, and prices to mark by. */
import { isPerpetualSymbol } from '#core/instrument.ts';
import { decimal, plain } from '#core/money.ts';
import type { SimulatedFunding, SimulatedPosition } from '#core/simulated-exchange.ts';
import type { World } from '../_world.ts';
import type { Call } from './call.ts';
import { mayHold } from './margin-modes.ts';
import { symbolOf, symbolsOfType } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import { missing } from './refusals.ts';
import { instId, sizeOf } from './shapes.ts';
import { page } from './trading.ts';

const DAY_MS = 86_400_000;
const FUNDING = '8';
const PAYMENTS_FROM = 1_950_000_000_000_000_000n;

/** As GET positions answers and the `positions` channel pushes. */
export function positionShape(world: World, position: SimulatedPosition): Record<string, string> {
  const { symbol, lots, entryPrice, markPrice, liquidationPrice, unrealisedProfit, leverage, marginMode, margin, maintenanceMargin, updatedAt } = position;
  const isIsolated = marginMode === 'isolated';
  return {
    adl: '1',
    availPos: '',
    avgPx: lots === 0 ? '' : entryPrice,
    cTime: String(updatedAt),
    ccy: world.scale(symbol).instrument.settle,
    imr: isIsolated ? '' : margin,
    instId: instId(symbol),
    instType: 'SWAP',
    lever: String(leverage),
    liqPx: liquidationPrice ?? '',
    margin: isIsolated ? margin : '',
    markPx: markPrice,
    mgnMode: marginMode,
    mgnRatio: '',
    mmr: maintenanceMargin,
    notionalUsd: plain(decimal(position.size).abs().times(markPrice)),
    pos: sizeOf(world, symbol, lots),
    posCcy: '',
    posId: `11${symbol.length}`,
    posSide: 'net',
    tradeId: '',
    uTime: String(updatedAt),
    upl: unrealisedProfit,
    uplRatio: '0',
  };
}

/** Flat ones are listed for a while too, with a size of nothing. */
export function positions({ world, key, parameters }: Call): unknown[] {
  mayHold(key);
  const named = parameters.get('instId')?.split(',') ?? null;
  return world.exchange.perpetuals
    .positions(key.account)
    .filter(({ symbol, updatedAt }) => updatedAt > 0 && (named?.includes(instId(symbol)) ?? true))
    .map((position) => positionShape(world, position));
}

function paymentId({ paymentId: id }: SimulatedFunding): string {
  return String(PAYMENTS_FROM + BigInt(id.replace(/\D/g, '')));
}

/** What changed the balance in the last `days`, newest first; here that is funding alone. */
export function bills({ world, key, parameters }: Call, days: number): unknown[] {
  if ((parameters.get('type') ?? FUNDING) !== FUNDING) return [];
  const named = parameters.get('instId');
  const from = Math.max(parameters.integer('begin') ?? 0, world.now() - days * DAY_MS);
  const to = parameters.integer('end') ?? Number.POSITIVE_INFINITY;
  const paid = world
    .symbolsOf('perpetual')
    .filter((symbol) => named === null || instId(symbol) === named)
    .flatMap((symbol) => world.exchange.perpetuals.fundingSince(key.account, symbol, from))
    .filter(({ at }) => at <= to)
    .toSorted((one, other) => Number(BigInt(paymentId(one)) - BigInt(paymentId(other))));
  return page(paid, paymentId, parameters).map((payment) => billShape(world, key.account, payment));
}

function billShape(world: World, account: string, payment: SimulatedFunding): Record<string, string> {
  const { symbol, asset, amount, lots, markTicks, at } = payment;
  const { marginMode } = world.exchange.perpetuals.position(account, symbol);
  // An isolated position pays out of its own margin.
  const [balChg, posBalChg] = marginMode === 'isolated' ? ['0', amount] : [amount, '0'];
  return {
    bal: '0',
    balChg,
    billId: paymentId(payment),
    ccy: asset,
    execType: '',
    fee: '0',
    from: '',
    instId: instId(symbol),
    instType: 'SWAP',
    mgnMode: marginMode,
    notes: '',
    ordId: '',
    pnl: amount,
    posBal: '0',
    posBalChg,
    px: world.scale(symbol).price(markTicks),
    subType: amount.startsWith('-') ? '173' : '174',
    sz: sizeOf(world, symbol, Math.abs(lots)),
    tag: '',
    to: '',
    ts: String(at),
    type: FUNDING,
  };
}

export function fundingRate(world: World, parameters: Parameters): unknown[] {
  const named = parameters.need('instId');
  return world.symbolsOf('perpetual').flatMap((symbol) => {
    if (named !== 'ANY' && symbolOf(world, named) !== symbol) return [];
    const { rate, nextAt } = world.exchange.perpetuals.fundingRate(symbol, world.now());
    const intervalMs = world.scale(symbol).instrument.perpetual?.fundingIntervalMs ?? 0;
    return [
      {
        formulaType: 'withRate',
        fundingRate: rate,
        fundingTime: String(nextAt),
        impactValue: '10000',
        instId: instId(symbol),
        instType: 'SWAP',
        interestRate: '0.0001',
        maxFundingRate: '0.015',
        method: 'current_period',
        minFundingRate: '-0.015',
        nextFundingRate: '',
        nextFundingTime: String(nextAt + intervalMs),
        premium: '0',
        settFundingRate: rate,
        settState: 'settled',
        ts: String(world.now()),
      },
    ];
  });
}

export function markPrice(world: World, parameters: Parameters): unknown[] {
  const named = parameters.get('instId');
  return symbolsOfType(world, parameters)
    .filter((symbol) => isPerpetualSymbol(symbol) && (named === null || symbolOf(world, named) === symbol))
    .map((symbol) => {
      const { markTicks } = world.exchange.perpetuals.fundingRate(symbol, world.now());
      return { instId: instId(symbol), instType: 'SWAP', markPx: world.scale(symbol).price(markTicks), ts: String(world.now()) };
    });
}

/** Indices have the names of pairs; here each is the price of that spot instrument. One is asked for by name, or all of a quote coin. */
export function indexTickers(world: World, parameters: Parameters): unknown[] {
  const [id, quote] = [parameters.get('instId'), parameters.get('quoteCcy')];
  if (id === null && quote === null) throw missing('instId');
  const symbols = id === null ? world.symbolsOf('spot').filter((symbol) => symbol.endsWith(`/${quote}`)) : [symbolOf(world, id)];
  return symbols.map((symbol) => {
    const price = world.scale(symbol).price(world.path(symbol).lastTicks);
    return { high24h: price, idxPx: price, instId: instId(symbol), low24h: price, open24h: price, sodUtc0: price, sodUtc8: price, ts: String(world.now()) };
  });
}
