/** When the engine tells a signal, what it says while it lasts, and why it ends. */
import { describe, expect, it } from 'vitest';
import type { Scanner } from './scanner.ts';
import type { SignalExit } from './signal.ts';
import { aListing, EngineRig, NOW } from './signal-engine.fixture.ts';

/** Any two listings of a coin, both ways round. */
function scannerOf(exit: SignalExit, rules: Partial<Scanner['rules']> = {}): Scanner {
  const words = { en: 'test', ru: 'тест' };
  return {
    ...{ name: 'test', title: words, summary: words, strategy: 'spot_futures' },
    rules: { sizeQuote: 100, openAt: 0.01, closeAt: 0.004, holdMs: 2_000, horizonHours: 8, ...rules },
    pairs: ([one, other]) => (one === undefined || other === undefined ? [] : [[one, other]]),
    plan: () => ({ exit, warnings: [], costShare: 0 }),
  };
}

const spot = aListing('mexc', 'spot');
const futures = aListing('mexc', 'futures');

function rigOf(rules: Partial<Scanner['rules']> = {}): EngineRig {
  const rig = new EngineRig(scannerOf('convergence', rules), [spot, futures]);
  rig.fund(futures);
  rig.set(spot, 1, 1);
  return rig;
}

describe('a signal opens', () => {
  it('when its net has been enough for the time that the scanner says, and not before', () => {
    const rig = rigOf();
    rig.set(futures, 1.02, 1.02);
    rig.pass(1_999);
    expect(rig.news).toEqual([]);
    rig.pass(1);
    expect(rig.changes).toEqual(['opened']);
    expect(rig.last).toMatchObject({
      id: 's1',
      version: 1,
      direction: 'forward',
      netPercent: '2',
      entryPercent: '2',
      exitPercent: '-2',
      openedAt: NOW + 2_000,
    });
  });

  it('in neither direction for a flicker', () => {
    const rig = rigOf();
    rig.set(futures, 1.02, 1.02);
    rig.pass(1_000);
    rig.set(futures, 1, 1);
    rig.pass(100);
    rig.set(futures, 1.02, 1.02);
    rig.pass(1_500);
    expect(rig.news).toEqual([]);
  });

  it('the other way round with the legs the other way round', () => {
    const rig = rigOf({ holdMs: 0 });
    rig.set(futures, 0.98, 0.98);
    expect(rig.last.direction).toBe('reverse');
    expect(rig.last.legs.map(({ market, side }) => `${side} ${market}`)).toEqual(['buy futures', 'sell spot']);
  });

  it('never on best prices alone whose sizes are not known: it asks for books, both of them', () => {
    const rig = new EngineRig(scannerOf('convergence', { holdMs: 0 }), [spot, futures]);
    rig.top(spot, 1, 1);
    rig.top(futures, 1.02, 1.02);
    expect(rig.news).toEqual([]);
    expect(rig.engine.takeDepthWishes(5).map(({ market }) => market)).toEqual(['spot', 'futures']);
    expect(rig.engine.takeDepthWishes(5)).toEqual([]);
  });

  it('on best prices whose sizes are enough', () => {
    const rig = new EngineRig(scannerOf('convergence', { holdMs: 0 }), [spot, futures]);
    rig.top(spot, 1, 1, 150);
    rig.top(futures, 1.02, 1.02, 150);
    expect(rig.last).toMatchObject({ netPercent: '2', maxSizeQuote: '149.99', isMaxSizeBound: true });
    expect(rig.last.legs[0].depthAgeMs).toBeNull();
  });

  it('not where the books leave too little at the size', () => {
    const rig = rigOf({ holdMs: 0 });
    rig.set(futures, 1.02, 1.02, 50);
    expect(rig.news).toEqual([]);
  });

  it('not on a book whose sides cross', () => {
    const rig = rigOf({ holdMs: 0 });
    rig.set(futures, 1.04, 1.02);
    expect(rig.news).toEqual([]);
  });

  it('not on a leg that has not been heard of for too long', () => {
    const rig = rigOf({ holdMs: 0 });
    rig.pass(10_001);
    rig.set(futures, 1.02, 1.02);
    expect(rig.news).toEqual([]);
  });
});

