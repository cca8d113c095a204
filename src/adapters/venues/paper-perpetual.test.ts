/** Perpetuals at the paper venue, on the demonstration market: positions, leverage, funding over hours, liquidation, and coming back. */
import { afterEach, expect, it } from 'vitest';
import type { AccountBooks, OutboundOrder, TradingSession, Venue, VenueFill } from '#core/venue-ports.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { LATENCY_MS } from './_paper-session.ts';
import { paper } from './paper.ts';

const SYMBOL = 'BTC/USDT:USDT';
const START = 1_800_000_000_000;
const EMPTY: AccountBooks = { restingOrders: async () => [], netFlows: async () => [], positions: async () => [] };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

let opened = 0;

function open(clock: ManualClock, books: AccountBooks = EMPTY): Venue {
  opened += 1;
  const ids = { next: () => `p${opened}`, secret: () => 'secret' };
  const venue = paper.open({ clock, ids, log: quietLog(), url: 'demo', urls: {}, books });
  closing.push(() => venue.close());
  return venue;
}

/** A session whose calls are answered by moving the standing clock on. */
function rig(books: AccountBooks = EMPTY) {
  const clock = new ManualClock(START);
  const venue = open(clock, books);
  const session = venue.session({ accountId: 'a', credentials: null });
  const answered = async <T>(call: Promise<T>): Promise<T> => {
    let isDone = false;
    const noted = call.finally(() => (isDone = true));
    noted.catch(() => undefined);
    for (let turn = 0; turn < 200 && !isDone; turn += 1) await clock.advance(LATENCY_MS);
    return noted;
  };
  let count = 0;
  const trade = (side: 'buy' | 'sell', size: string, change: Partial<OutboundOrder> = {}) => {
    count += 1;
    const bare = { type: 'market', price: null, triggerPrice: null, timeInForce: 'ioc', postOnly: false, reduceOnly: false } as const;
    const order = { clientOrderId: `c${count}`, symbol: SYMBOL, side, size, ...bare, ...change };
    return answered(session.place(order, { timestampMs: clock.now(), windowMs: 5000 }));
  };
  const perpetual = perpetualOf(session);
  const position = async () => (await answered(perpetual.positions()))[0];
  const usdt = async () => (await answered(session.balances('perpetual'))).find(({ asset }) => asset === 'USDT');
  return { clock, venue, session, perpetual, answered, trade, position, usdt };
}

function perpetualOf(session: TradingSession): NonNullable<TradingSession['perpetual']> {
  if (session.perpetual === undefined) throw new Error('the paper venue trades perpetuals');
  return session.perpetual;
}

it('lists perpetuals with their terms and rates, and says that it trades them', async () => {
  const { venue } = rig();
  expect(venue.capabilities.markets).toEqual(['spot', 'perpetual']);
  const instrument = (await venue.market.instruments()).get(SYMBOL);
  expect(instrument).toMatchObject({ kind: 'perpetual', settle: 'USDT', takerFeeRate: '0.0005', perpetual: { maxLeverage: 50 } });
  const rate = await venue.market.perpetual?.fundingRate(SYMBOL);
  expect(rate).toMatchObject({ symbol: SYMBOL, intervalMs: 28_800_000, nextAt: START + 28_800_000 });
  expect(Math.abs(Number(rate?.rate))).toBeLessThan(0.001);
  await expect(venue.market.perpetual?.fundingRate('BTC/USDT')).rejects.toMatchObject({ code: 'symbol_unknown' });
});

