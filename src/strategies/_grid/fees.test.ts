import { describe, expect, it } from 'vitest';
import { FIVE_LINES, fiveLines, GridRun } from '#test/support/grid-run.ts';

const withFee = { instrument: { makerFeeRate: '0.001', takerFeeRate: '0.001' } };

describe('fees', () => {
  it('sells what really arrived when the fee is taken in base, and carries the dust until it makes a lot', () => {
    const run = new GridRun({
      config: { ...FIVE_LINES, order_size: '0.9999', levels: 2, lower_price: '100', upper_price: '110' },
      price: '120',
      ...withFee,
      instrument: { ...withFee.instrument, sizeIncrement: '0.0001' },
    }).start();
    const sold: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      run.price('99');
      sold.push(run.book[0] ?? '');
      run.price('111');
    }
    // 0.9999 less 0.1 % is 0.9989001: every sale leaves one millionth, the tenth could not leave more.
    expect(new Set(sold)).toEqual(new Set(['sell 0.9989 @ 110']));
    expect(run.held).toBe('0.000001');
    expect(run.state.completedTrades).toBe(10);
  });

  it('lets the dust keep its cost, so that a small trade earns what the preview said', () => {
    const run = new GridRun({
      config: { ...FIVE_LINES, order_size: '0.01', levels: 2, lower_price: '1000', upper_price: '1005' },
      price: '1200',
      instrument: { makerFeeRate: '0.0004', takerFeeRate: '0.0004' },
    }).start();
    run.price('999').price('1006');
    // Of 10 lots 9.996 arrive and 9 are sold, at nine lots' share of the 10 paid, which is 9.0036.
    expect(run.setup.scale.quote(run.state.profitAtoms)).toBe('0.03778');
  });

  it('sells the dust once it makes a lot', () => {
    const run = new GridRun({
      config: { ...FIVE_LINES, order_size: '1', levels: 2, lower_price: '100', upper_price: '110' },
      price: '120',
      instrument: { makerFeeRate: '0.0004', takerFeeRate: '0.0004' },
    }).start();
    const sold: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      run.price('99');
      sold.push(run.book[0] ?? '');
      run.price('111');
    }
    // 0.9996 arrives each time, the lot is 0.001: 0.6 lots of dust a round.
    expect(sold).toEqual(['sell 0.999 @ 110', 'sell 1 @ 110', 'sell 0.999 @ 110', 'sell 1 @ 110', 'sell 1 @ 110']);
  });

  it.each(['quote', 'other'] as const)('sells all it bought when the fee is taken in %s', (feeAsset) => {
    const run = new GridRun({ config: FIVE_LINES, price: '100', feeAsset, ...withFee }).start().price('89');
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('101');
    // Bought at 90 and sold at 100 with 0.1 % of both.
    expect(run.setup.scale.quote(run.state.profitAtoms)).toBe('9.81');
  });

  it('believes the fill and not the settings when the venue took its fee elsewhere', () => {
    const run = fiveLines({}, withFee).price('95');
    const order = run.orderAt('buy', '90');
    run.matching.cancel(order.clientOrderId);
    run.matching.takeReports();
    run.tell({
      type: 'orderFilled',
      at: run.at,
      clientOrderId: order.clientOrderId,
      fill: { tradeId: 'x', side: 'buy', priceTicks: 9_000, sizeLots: 1_000, feeGrains: 0, feeAtoms: 0, otherFeeAtoms: 0, isMaker: true },
    });
    expect(run.book).toContain('sell 1 @ 100');
  });

  it('keeps profit in base: sells what pays for the next purchase and holds the rest', () => {
    const run = fiveLines({ profit_currency: 'base' }).price('89');
    // 90 are paid back by 0.9 at 100.
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 0.9 @ 100', 'sell 0.91 @ 110', 'sell 0.917 @ 120']);
    run.price('101');
    expect(run.state).toMatchObject({ keptGrains: 1_000_000, profitAtoms: 0, completedTrades: 1 });
    expect(run.book).toContain('buy 1 @ 90');
    expect(run.held).toBe('2.1');
  });
});