describe('an open signal', () => {
  function opened(): EngineRig {
    const rig = rigOf({ holdMs: 0 });
    rig.set(futures, 1.02, 1.02);
    return rig;
  }

  it('stays open below the threshold that opened it, and closes below its own', () => {
    const rig = opened();
    rig.pass(200);
    rig.keep([spot, 1, 1], [futures, 1.005, 1.005]);
    expect(rig.last).toMatchObject({ state: 'open', netPercent: '0.5' });
    rig.pass(200);
    rig.keep([spot, 1, 1], [futures, 1.0039, 1.0039]);
    expect(rig.last).toMatchObject({ state: 'closed', closeReason: 'spread_gone', closedAt: NOW + 400, paidPercent: '1.61', version: rig.news.length });
  });

  it('does not open again at once', () => {
    const rig = opened();
    rig.set(futures, 1, 1);
    rig.pass(9_999);
    rig.keep([spot, 1, 1], [futures, 1.02, 1.02]);
    expect(rig.changes).toEqual(['opened', 'closed']);
    rig.pass(1);
    expect(rig.changes).toEqual(['opened', 'closed']);
    rig.keep([futures, 1.02, 1.02]);
    expect(rig.last).toMatchObject({ id: 's2', version: 1 });
  });

  it('knows its peak, and its average by the time that each net has stood', () => {
    const rig = opened();
    rig.pass(1_000);
    rig.keep([spot, 1, 1], [futures, 1.03, 1.03]);
    rig.pass(3_000);
    rig.keep([spot, 1, 1], [futures, 1.003, 1.003]);
    expect(rig.last).toMatchObject({ state: 'closed', peakNetPercent: '3', peakAt: NOW + 1_000, averageNetPercent: '2.75' });
  });

  it('is told when its net moves, not oftener than ten times a second, and now and then when it does not', () => {
    const rig = opened();
    for (let step = 0; step < 10; step += 1) {
      rig.pass(10);
      rig.set(futures, 1.019 - step / 10_000, 1.02);
    }
    expect(rig.changes).toEqual(['opened', 'changed']);
    for (let second = 0; second < 10; second += 1) {
      rig.pass(1_000);
      rig.keep([spot, 1, 1], [futures, 1.018, 1.02]);
    }
    expect(rig.changes.length).toBeGreaterThanOrEqual(4);
    expect(rig.changes.length).toBeLessThanOrEqual(5);
  });

  it('shows which leg is old, computes nothing with it, and closes when it stays so', () => {
    const rig = opened();
    rig.pass(10_001);
    rig.top(spot, 1, 1);
    expect(rig.last).toMatchObject({ state: 'open', netPercent: '2', ageMs: 10_001 });
    expect(rig.last.legs.map(({ isStale }) => isStale)).toEqual([false, true]);
    rig.pass(20_000);
    rig.top(spot, 0.5, 0.5);
    expect(rig.last).toMatchObject({ state: 'closed', closeReason: 'stale', netPercent: '2', peakNetPercent: '2' });
  });

  it('recovers when the leg is heard of again', () => {
    const rig = opened();
    rig.pass(10_001);
    rig.keep([spot, 1, 1]);
    rig.pass(1_000);
    rig.keep([futures, 1.021, 1.021]);
    expect(rig.last.legs.map(({ isStale }) => isStale)).toEqual([false, false]);
    expect(rig.last).toMatchObject({ state: 'open', netPercent: '2.1' });
  });

  it('takes levels for gone that are better than the newest best price', () => {
    const rig = opened();
    rig.pass(200);
    // Deep at 1.02 as the book was read, but by now nobody bids more than 1.01.
    rig.engine.depth(rig.engine.indexOf(futures.key), { bids: Float64Array.from([1.02, 1_000, 1.01, 1_000]), asks: Float64Array.from([1.02, 1_000]) }, rig.now);
    rig.pass(200);
    rig.top(futures, 1.01, 1.02);
    expect(rig.last).toMatchObject({ entryPercent: '1', netPercent: '0.5' });
  });

  it('closes when it is not listed any more, and goes on when others are', () => {
    const rig = opened();
    const other = aListing('mexc', 'spot', { key: 'mexc spot XYZ/USDT', base: 'XYZ' });
    rig.engine.setListings([other, spot, futures], rig.now);
    expect(rig.changes).toEqual(['opened']);
    rig.pass(200);
    rig.set(futures, 1.03, 1.03);
    expect(rig.last).toMatchObject({ id: 's1', netPercent: '3' });
    rig.engine.setListings([other, spot], rig.now);
    expect(rig.last).toMatchObject({ state: 'closed', closeReason: 'stale' });
    expect(rig.outcomes.map(({ problem }) => problem)).toEqual(['scanner_stopped', 'scanner_stopped', 'scanner_stopped', 'scanner_stopped']);
  });

  it('closes when the scanner stops', () => {
    const rig = opened();
    rig.engine.stop(rig.now);
    expect(rig.last).toMatchObject({ state: 'closed', closeReason: 'scanner_stopped' });
    expect(rig.engine.openCount).toBe(0);
  });
});