it('holds a position at the leverage that was set, short or long, and lets reduce-only orders do no more', async () => {
  const { perpetual, answered, trade, position } = rig();
  await answered(perpetual.setLeverage(SYMBOL, 5, 'isolated'));
  expect(await trade('sell', '0.5')).toMatchObject({ outcome: 'accepted' });
  expect(await position()).toMatchObject({ symbol: SYMBOL, size: '-0.5', leverage: 5, marginMode: 'isolated' });
  expect(await trade('buy', '0.6', { reduceOnly: true })).toMatchObject({ outcome: 'rejected', code: 'reduce_only' });
  expect(await trade('buy', '0.2', { reduceOnly: true })).toMatchObject({ outcome: 'accepted' });
  expect((await position())?.size).toBe('-0.3');
  await answered(perpetual.setLeverage(SYMBOL, 5, 'isolated'));
  await expect(answered(perpetual.setLeverage(SYMBOL, 5, 'cross'))).rejects.toMatchObject({ code: 'validation_failed' });
  await expect(answered(perpetual.setLeverage(SYMBOL, 51, 'isolated'))).rejects.toMatchObject({ code: 'validation_failed' });
  await expect(answered(perpetual.setLeverage('BTC/USDT', 5, 'isolated'))).rejects.toMatchObject({ code: 'symbol_unknown' });
  expect(await trade('buy', '0.3', { reduceOnly: true })).toMatchObject({ outcome: 'accepted' });
  expect(await position()).toBeUndefined();
});

it('settles funding at the rate of the market, every eight hours', async () => {
  const { clock, venue, perpetual, answered, trade } = rig();
  await trade('buy', '0.5');
  const nextAt = (await venue.market.perpetual?.fundingRate(SYMBOL))?.nextAt ?? 0;
  await clock.advance(nextAt - clock.now() - 60_000);
  const before = await venue.market.perpetual?.fundingRate(SYMBOL);
  expect(await answered(perpetual.fundingSince(SYMBOL, START))).toEqual([]);
  await clock.advance(120_000);
  const [payment, ...more] = await answered(perpetual.fundingSince(SYMBOL, START));
  expect(more).toEqual([]);
  expect(payment).toMatchObject({ symbol: SYMBOL, asset: 'USDT', rate: before?.rate, at: nextAt });
  const expected = -0.5 * Number(before?.markPrice) * Number(before?.rate);
  expect(Math.abs(Number(payment?.amount) / expected - 1)).toBeLessThan(0.02);
  expect(await answered(perpetual.fundingSince(SYMBOL, nextAt + 1))).toEqual([]);
}, 60_000);

it('liquidates what has run out of margin, and marks the executions as its own', async () => {
  const { clock, session, perpetual, answered, trade, position } = rig();
  const fills: VenueFill[] = [];
  await session.listen({ onOrder: () => undefined, onFill: (fill) => void fills.push(fill), onStream: () => undefined });
  await answered(perpetual.setLeverage(SYMBOL, 50, 'isolated'));
  // The demonstration market swings by more than the margin of 2 % within hours, in one direction or the other.
  for (let hour = 0; hour < 48 && !fills.some((fill) => fill.isLiquidation === true); hour += 1) {
    if ((await position()) === undefined) await trade(hour % 2 === 0 ? 'buy' : 'sell', '0.1');
    await clock.advance(3_600_000);
  }
  const struck = fills.find((fill) => fill.isLiquidation === true);
  expect(struck).toMatchObject({ symbol: SYMBOL, size: '0.1', isMaker: false });
  expect(struck?.clientOrderId).toMatch(/^liquidation-/);
}, 60_000);

it('comes back with its position, leverage and money', async () => {
  const held = { symbol: SYMBOL, owner: 'bot:1', size: '-0.5', entryValue: '-32000', leverage: 10, marginMode: 'isolated' } as const;
  const { perpetual, answered, position, trade, usdt } = rig({
    ...EMPTY,
    netFlows: async () => [{ asset: 'USDT', amount: '-40' }],
    positions: async () => [held],
  });
  expect(await usdt()).toEqual({ asset: 'USDT', free: '96760', locked: '3200' });
  expect(await position()).toMatchObject({ size: '-0.5', entryPrice: '64000', leverage: 10, marginMode: 'isolated' });
  await answered(perpetual.setLeverage(SYMBOL, 10, 'isolated'));
  expect(await trade('buy', '0.5', { reduceOnly: true })).toMatchObject({ outcome: 'accepted' });
  expect(await position()).toBeUndefined();
});
