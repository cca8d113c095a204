import { describe, expect, it } from 'vitest';
import type { SimulatedExchange } from '../simulated-exchange.ts';
import { at, HOUR_MS, limit, market, opened, outcome, SYMBOL, usdt } from './perpetuals.fixture.ts';

const position = (exchange: SimulatedExchange, account = 'ann') => exchange.perpetuals.position(account, SYMBOL);

describe('a position at the simulated exchange', () => {
  it('binds its initial margin and pays its fee in the settle coin', () => {
    const exchange = opened();
    expect(outcome(exchange.place('ann', market('buy', '0.1'), 1))).toBe('filled');
    // 5000 USDT of value at ten times leverage; the taker pays 0.05 %.
    expect(usdt(exchange, 'ann')).toBe('9497.5 + 500');
    expect(position(exchange)).toMatchObject({ size: '0.1', entryPrice: '50000', markPrice: '50000', margin: '500', maintenanceMargin: '25', leverage: 10 });
    expect(exchange.fillsSince('ann', SYMBOL, 0)).toMatchObject([{ feeAsset: 'USDT', feeAmount: '2.5', isLiquidation: false }]);
  });

  it('pays profit into the wallet when a part of it is closed, at the average entry', () => {
    const exchange = opened();
    exchange.place('ann', market('buy', '0.1'), 1);
    at(exchange, '51000');
    exchange.place('ann', market('buy', '0.1'), 2);
    expect(position(exchange)).toMatchObject({ size: '0.2', entryPrice: '50500', unrealisedProfit: '100' });
    at(exchange, '52000');
    exchange.place('ann', market('sell', '0.05'), 3);
    // 75 of profit; fees of 2.5, 2.55 and 1.3.
    expect(position(exchange)).toMatchObject({ size: '0.15', entryPrice: '50500', margin: '757.5', unrealisedProfit: '225' });
    expect(usdt(exchange, 'ann')).toBe('9311.15 + 757.5');
  });

  it('is closed and turned by one order that crosses zero', () => {
    const exchange = opened();
    exchange.place('ann', market('sell', '0.1'), 1);
    expect(position(exchange)).toMatchObject({ size: '-0.1', entryPrice: '50000' });
    at(exchange, '49000');
    exchange.place('ann', market('buy', '0.3'), 2);
    expect(position(exchange)).toMatchObject({ size: '0.2', entryPrice: '49000', unrealisedProfit: '0' });
    // 100 of profit on the short; fees of 2.5 and 7.35.
    expect(usdt(exchange, 'ann')).toBe('9110.15 + 980');
  });

  it('tells an estimate of its liquidation price, which its own margin decides when isolated', () => {
    const exchange = opened({ marginMode: 'isolated' });
    exchange.place('ann', market('buy', '0.1'), 1);
    // Where 500 of margin and the loss leave 0.5 % of the value.
    expect(Number(position(exchange).liquidationPrice)).toBeCloseTo((5000 - 500) / (0.1 * 0.995), 1);
    exchange.place('ben', market('sell', '0.1'), 1);
    expect(Number(position(exchange, 'ben').liquidationPrice)).toBeCloseTo((5000 + 500) / (0.1 * 1.005), 1);
  });

  it('has no liquidation price while the wallet behind it covers a fall to nothing', () => {
    const exchange = opened();
    exchange.place('ann', market('buy', '0.1'), 1);
    expect(position(exchange).liquidationPrice).toBeNull();
  });
});

