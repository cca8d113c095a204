import { describe, expect, it } from 'vitest';
import type { Strategy } from '#core/strategy.ts';
import { StrategyRun, type StrategyRunOptions } from '#test/support/strategy-run.ts';
import { rebalance } from './rebalance.ts';

const FREE = { makerFeeRate: '0', takerFeeRate: '0' };

function begun(config: Readonly<Record<string, unknown>> = {}, more: Partial<StrategyRunOptions> = {}): StrategyRun {
  return new StrategyRun(rebalance as unknown as Strategy, { config: { investment: '1000', ...config }, price: '100', instrument: FREE, ...more }).start();
}

/** Share of the coin at a price, in per cent. */
function share(run: StrategyRun, price: number): number {
  const coin = (run.heldLots / 1_000) * price;
  const quote = 1_000 + Number(run.setup.scale.quote(run.engine.state.position.quoteAtoms));
  return (100 * coin) / (coin + quote);
}

describe('rebalancing', () => {
  it('buys the share at start', () => {
    const run = begun();
    expect(run.held).toBe('4.975');
    expect(share(run, 100)).toBeCloseTo(50, 0);
  });

  it('sells when the coin has risen out of its band, and buys when it has fallen out', () => {
    const run = begun({ band_percent: '5' }).price('123.4');
    expect(run.held).toBe('4.975');
    // 502.5 and 4.975 at 123.45 make 55 per cent.
    run.price('123.5');
    expect(share(run, 123.5)).toBeCloseTo(50, 0);
    const held = Number(run.held);
    run.price('101.5');
    expect(Number(run.held)).toBe(held);
    run.price('100.5');
    expect(Number(run.held)).toBeGreaterThan(held);
    expect(share(run, 100.5)).toBeCloseTo(50, 0);
  });

  it('counts coin of the account as part of it', () => {
    const run = begun({ base_investment: '10' });
    // 1000 and 10 at 100: nothing to do.
    expect(run.held).toBe('10');
    expect(Number(run.price('130').held)).toBeCloseTo(8.85, 1);
  });

  it('looks at its scheduled times only where it should', () => {
    const run = begun({ when: 'schedule', schedule_every: 'hour', schedule_at: '00:00' }).price('200');
    expect(run.held).toBe('4.975');
    run.pass(3_600_000);
    expect(share(run, 200)).toBeCloseTo(50, 0);
  });

  it('restores the share by command, and goes on over pause and restart', () => {
    const run = begun().price('110').command('rebalance_now');
    expect(share(run, 110)).toBeCloseTo(50, 0);
    run.pause().price('200').resume();
    expect(share(run, 200)).toBeCloseTo(50, 0);
    run.restart().price('100');
    expect(share(run, 100)).toBeCloseTo(50, 0);
  });

  it('completes what was filled in part', () => {
    const run = new StrategyRun(rebalance as unknown as Strategy, { config: { investment: '1000' }, price: '100', instrument: FREE });
    run.matching.liquidityLots = 1_000;
    run.start();
    expect(run.held).toBe('1');
    run.matching.liquidityLots = Number.POSITIVE_INFINITY;
    expect(run.pass(1_000).held).toBe('4.975');
  });

  it('is refused where its moves are too small for the venue', () => {
    expect(() => begun({ investment: '50' })).toThrow('would move 2.5 USDT at a time, less than the venue takes');
  });
});