describe('the ledger of outcomes', () => {
  it('tells after 1, 5, 15 and 60 minutes what acting would have paid, whether or not the signal has closed', () => {
    const rig = rigOf({ holdMs: 0 });
    rig.set(futures, 1.02, 1.02);
    const futuresAt = [1.015, 1.01, 1.03, 1] as const;
    let passed = 0;
    for (const [at, minutes] of [1, 5, 15, 60].entries()) {
      rig.now = NOW + minutes * 60_000;
      rig.keep([spot, 1, 1], [futures, futuresAt[at] ?? 1, futuresAt[at] ?? 1]);
      rig.fund(futures, { nextAt: NOW + 4 * 3_600_000 });
      rig.engine.sweep(rig.now);
      passed = minutes;
    }
    expect(passed).toBe(60);
    // Sold at 1.02 and bought back at the prices of then.
    const first = rig.outcomes.filter(({ signalId }) => signalId === 's1').map(({ minutes, netPercent, problem }) => [minutes, netPercent, problem]);
    expect(first).toEqual([
      [1, '0.5', ''],
      [5, '1', ''],
      [15, '-1', ''],
      [60, '2', ''],
    ]);
  });

  it('says that it does not know where a leg was not heard of, after waiting for it', () => {
    const rig = rigOf({ holdMs: 0 });
    rig.set(futures, 1.02, 1.02);
    rig.pass(60_000);
    expect(rig.outcomes).toEqual([]);
    rig.pass(29_999);
    expect(rig.outcomes).toEqual([]);
    rig.pass(1);
    expect(rig.outcomes).toEqual([{ signalId: 's1', minutes: 1, at: NOW + 90_000, netPercent: null, problem: 'stale' }]);
  });

  it('counts the funding that was settled meanwhile, at the rate that stood before', () => {
    const rig = rigOf({ holdMs: 0 });
    rig.fund(futures, { rate: 0.002, nextAt: NOW + 30_000 });
    rig.set(futures, 1.02, 1.02);
    rig.now = NOW + 31_000;
    rig.fund(futures, { rate: -0.005, nextAt: NOW + 30_000 + 8 * 3_600_000 });
    rig.now = NOW + 60_000;
    rig.keep([spot, 1, 1], [futures, 1.02, 1.02]);
    rig.engine.sweep(rig.now);
    expect(rig.outcomes.map(({ netPercent }) => netPercent)).toEqual(['0.2']);
  });
});

