/** Changing grids that are not bounded, long and on spot: what stays, what is traded in between, and what the bot keeps. */
import { describe, expect, it } from 'vitest';
import { replay } from '#app/run/tape.ts';
import { fiveLines, GridRun, TEST_PERPETUAL } from '#test/support/grid-run.ts';

const FREE = { makerFeeRate: '0', takerFeeRate: '0' };
const perpetual = (config: Readonly<Record<string, unknown>>, order_size = '1') =>
  fiveLines({ leverage: 2, order_size, ...config }, { instrument: { ...TEST_PERPETUAL, ...FREE } });
const change = (run: GridRun, params: Readonly<Record<string, unknown>>) => run.command('change_grid', params);
const text = (run: GridRun) => run.notes.at(-1)?.text;
const WIDER = { lower_price: '70', upper_price: '130', levels: 7, order_size: '0.6' };
const WIDE_BOOK = ['buy 0.6 @ 70', 'buy 0.6 @ 80', 'buy 0.6 @ 90', 'sell 0.6 @ 110', 'sell 0.6 @ 120', 'sell 0.6 @ 130'];

describe('on a perpetual', () => {
  it.each([
    ['long', '1.8'],
    ['short', '-1.8'],
    ['neutral', '0'],
  ])('a %s grid stands wider with smaller orders, and holds what these need', (direction, held) => {
    const run = change(perpetual({ direction }), WIDER);
    expect([run.held, run.book]).toEqual([held, WIDE_BOOK]);
    expect(replay(run.setup, run.tape)).toBeNull();
  });

  it.each([
    ['long', 'sell'],
    ['short', 'buy'],
  ])('what a %s grid holds too much is closed with an order that may only reduce', (direction, side) => {
    const run = perpetual({ direction });
    const before = Math.abs(Number(run.held));
    const last = run.tape.length;
    change(run, { order_size: '0.5' });
    const orders = run.tape.slice(last).flatMap(({ commands }) => commands.flatMap((command) => (command.type === 'submitOrder' ? [command.order] : [])));
    expect(orders.find(({ tag }) => tag === 'opening')).toMatchObject({ side, reduceOnly: true, sizeLots: 1_000 });
    expect(Math.abs(Number(run.held))).toBe(before / 2);
  });

  it('cells of a neutral grid that stay are long or short as they were, others close what they hold', () => {
    const run = perpetual({ direction: 'neutral', order_size: null, investment: '900' });
    change(run, { order_size: '3' }).price('111');
    // The cell from 100 to 110 has gone short.
    expect(run.held).toBe('-3');
    const short = run.orderAt('buy', '100').clientOrderId;
    change(run, { upper_price: '130', levels: 6 });
    expect([run.held, text(run)]).toEqual(['-3', 'The grid was changed: it reaches from 80 to 130 with 6 lines.']);
    expect(run.orderAt('buy', '100').clientOrderId).toBe(short);
    change(run, { lower_price: '85', upper_price: '125', levels: 5 });
    expect([run.held, run.finished]).toEqual(['0', null]);
    expect(run.cells.map(({ isShort }) => isShort)).toEqual([false, false, true, true].map((_, index) => index > 2));
  });

  it('is refused with the largest size that the margin suffices for', () => {
    const run = change(perpetual({ direction: 'short', leverage: 1 }), { order_size: '5' });
    expect(text(run)).toMatch(/order_size is more than the money of the bot suffices for with these lines; at most 1\.\d+ ABC/);
    expect(run.kept).toEqual({});
  });

  it('is refused where the exchange would close the position first', () => {
    const run = perpetual({ direction: 'long', leverage: 4, order_size: '0.3', margin_mode: 'isolated' });
    expect(text(change(run, { lower_price: '50', upper_price: '120', levels: 8 }))).toContain('leverage 4: the exchange would close the long position');
  });
});

