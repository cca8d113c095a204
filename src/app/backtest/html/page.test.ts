import { describe, expect, it } from 'vitest';
import { grid } from '#strategies/grid.ts';
import { TEST_INSTRUMENT } from '#test/support/grid-run.ts';
import { randomWalk } from '../../../../bench/history.ts';
import { runBacktest } from '../backtest.ts';
import { type BacktestDocument, documentOf, MAX_LISTED } from '../backtest-document.ts';
import { tableOf } from '../document-tables.ts';
import { backtestPage } from './page.ts';

const bars = randomWalk({ seed: 7, length: 4_000, startTicks: 10_000, swingTicks: 60, lowestTicks: 7_500, highestTicks: 12_500 });
const config = { lower_price: '90', upper_price: '110', levels: 21, investment: '2000' };

function made(): BacktestDocument {
  const result = runBacktest({ strategy: grid, config, instrument: TEST_INSTRUMENT, bars, keepLedger: true });
  const subject = {
    strategy: grid,
    config,
    instrument: TEST_INSTRUMENT,
    bars,
    venue: {},
    lots: 'lifo',
    history: 'candles',
    warmUpBars: 0,
    warnings: [],
  } as const;
  return documentOf(subject, result);
}

describe('the page of a backtest', () => {
  it.each(['en', 'ru'] as const)('needs nothing but itself: %s', (language) => {
    const page = backtestPage(made(), language);
    expect(/<script|<link|<img|<iframe|javascript:|https?:|url\(|@import|\son\w+=/i.exec(page)?.[0]).toBeUndefined();
    expect(page).toContain("default-src 'none'");
    expect(page.match(/<svg/g)).toHaveLength(2);
    expect(/NaN|undefined|Infinity|\[object/.exec(page)?.[0]).toBeUndefined();
  });

  it('speaks the language it is asked in', () => {
    expect(backtestPage(made(), 'en')).toContain('Deepest drawdown');
    const russian = backtestPage(made(), 'ru');
    expect(russian).toContain('Наибольшая просадка');
    expect(/drawdown|Trades|Equity/.exec(russian)?.[0]).toBeUndefined();
  });

  it('cannot be broken by what people have written', () => {
    const evil = '"><script>alert(1)</script><b x=\'';
    const document = made();
    const hostile: BacktestDocument = {
      ...document,
      symbol: evil,
      exchange: evil,
      base: evil,
      quote: evil,
      endReason: evil,
      config: { [evil]: evil, nested: { [evil]: [evil] } },
      strategyTitle: { en: evil, ru: evil },
      warnings: [{ en: evil, ru: evil }],
      strategyFigures: { [evil]: evil },
      notes: [{ at: 1, text: evil }],
      assumptions: { ...document.assumptions, fillRule: evil },
    };
    for (const language of ['en', 'ru'] as const) {
      const page = backtestPage(hostile, language);
      expect(page).not.toContain('<script');
      expect(page).not.toContain('<b x');
      expect(page).toContain('&lt;script&gt;');
    }
  });

  it('shows the figures of the document', () => {
    const document = made();
    const page = backtestPage(document, 'en');
    expect(page).toContain(`<dd>${document.report.figures.tradeCount}</dd>`);
    expect(page).toContain(new Date(document.report.figures.startedAt).toISOString().slice(0, 10));
  });

  it('stands on its own also where nothing was traded', () => {
    const result = runBacktest({
      strategy: grid,
      config: { ...config, start_price: '1' },
      instrument: TEST_INSTRUMENT,
      bars: randomWalk({ seed: 1, length: 2, startTicks: 10_000, swingTicks: 0, lowestTicks: 9_000, highestTicks: 11_000 }),
      keepLedger: true,
    });
    const subject = {
      strategy: grid,
      config,
      instrument: TEST_INSTRUMENT,
      bars,
      venue: {},
      lots: 'fifo',
      history: 'candles',
      warmUpBars: 0,
      warnings: [],
    } as const;
    expect(/NaN|undefined|Infinity/.exec(backtestPage(documentOf(subject, result), 'en'))?.[0]).toBeUndefined();
  });
});

it('has its lists as tables with one line for each item', () => {
  const document = made();
  const lines = (name: Parameters<typeof tableOf>[1]) => tableOf(document, name).trimEnd().split('\r\n').length - 1;
  expect([lines('trades'), lines('fills'), lines('orders'), lines('equity')]).toEqual([
    document.report.trades.length,
    document.fills.length,
    document.orders.length,
    document.report.curve.length,
  ]);
});

it('lists no more than it may, says how many it left out, and counts them all', () => {
  const length = 3_000;
  const busy = randomWalk({ seed: 7, length, startTicks: 10_000, swingTicks: 400, lowestTicks: 7_500, highestTicks: 12_500 });
  const result = runBacktest({
    strategy: grid,
    config: { ...config, lower_price: '75', upper_price: '125', levels: 101 },
    instrument: TEST_INSTRUMENT,
    bars: busy,
    keepLedger: true,
  });
  const subject = {
    strategy: grid,
    config,
    instrument: TEST_INSTRUMENT,
    bars: busy,
    venue: {},
    lots: 'lifo',
    history: 'candles',
    warmUpBars: 0,
    warnings: [],
  } as const;
  const document = documentOf(subject, result);
  expect(document.fills).toHaveLength(MAX_LISTED);
  expect(document.unlisted.fills).toBe(document.report.figures.fillCount - MAX_LISTED);
  expect(document.unlisted.fills).toBeGreaterThan(0);
  expect(document.unlisted.trades).toBe(document.report.figures.tradeCount - document.report.trades.length);
  expect(backtestPage(document, 'en')).toContain('later executions are counted but not drawn');
});