describe('funding of two venues', () => {
  const [one, other] = [aListing('binance', 'futures', { key: 'binance' }), aListing('bybit', 'futures', { key: 'bybit' })];

  function fundingRig(): EngineRig {
    const rig = new EngineRig(scannerOf('funding', { holdMs: 0, horizonHours: 24, openAt: 0.001, closeAt: 0 }), [one, other]);
    rig.set(one, 1, 1);
    rig.set(other, 1, 1);
    return rig;
  }

  it('is a signal with income counted in settlements of both, whatever their intervals', () => {
    const rig = fundingRig();
    rig.fund(one, { rate: 0.0001, intervalHours: 1, nextAt: NOW + 1_800_000 });
    rig.fund(other, { rate: 0.002, intervalHours: 4, nextAt: NOW + 2 * 3_600_000 });
    rig.top(one, 1, 1);
    // Within a day 24 settlements of one and 6 of the other: 1.2 % less 0.24 %.
    expect(rig.last).toMatchObject({
      direction: 'forward',
      exit: 'funding',
      netPercent: '0.96',
      funding: { incomePercent: '0.96', horizonHours: 24, breakEvenHours: '0' },
    });
    expect(rig.last.legs.map(({ venue, side }) => `${side} ${venue}`)).toEqual(['buy binance', 'sell bybit']);
    expect(rig.last.funding?.yearPercent).toBe('350.4');
  });

  it('tells at once that an interval has changed, with what follows', () => {
    const rig = fundingRig();
    rig.fund(one, { rate: 0.0001 });
    rig.fund(other, { rate: 0.002, intervalHours: 8, nextAt: NOW + 3_600_000 });
    rig.top(one, 1, 1);
    expect(rig.last).toMatchObject({ netPercent: '0.57', warnings: [] });
    rig.pass(1_000);
    rig.fund(other, { rate: 0.002, intervalHours: 1, nextAt: NOW + 3_600_000 });
    rig.keep([one, 1, 1], [other, 1, 1]);
    expect(rig.last).toMatchObject({ warnings: ['interval_changed'], netPercent: '4.77' });
    expect(rig.last.legs[1].funding).toMatchObject({ intervalHours: 1, intervalHoursBefore: 8, intervalChangedAt: NOW + 1_000, per8HoursPercent: '1.6' });
  });

  it('says how long it takes until settlements have paid the costs', () => {
    const rig = new EngineRig(scannerOf('funding', { holdMs: 0, horizonHours: 24, openAt: 0.001, closeAt: 0 }), [
      { ...one, takerFeeRate: 0.0004 },
      { ...other, takerFeeRate: 0.00055 },
    ]);
    rig.set(one, 1, 1);
    rig.set(other, 1, 1);
    rig.fund(one, { rate: -0.000123, nextAt: NOW + 8 * 3_600_000 });
    rig.fund(other, { rate: 0.001, nextAt: NOW + 8 * 3_600_000 });
    rig.top(one, 1, 1);
    expect(rig.last).toMatchObject({ feesPercent: '0.19', netPercent: '0.1469', funding: { breakEvenHours: '16', breakEvenSettlements: 2 } });
  });

  it('is none without both rates, and closes when one is not told any more', () => {
    const rig = fundingRig();
    rig.fund(other, { rate: 0.002 });
    rig.top(one, 1, 1);
    expect(rig.news).toEqual([]);
    rig.fund(one);
    rig.top(one, 1, 1);
    expect(rig.changes).toEqual(['opened']);
    for (let step = 0; step < 61; step += 1) {
      rig.pass(5_000);
      rig.keep([one, 1, 1], [other, 1, 1]);
      rig.fund(one);
    }
    expect(rig.last).toMatchObject({ state: 'closed', closeReason: 'funding_changed' });
  });

  it('warns of a rate at its cap', () => {
    const rig = fundingRig();
    rig.fund(one);
    rig.fund(other, { rate: 0.003, maxRate: 0.003, minRate: -0.003 });
    rig.top(one, 1, 1);
    expect(rig.last.warnings).toEqual(['rate_at_limit']);
    expect(rig.last.legs.map(({ funding }) => funding?.isAtLimit)).toEqual([null, true]);
  });
});

