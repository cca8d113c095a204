/** What alerts mean to the strategies there are. */
import { describe, expect, it } from 'vitest';
import { AppError } from '#core/errors.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { deedOf, type HookBot } from './hook-action.ts';

const wish = (action: string, params: Readonly<Record<string, unknown>> = {}) => ({ action, params, id: 'alert-1', writtenAt: 1_700_000_000_000 });
function botOf(strategy: string, config: Readonly<Record<string, unknown>> = {}, symbol = 'BTC/USDT'): HookBot {
  const found = STRATEGIES.find(({ name }) => name === strategy);
  if (found === undefined) throw new Error(`no strategy ${strategy}`);
  return { symbol, config, commands: Object.keys(found.commands ?? {}) };
}

describe('an alert', () => {
  it.each([
    ['dca', {}, 'buy', 'start_deal'],
    ['dca', {}, 'sell', 'close_deal'],
    ['dca', { direction: 'short' }, 'sell', 'start_deal'],
    ['dca', { direction: 'short' }, 'buy', 'close_deal'],
    ['dca', {}, 'close', 'close_deal'],
    ['dca', {}, 'cancel_deal', 'cancel_deal'],
    ['recurring_buy', {}, 'buy', 'buy_now'],
    ['smart_trade', {}, 'sell', 'close_position'],
    ['smart_trade', { direction: 'short' }, 'buy', 'close_position'],
    ['spot_futures_arbitrage', {}, 'close', 'close_pair'],
  ])('to %s %o of %s is its command %s', (strategy, config, action, name) => {
    expect(deedOf(wish(action), botOf(strategy, config))).toEqual({ kind: 'command', name, params: {} });
  });

  it('is a signal to a bot that follows signals, dated by when it was written, with what else it says', () => {
    const follower = botOf('signal_follower');
    const dated = { id: 'alert-1', issued_at: 1_700_000_000_000 };
    expect(deedOf(wish('buy', { stop: '59000' }), follower)).toEqual({ kind: 'command', name: 'signal', params: { ...dated, side: 'long', stop: '59000' } });
    expect(deedOf(wish('sell'), follower)).toEqual({ kind: 'command', name: 'close_signal', params: {} });
    expect(deedOf(wish('sell'), { ...follower, symbol: 'BTC/USDT:USDT' })).toEqual({ kind: 'command', name: 'signal', params: { ...dated, side: 'short' } });
  });

  it.each(['start', 'stop', 'pause'] as const)('may %s any bot', (action) => {
    expect(deedOf(wish(action), botOf('grid'))).toEqual({ kind: 'act', action });
  });

  it("goes by the strategy's own word before ours", () => {
    expect(deedOf(wish('buy', { size: '1' }), { symbol: 'BTC/USDT', config: {}, commands: ['buy', 'start_deal'] })).toEqual({
      kind: 'command',
      name: 'buy',
      params: { size: '1' },
    });
  });

  it.each([
    ['grid', 'buy', 'it takes start, stop, pause'],
    ['smart_trade', 'buy', 'it takes start, stop, pause, sell, close, close_position, cancel_entry, move_stop'],
    ['dca', 'panic', 'it takes start, stop, pause, buy, sell, close, start_deal, add_funds, close_deal, cancel_deal'],
  ])('to %s of %s is refused with what it takes', (strategy, action, detail) => {
    expect(() => deedOf(wish(action), botOf(strategy))).toThrow(AppError);
    expect(() => deedOf(wish(action), botOf(strategy))).toThrow(detail);
  });
});