describe('an infinite grid', () => {
  const begun = (config: Readonly<Record<string, unknown>> = {}) =>
    new GridRun({
      config: { range: 'infinite', lower_price: '64', step_percent: '25', order_size: '1000', ...config },
      price: '100',
      instrument: FREE,
    }).start();

  it('takes another step, buys or sells the coin for it, and holds the value of the new size over the new step', () => {
    const run = change(begun(), { step_percent: '50' });
    // Lines at 64, 96, 144, …; of the value of 5000 that was held 3000 are needed: 1000 over and over, half as much more each time.
    expect(run.cells.slice(0, 3).map(({ buyTicks }) => buyTicks)).toEqual([6_400, 9_600, 14_400]);
    expect(Number(run.held) * 96).toBeCloseTo(3_000, -1);
    expect(run.kept).toMatchObject({ step_percent: '50', lower_price: '64', upper_price: null, levels: null, order_size: '1000' });
    expect(replay(run.setup, run.tape)).toBeNull();
  });

  it('goes down further, with what it has free, around the lines that stay, and on upwards as before', () => {
    const run = begun({ reserve: '0', order_size: null, investment: '9000' });
    const ids = run.orders.map(({ clientOrderId }) => clientOrderId);
    const size = run.state.size;
    change(run, { lower_price: '51.2' });
    expect(run.state.size).toBeLessThanOrEqual(size);
    expect(run.cells.slice(0, 3).map(({ buyTicks }) => buyTicks)).toEqual([5_120, 6_400, 8_000]);
    expect(ids.length).toBeGreaterThan(0);
    const top = run.cells.at(-1)?.line ?? 0;
    run.price('1000');
    expect(run.cells.at(-1)?.line).toBeGreaterThan(top);
    expect(run.cells.every(({ buyTicks }, index) => index === 0 || buyTicks === run.cells[index - 1]?.sellTicks)).toBe(true);
  });

  it('withdraws the orders of lines that have no place any more when the price has fallen meanwhile', () => {
    const run = change(begun(), { order_size: '500' });
    const top = run.cells.at(-1);
    run.isHolding = true;
    // The lowest line goes, its order is to be withdrawn; all others stay.
    expect(change(run, { lower_price: '80' }).state.change?.freed).toEqual([0]);
    run.price('82').flush();
    run.isHolding = false;
    run.flush().pass(600_000);
    expect(run.state.change).toBeNull();
    expect(run.cells.at(-1)?.line).toBeLessThan(top?.line ?? 0);
    const sold = new Set(run.cells.map(({ sellTicks }) => sellTicks));
    expect(run.orders.filter(({ side, priceTicks }) => side === 'sell' && !sold.has(priceTicks))).toEqual([]);
    run.price('400').pass(600_000);
    expect(replay(run.setup, run.tape)).toBeNull();
  });

  it('keeps what is too little for a sale at the price that it may be sold at', () => {
    // 0.05 ABC are worth 5 USDT at the market, and less half a per cent below it, where their sale would be priced.
    const run = new GridRun({
      config: { range: 'infinite', lower_price: '85', step_percent: '2', investment: '5000' },
      price: '100',
      instrument: FREE,
    }).start();
    change(run, { order_size: '10', lower_price: '95', step_percent: '1' });
    change(run, { lower_price: '61' });
    expect([run.state.opening, text(run)]).toEqual([null, 'The grid was changed: it reaches from 61 to 133.88 with 80 lines.']);
  });

  it('is refused a range with an end', () => {
    expect(text(change(begun(), { upper_price: '200', levels: 5 }))).toContain('upper_price cannot be given with range infinite');
  });
});

describe('a reverse grid', () => {
  const begun = () => fiveLines({ direction: 'reverse', base_investment: '5' });

  it('sells only what its money does not do for, and buys with what it has', () => {
    const run = begun();
    // What the two cells below the price buy back was sold at the start; those above sell just enough to buy again.
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 0.91 @ 110', 'sell 0.917 @ 120']);
    const { held } = change(run, { order_size: '0.5' });
    // Half of the 170 for the purchases is free now: it does for the 65 of the next two.
    change(run, { lower_price: '60', levels: 7 });
    expect([run.held, run.book.filter((each) => each.startsWith('buy'))]).toEqual([held, ['buy 0.5 @ 60', 'buy 0.5 @ 70', 'buy 0.5 @ 80', 'buy 0.5 @ 90']]);
    // Of the 25 for another 5 are missing, at a price that a thin book may lower by half a per cent.
    change(run, { lower_price: '50', levels: 8 });
    expect(run.book.filter((each) => each.startsWith('buy'))).toHaveLength(5);
    expect(Number(held) - Number(run.held)).toBeCloseTo(0.05, 2);
    expect(replay(run.setup, run.tape)).toBeNull();
  });

  it('is kept with the coin that it needs', () => {
    const run = change(begun(), { order_size: '0.8' });
    expect(run.kept).toMatchObject({ order_size: '0.8', base_investment: '5', investment: null });
  });
});

describe('a grid that has followed the price', () => {
  it('keeps where it stands and the stop that came along, without the limit that it has come to', () => {
    const run = fiveLines({ order_size: null, investment: '2000', trailing_up_limit: '140', stop_lower_price: '75' }).price('141');
    expect(run.cells.at(-1)?.sellTicks).toBe(14_000);
    change(run, { take_profit_percent: '50' });
    expect(run.kept).toMatchObject({
      lower_price: '100',
      upper_price: '140',
      levels: 5,
      stop_lower_price: '95',
      trailing_up_limit: null,
      take_profit_percent: '50',
      investment: '2000',
    });
    expect(run.kept).not.toHaveProperty('direction');
    // It goes on as it was: what is kept is for later runs.
    expect(run.price('99').cells.at(-1)?.sellTicks).toBe(14_000);
  });

  it('may be changed though it stands where it could not begin, with the limit it still has', () => {
    const run = fiveLines({ order_size: null, investment: '2000', trailing_up_limit: '160' }).price('131');
    change(run, { levels: 9 });
    expect([text(run), run.kept['trailing_up_limit']]).toEqual(['The grid was changed: it reaches from 90 to 130 with 9 lines.', '160']);
  });

  it('keeps a start price unless the bot would stop at it', () => {
    const begun = () => fiveLines({ start_price: '100' });
    expect(change(begun(), { stop_lower_price: '75' }).kept['start_price']).toBe('100');
    const higher = fiveLines({ start_price: '100', order_size: null, investment: '2000', trailing_up_limit: '160' }).price('151');
    expect(change(higher, { stop_lower_price: '105' }).kept).toMatchObject({ start_price: null, stop_lower_price: '105' });
  });
});
