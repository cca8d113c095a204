/** Changing how deals end while the bot runs. */
import { describe, expect, it } from 'vitest';
import { replay } from '#app/run/tape.ts';
import { type DcaRun, twoSteps } from '#test/support/dca-run.ts';

const change = (run: DcaRun, params: Readonly<Record<string, unknown>>) => run.command('change_dca', params);
const refusalOf = (run: DcaRun, params: Readonly<Record<string, unknown>>) => change(run, params).notes.at(-1)?.text ?? '';
const sells = (run: DcaRun) => run.book.filter((order) => order.startsWith('sell'));

describe('the deal under way', () => {
  it('sells at the new take profit, with the one order it has, and leaves its safety orders alone', () => {
    const run = twoSteps();
    const safety = run.orders.filter(({ side }) => side === 'buy').map(({ clientOrderId }) => clientOrderId);
    expect(sells(run)).toEqual(['sell 1 @ 110']);
    expect(sells(change(run, { take_profit_percent: '5' }))).toEqual(['sell 1 @ 105']);
    expect(run.orders.filter(({ side }) => side === 'buy').map(({ clientOrderId }) => clientOrderId)).toEqual(safety);
    expect([run.kept, run.notes.at(-1)?.text]).toEqual([{ take_profit_percent: '5' }, 'Changed: take_profit_percent 5.']);
    run.price('105');
    expect(run.state.dealsWon).toBe(1);
    expect(replay(run.setup, run.tape)).toBeNull();
  });

  it('ends at the new stop, and at none when it was taken away with all that belongs to it', () => {
    expect(change(twoSteps(), { stop_loss_percent: '30' }).price('70').state.dealsLost).toBe(1);
    const without = change(twoSteps({ stop_loss_percent: '30', stop_loss_trailing: true }), { stop_loss_percent: '0' }).price('60');
    expect([without.state.dealsLost, without.kept]).toEqual([0, { stop_loss_percent: null, stop_loss_trailing: false, stop_loss_wait_seconds: null }]);
  });

  it('has a trailing stop follow at the new distance, from the best price so far', () => {
    const run = twoSteps({ safety_orders: 0, stop_loss_percent: '10', stop_loss_trailing: true, take_profit_percent: '50' }).price('120');
    // It stands at 108; twice as far away it stands at 96.
    change(run, { stop_loss_percent: '20' }).price('97');
    expect(run.state.dealsLost + run.state.dealsWon).toBe(0);
    expect(run.price('96').state.dealsLost).toBe(1);
  });

  it('follows the best price, or no longer does', () => {
    const run = change(twoSteps(), { trailing_take_profit_percent: '5' });
    expect(sells(run)).toEqual([]);
    expect(sells(change(run.price('111'), { trailing_take_profit_percent: '0', take_profit_percent: '20' }))).toEqual(['sell 1 @ 120']);
  });

  it('ends by its new longest time, counted from its beginning', () => {
    const run = change(twoSteps().pass(1_800_000), { max_deal_hours: 1 });
    expect(run.pass(1_799_000).state.dealsBegun).toBe(1);
    expect(run.pass(2_000).state.dealsBegun).toBe(2);
  });

  it('goes on with the change after a restart, and so does the next', () => {
    const run = change(twoSteps(), { take_profit_percent: '5' }).restart().price('105');
    expect(sells(run)).toEqual([`sell ${run.held} @ 110.25`]);
  });
});

describe('a change', () => {
  it('of start prices is looked at once', () => {
    const run = twoSteps({ max_price: '90' });
    expect(run.state.deal).toBeNull();
    expect(change(run, { max_price: '0' }).state.deal).not.toBeNull();
  });

  it('is refused where it cannot work, naming setting and remedy', () => {
    expect(refusalOf(twoSteps(), {})).toContain('take_profit_percent or another setting must be given');
    expect(refusalOf(twoSteps(), { stop_loss_percent: '5' })).toContain('stop_loss_percent the stop at 95 stands above safety order 1 at 90');
    expect(refusalOf(twoSteps({ safety_orders: 0 }).price('92'), { stop_loss_percent: '5' })).toContain(
      'stop_loss_percent would end the deal at once: the stop would stand at 95, the price is 92; use close_deal for that',
    );
    const stepped = twoSteps({ take_profit_percent: null, take_profits: [{ percent: '10', share_percent: '100' }] });
    expect(refusalOf(stepped, { take_profit_percent: '5' })).toContain('take_profits cannot be given together with take_profit_percent');
    expect(stepped.kept).toEqual({});
  });
});
