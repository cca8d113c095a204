/** Spot against futures, of MEXC and of the others, from the venue's answers to the table and the bus. */
import { afterEach, expect, it } from 'vitest';
import { ScanRig } from './scan-rig.ts';

const HOUR_MS = 3_600_000;

let rig: ScanRig;
afterEach(() => rig.close());

it('opens a signal when books of both sides leave something after all costs, tells its course, and closes it', async () => {
  rig = await ScanRig.open({ places: ['mexc'], scanners: ['mexc-spot-futures'] });
  rig.places.market('mexc', 'spot', 'ABC', { bid: 0.02108, ask: 0.02114, size: 100_000, taker: 0.0005 });
  rig.places.market('mexc', 'futures', 'ABC', { bid: 0.02171, ask: 0.02176, size: 1_000, contractSize: 100, taker: 0.0002, index: 0.0212 });
  rig.start();
  await rig.until('it opens', () => rig.last('ABC') !== undefined);
  const opened = rig.news[0];
  expect(opened).toMatchObject({ epoch: 1, sequence: 1, change: 'opened' });
  const signal = rig.last('ABC');
  expect(signal).toMatchObject({
    ...{ scanner: 'mexc-spot-futures', strategy: 'spot_futures', direction: 'forward', state: 'open', quarantine: null, version: 1 },
    // As worked out in the reference, for best prices: entry 2.70 %, basis at the exit 3.23 %, turning round at once costs 0.52 %.
    ...{ entryPercent: '2.6963', exitPercent: '-3.2167', exitBasisPercent: '3.2259', sizeQuote: '200', thresholdPercent: '0.3' },
    identity: { status: 'likely' },
    warnings: [],
  });
  // Entry less half of both widths (0.26 %), four fees (0.1425 %): all of it fits the first level.
  expect(signal?.netPercent).toBe('2.2937');
  expect(signal?.legs[1]).toMatchObject({ market: 'futures', symbol: 'ABC/USDT:USDT', side: 'sell', funding: { ratePercent: '0.01', intervalHours: 8 } });
  await rig.until('it is kept', async () => (await rig.database.store.signals.get(signal?.id ?? '')) !== null);

  rig.places.market('mexc', 'futures', 'ABC', { bid: 0.02112, ask: 0.02115 });
  await rig.until('it closes', () => rig.last('ABC')?.state === 'closed');
  expect(rig.last('ABC')).toMatchObject({ id: signal?.id, closeReason: 'spread_gone', peakNetPercent: '2.2937' });
  await rig.until('its end is kept', async () => (await rig.database.store.signals.get(signal?.id ?? ''))?.state === 'closed');
  expect(rig.news.map(({ sequence }) => sequence)).toEqual(rig.news.map((_, index) => index + 1));
  expect((await rig.database.store.signals.history(signal?.id ?? '', 0, 10)).length).toBeGreaterThanOrEqual(2);
  expect((await rig.health()).status).toBe('ok');
});

it.each(['binance', 'bybit', 'okx', 'bitget'] as const)('the same is told of %s, by the scanner of all venues but MEXC', async (place) => {
  rig = await ScanRig.open({ places: ['mexc', place], scanners: ['mexc-spot-futures', 'spot-futures'] });
  const nextAt = Math.ceil(Date.now() / HOUR_MS + 0.1) * HOUR_MS;
  for (const at of ['mexc', place] as const) {
    rig.places.market(at, 'spot', 'ABC', { bid: 0.999, ask: 1, size: 10_000, taker: 0.0005 });
    rig.places.market(at, 'futures', 'ABC', { bid: 1.03, ask: 1.031, size: 10_000, taker: 0.0005, index: 1, rate: -0.004, hours: 4, nextAt });
  }
  // A perpetual of MEXC is near the spot of the other, and the other way round: nothing is made of that.
  rig.places.market('mexc', 'futures', 'ABC', { bid: 0.999, ask: 1 });
  rig.start();
  await rig.until('it is open, with funding', () => rig.last('ABC', 'spot-futures')?.legs[1].funding != null);
  const signal = rig.last('ABC', 'spot-futures');
  expect(signal).toMatchObject({
    ...{ strategy: 'spot_futures', exit: 'convergence', direction: 'forward', state: 'open', quarantine: null },
    ...{ entryPercent: '3', exitPercent: '-3.2', sizeQuote: '500', thresholdPercent: '0.3', identity: { status: 'likely' }, warnings: [] },
  });
  expect(signal?.legs.map(({ venue, market, symbol }) => [venue, market, symbol])).toEqual([
    [place, 'spot', 'ABC/USDT'],
    [place, 'futures', 'ABC/USDT:USDT'],
  ]);
  expect(signal?.legs[1].funding).toMatchObject({ ratePercent: '-0.4', intervalHours: 4, nextAt });
  // What is paid within eight hours is a cost: two settlements at least.
  const fees = Number(signal?.feesPercent);
  const paid = Number(signal?.funding?.incomePercent);
  expect(paid).toBe(-0.8);
  expect(Number(signal?.netPercent)).toBeCloseTo(3 - 0.1 - fees + paid, 3);
  expect(rig.news.every(({ signal: { scanner, legs } }) => scanner === 'spot-futures' && legs[0].venue === legs[1].venue)).toBe(true);

  rig.places.market(place, 'futures', 'ABC', { bid: 0.999, ask: 1 });
  await rig.until('it closes', () => rig.last('ABC', 'spot-futures')?.state === 'closed');
  expect(rig.last('ABC', 'spot-futures')).toMatchObject({ id: signal?.id, closeReason: 'spread_gone' });
});
