import { describe, expect, it } from 'vitest';
import { deflatedSharpe, expectedBestSharpe, probabilisticSharpe } from './deflated-sharpe.ts';
import { normalQuantile, normalShare } from './normal-distribution.ts';
import { momentsOf } from './return-moments.ts';

/** The worked example of the paper: 5 years of daily returns, 250 a year, ratios of a year turned into ratios of a day. */
const DAYS = 250;
const CHOSEN = { count: 1_250, sharpe: 2.5 / Math.sqrt(DAYS), skewness: -3, kurtosis: 10 };
const VARIANCE = 0.5 / DAYS;

describe('the example that Bailey and López de Prado publish', () => {
  it('expects 0.1132 of the best of a hundred trials that are worth nothing', () => {
    expect(expectedBestSharpe(100, VARIANCE)).toBeCloseTo(0.1132, 4);
  });

  it('believes the strategy with 90.04 %, which is not enough', () => {
    expect(probabilisticSharpe(CHOSEN, expectedBestSharpe(100, VARIANCE))).toBeCloseTo(0.9004, 4);
  });

  it('would have believed it with 95.05 % had it been the best of 46', () => {
    expect(probabilisticSharpe(CHOSEN, expectedBestSharpe(46, VARIANCE))).toBeCloseTo(0.9505, 4);
  });

  it('would have believed normal returns with 95.05 % as the best of 88', () => {
    expect(probabilisticSharpe({ ...CHOSEN, skewness: 0, kurtosis: 3 }, expectedBestSharpe(88, VARIANCE))).toBeCloseTo(0.9505, 3);
  });
});

describe('the deflated ratio', () => {
  it('falls with every further trial', () => {
    const of = (trials: number) =>
      deflatedSharpe(
        CHOSEN,
        Array.from({ length: trials }, (_, index) => CHOSEN.sharpe * (index % 2 === 0 ? 1 : -1)),
      ).probability;
    expect(of(4)).toBeGreaterThan(of(40) ?? 1);
    expect(of(40)).toBeGreaterThan(of(400) ?? 1);
  });

  it('of one trial is the plain probability that its ratio is above zero', () => {
    expect(deflatedSharpe(CHOSEN, [CHOSEN.sharpe])).toEqual({
      trials: 1,
      expectedBest: 0,
      observed: CHOSEN.sharpe,
      probability: probabilisticSharpe(CHOSEN, 0),
    });
  });

  it('says nothing of a single return', () => {
    expect(deflatedSharpe({ ...momentsOf([0.1]) }, [0]).probability).toBeNull();
  });
});

describe('the normal distribution', () => {
  it.each([
    [-6, 9.865_876_450_376_98e-10],
    [-1.959_963_984_540_054, 0.025],
    [0, 0.5],
    [1, 0.841_344_746_068_542_9],
    [3, 0.998_650_101_968_369_9],
  ])('has below %f a share of %f', (value, share) => {
    expect(normalShare(value)).toBeCloseTo(share, 14);
    expect(normalQuantile(share)).toBeCloseTo(value, 6);
  });

  it('ends where there is nothing left', () => {
    expect([normalShare(-40), normalShare(40), normalQuantile(0), normalQuantile(1)]).toEqual([0, 1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });
});

it('knows the moments of returns', () => {
  const { count, sharpe, skewness, kurtosis, blocks } = momentsOf([1, 2, 3, 4, 10]);
  expect(count).toBe(5);
  expect(sharpe).toBeCloseTo(4 / Math.sqrt(12.5), 12);
  expect(skewness).toBeCloseTo(36 / 10 ** 1.5, 12);
  expect(kurtosis).toBeCloseTo(278.8 / 100, 12);
  expect(blocks.reduce((sum, [part]) => sum + part, 0)).toBe(20);
  expect(momentsOf([0.5, 0.5, 0.5]).sharpe).toBe(0);
});