describe('quarantine', () => {
  it('is for an index far from the price: another token, or a multiple of it', () => {
    const rig = new EngineRig(scannerOf('convergence', { holdMs: 0 }), [spot, futures]);
    rig.fund(futures, { indexPrice: 1_000 });
    rig.set(spot, 1, 1);
    rig.set(futures, 1.02, 1.02);
    expect(rig.last).toMatchObject({ quarantine: 'identity_conflict', identity: { status: 'conflict' } });
    expect(rig.last.identity.evidence[1]).toEqual({ kind: 'other_index', detail: 'mexc spot 1.00000, mexc futures 1000.00' });
  });

  it('is for one ticker of two contracts, and not for one contract', () => {
    const told = (addresses: readonly [string, string]) => {
      const [one, other] = addresses.map((address, at) => aListing(`v${at}`, 'spot', { key: `v${at}`, contracts: [{ chain: 'ethereum', address }] })) as [
        typeof spot,
        typeof spot,
      ];
      const rig = new EngineRig(scannerOf('transfer', { holdMs: 0 }), [one, other]);
      rig.set(one, 1, 1);
      rig.set(other, 1.02, 1.02);
      return rig.last;
    };
    expect(told(['0xA', '0xB'])).toMatchObject({ quarantine: 'identity_conflict', identity: { status: 'conflict' } });
    expect(told(['0xA', '0xa'])).toMatchObject({
      quarantine: null,
      identity: { status: 'proven', evidence: [{ kind: 'same_contract', detail: 'ethereum 0xA' }, {}] },
    });
  });

  it('is for what is too good, unless the coin is proven to be the same', () => {
    const rig = new EngineRig(scannerOf('transfer', { holdMs: 0 }), [spot, aListing('okx', 'spot')]);
    rig.set(spot, 1, 1);
    rig.set(aListing('okx', 'spot'), 1.31, 1.31);
    expect(rig.last).toMatchObject({
      quarantine: 'implausible',
      identity: { status: 'unknown' },
      warnings: ['transfer_unknown', 'withdrawal_fee_unknown', 'identity_unknown'],
    });
  });

  it('is for coins that cannot be moved, and a withdrawal that can costs what it costs', () => {
    const open = { canDeposit: true, canWithdraw: true, withdrawFee: '2', note: '' };
    const told = (canWithdraw: boolean) => {
      const buy = aListing('bitget', 'spot', { transfer: { ...open, canWithdraw } });
      const sell = aListing('okx', 'spot', { transfer: open });
      const rig = new EngineRig(scannerOf('transfer', { holdMs: 0 }), [buy, sell]);
      rig.set(buy, 1, 1);
      rig.set(sell, 1.05, 1.05);
      return rig.last;
    };
    expect(told(true)).toMatchObject({ quarantine: null, netPercent: '3', netQuote: '3', warnings: ['identity_unknown'] });
    expect(told(false)).toMatchObject({ quarantine: 'transfer_closed', warnings: ['transfer_closed', 'identity_unknown'] });
  });

  it('is for a pool whose depth nobody can tell', () => {
    const pool = aListing('uniswap', 'dex', { isQuotable: false });
    const rig = new EngineRig(scannerOf('convergence', { holdMs: 0 }), [pool, futures]);
    rig.set(pool, 1, 1);
    rig.set(futures, 1.02, 1.02);
    expect(rig.last.quarantine).toBe('unquotable_pool');
  });
});