describe('margin', () => {
  it('is refused to an order that the wallet does not cover', () => {
    const exchange = opened();
    expect(outcome(exchange.place('ann', limit('buy', '50000', '2'), 1))).toBe('insufficientBalance');
    // 99,500 of value needs 9,950 and a fee of 49.75.
    expect(outcome(exchange.place('ann', limit('buy', '49000', '2'), 1))).toBe('open');
    expect(usdt(exchange, 'ann')).toBe('151 + 9849');
  });

  it('binds for the worse of both directions, as only one can come true', () => {
    const exchange = opened();
    exchange.place('ann', limit('buy', '49000', '0.1'), 1);
    expect(usdt(exchange, 'ann')).toBe('9507.55 + 492.45');
    exchange.place('ann', limit('sell', '52000', '0.1'), 1);
    expect(usdt(exchange, 'ann')).toBe('9477.4 + 522.6');
  });

  it('asks nothing more for orders that close what is held, up to its size', () => {
    const exchange = opened();
    exchange.place('ann', market('buy', '0.1'), 1);
    exchange.place('ann', limit('sell', '55000', '0.1'), 2);
    expect(usdt(exchange, 'ann')).toBe('9497.5 + 500');
    exchange.place('ann', limit('sell', '55000', '0.2'), 2);
    expect(usdt(exchange, 'ann')).toBe('8892 + 1105.5');
  });

  it('is free again when the order is cancelled', () => {
    const exchange = opened();
    const order = limit('buy', '49000', '0.1');
    exchange.place('ann', order, 1);
    exchange.cancel('ann', SYMBOL, { clientOrderId: order.clientOrderId }, 2);
    expect(usdt(exchange, 'ann')).toBe('10000 + 0');
  });

  it('follows the leverage, which cannot outgrow instrument or wallet', () => {
    const exchange = opened();
    exchange.place('ann', market('buy', '1'), 1);
    const set = (leverage: number) => exchange.perpetuals.setLeverage('ann', SYMBOL, leverage, 'cross', 2);
    expect(set(20)).toBeNull();
    expect(usdt(exchange, 'ann')).toBe('7475 + 2500');
    expect(set(101)).toBe('leverage');
    expect(set(0.5)).toBe('leverage');
    expect(set(5)).toBe('insufficientBalance');
    expect(position(exchange).leverage).toBe(20);
  });

  it('keeps its mode while a position or an order stands', () => {
    const exchange = opened();
    expect(exchange.perpetuals.setLeverage('ann', SYMBOL, 10, 'isolated', 1)).toBeNull();
    exchange.place('ann', limit('buy', '40000', '0.1'), 1);
    expect(exchange.perpetuals.setLeverage('ann', SYMBOL, 10, 'cross', 2)).toBe('marginModeInUse');
  });

  it('comes from a wallet of its own where the exchange keeps them apart', () => {
    const exchange = opened({ wallets: 'apart' });
    exchange.deposit('ann', 'USDT', '100', 1, 'spot');
    exchange.place('ann', market('buy', '0.1'), 1);
    expect([usdt(exchange, 'ann', 'spot'), usdt(exchange, 'ann', 'perpetual')]).toEqual(['100 + 0', '9497.5 + 500']);
    expect(outcome(exchange.place('ann', market('buy', '0.01', { symbol: 'BTC/USDT' }), 1))).toBe('expired');
    const wallets = exchange.takeEvents().flatMap((event) => (event.type === 'balances' ? [event.wallet] : []));
    expect(new Set(wallets)).toEqual(new Set(['spot', 'perpetual']));
  });
});

describe('a reduce-only order', () => {
  const reduceOnly = { reduceOnly: true };

  it('is refused where there is nothing to reduce; a spot instrument takes no notice', () => {
    const exchange = opened();
    expect(outcome(exchange.place('ann', market('sell', '0.1', reduceOnly), 1))).toBe('reduceOnly');
    exchange.place('ann', market('buy', '0.1'), 1);
    expect(outcome(exchange.place('ann', market('buy', '0.1', reduceOnly), 1))).toBe('reduceOnly');
    expect(outcome(exchange.place('ann', limit('buy', '50000', '0.01', { ...reduceOnly, symbol: 'BTC/USDT' }), 1))).toBe('open');
  });

  it('is refused or shrunk, as the exchange is set, when it is more than what others leave to be reduced', () => {
    for (const [reduceOnlyExcess, expected] of [
      ['refused', 'reduceOnly'],
      ['shrunk', 'open'],
    ] as const) {
      const exchange = opened({ reduceOnlyExcess });
      exchange.place('ann', market('buy', '0.1'), 1);
      expect(outcome(exchange.place('ann', limit('sell', '55000', '0.06', reduceOnly), 2))).toBe('open');
      const second = exchange.place('ann', limit('sell', '56000', '0.06', reduceOnly), 2);
      expect(outcome(second)).toBe(expected);
      if (second.ok) expect(second.order.request.sizeLots).toBe(40);
    }
  });

  it('expires once its position is flat', () => {
    const exchange = opened();
    exchange.place('ann', market('buy', '0.1'), 1);
    const order = limit('sell', '55000', '0.1', reduceOnly);
    exchange.place('ann', order, 2);
    exchange.place('ann', market('sell', '0.1'), 3);
    expect(exchange.find('ann', SYMBOL, order)?.status).toBe('expired');
    expect(usdt(exchange, 'ann')).toBe('9995 + 0');
  });

  it('never turns a position that others have closed within the same move', () => {
    const exchange = opened();
    exchange.place('ann', market('buy', '0.1'), 1);
    exchange.place('ann', limit('sell', '50500', '0.1'), 2);
    const reducing = limit('sell', '51000', '0.1', reduceOnly);
    exchange.place('ann', reducing, 2);
    at(exchange, '52000', 3);
    expect(position(exchange).size).toBe('0');
    expect(exchange.find('ann', SYMBOL, reducing)?.status).toBe('expired');
    // And so when one order of another account takes both.
    exchange.place('ann', market('sell', '0.1'), 4);
    const bid = limit('buy', '51900', '0.1', reduceOnly);
    exchange.place('ann', bid, 5);
    exchange.place('ann', limit('buy', '51950', '0.1'), 5);
    at(exchange, '52000', 6, 0);
    exchange.place('ben', limit('sell', '51900', '0.2'), 7);
    expect(position(exchange).size).toBe('0');
    expect(exchange.find('ann', SYMBOL, bid)?.status).toBe('expired');
    expect(position(exchange, 'ben').size).toBe('-0.1');
  });

  it('may be smaller than the least value, so that remnants can be closed', () => {
    const exchange = opened();
    exchange.place('ann', market('buy', '0.101'), 1);
    at(exchange, '100', 2);
    expect(outcome(exchange.place('ann', market('sell', '0.001'), 2))).toBe('minNotional');
    expect(outcome(exchange.place('ann', market('sell', '0.001', reduceOnly), 2))).toBe('filled');
  });
});

describe('funding', () => {
  it('goes from longs to shorts at every settlement time, once', () => {
    const exchange = opened();
    exchange.place('ann', market('buy', '0.1'), 1);
    exchange.place('ben', market('sell', '0.2'), 1);
    exchange.perpetuals.setFundingRate(SYMBOL, '0.0001');
    expect(exchange.perpetuals.fundingRate(SYMBOL, 1)).toEqual({ rate: '0.0001', nextAt: 8 * HOUR_MS, markTicks: 500_000 });
    exchange.takeEvents();
    at(exchange, '50000', 8 * HOUR_MS - 1);
    expect(exchange.takeEvents().filter(({ type }) => type === 'funding')).toEqual([]);
    at(exchange, '50000', 8 * HOUR_MS);
    at(exchange, '50000', 8 * HOUR_MS + 5);
    const told = exchange.takeEvents().flatMap((event) => (event.type === 'funding' ? [event.funding] : []));
    expect(told.map(({ account, amount, at: paidAt }) => [account, amount, paidAt])).toEqual([
      ['ann', '-0.5', 8 * HOUR_MS],
      ['ben', '1', 8 * HOUR_MS],
    ]);
    expect(exchange.perpetuals.fundingSince('ben', SYMBOL, 8 * HOUR_MS)).toMatchObject([{ amount: '1', rate: '0.0001', lots: -200, asset: 'USDT' }]);
    expect(exchange.perpetuals.fundingSince('ben', SYMBOL, 8 * HOUR_MS + 1)).toEqual([]);
    expect(usdt(exchange, 'ann')).toBe('9497 + 500');
    at(exchange, '50000', 16 * HOUR_MS);
    expect(exchange.perpetuals.fundingSince('ben', SYMBOL, 0).map(({ paymentId }) => paymentId)).toHaveLength(2);
  });
});

describe('liquidation', () => {
  it('closes an isolated position that has lost its margin, and takes no more than that', () => {
    const exchange = opened({ marginMode: 'isolated' });
    exchange.place('ann', market('buy', '0.1'), 1);
    const resting = limit('buy', '40000', '0.1');
    exchange.place('ann', resting, 1);
    at(exchange, '45300', 2);
    expect(position(exchange).size).toBe('0.1');
    exchange.takeEvents();
    // A gap far below the price at which the margin is gone.
    at(exchange, '44000', 3);
    expect(position(exchange).size).toBe('0');
    expect(exchange.find('ann', SYMBOL, resting)?.status).toBe('cancelled');
    expect(usdt(exchange, 'ann')).toBe('9497.5 + 0');
    const fills = exchange.takeEvents().flatMap((event) => (event.type === 'fill' ? [event] : []));
    expect(fills).toMatchObject([{ fill: { side: 'sell', isLiquidation: true }, order: { isLiquidation: true, status: 'filled' } }]);
    // 600 were lost and 2.2 is the fee; 500 the account had.
    expect(exchange.counterparts().insurance.get('USDT')).toBe('-102.2');
  });

  it('lets a cross position draw on the whole wallet first', () => {
    const exchange = opened();
    exchange.place('ann', market('buy', '1'), 1);
    at(exchange, '41000', 2);
    expect(position(exchange).size).toBe('1');
    at(exchange, '40100', 3);
    expect(position(exchange).size).toBe('0');
    expect(usdt(exchange, 'ann')).toBe('54.95 + 0');
    expect(exchange.counterparts().insurance.get('USDT')).toBeUndefined();
  });

  it('goes on at the next price with what the market did not take', () => {
    const exchange = opened();
    exchange.place('ann', market('buy', '1'), 1);
    at(exchange, '40100', 2, 300);
    expect(position(exchange).size).toBe('0.7');
    at(exchange, '40000', 3);
    expect(position(exchange).size).toBe('0');
  });
});

it('brings back a position and its margin after a restart', () => {
  const exchange = opened();
  exchange.perpetuals.restore('ann', SYMBOL, { lots: -100, entryTicks: 500_000 }, 1);
  expect(position(exchange)).toMatchObject({ size: '-0.1', entryPrice: '50000', margin: '500' });
  expect(usdt(exchange, 'ann')).toBe('9500 + 500');
});
