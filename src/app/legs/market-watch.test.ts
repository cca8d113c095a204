/** When an instrument of a run over several counts as gone: unlisted, halted, or silent; never because the venue does not answer at all. */
import { expect, it } from 'vitest';
import type { Instrument } from '#core/instrument.ts';
import type { Leg } from '#core/legs/leg.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import { MARKET_WATCH_MS, MarketWatch } from './market-watch.ts';

function watched() {
  const clock = new ManualClock();
  const world = { status: 'trading' as Instrument['status'] | 'unlisted' | 'down', isSilent: false };
  const told: string[] = [];
  const leg = { symbol: TEST_INSTRUMENT.symbol } as Leg;
  const instruments = async () => {
    const { status } = world;
    if (status === 'down') throw new Error('the venue does not answer');
    return new Map(status === 'unlisted' ? [] : [[TEST_INSTRUMENT.symbol, { ...TEST_INSTRUMENT, status }]]);
  };
  const watch = new MarketWatch({
    venue: { title: 'Venue', market: { instruments } as never },
    quoteOf: async () => {
      if (world.isSilent) throw new Error('no price');
    },
    clock,
    log: quietLog(),
    legs: [leg],
    run: { onMarket: (_leg, isOpen, reason) => told.push(isOpen ? 'open' : reason) },
  });
  const look = async (change: Partial<typeof world>): Promise<readonly string[]> => {
    Object.assign(world, change);
    await clock.advance(MARKET_WATCH_MS);
    return told.splice(0);
  };
  return { watch, look };
}

it('tells a market that is halted or unlisted, and that it is back', async () => {
  const { watch, look } = watched();
  watch.start();
  expect(await look({})).toContain('open');
  expect(await look({ status: 'halted' })).toEqual(['Venue has halted it']);
  expect(await look({ status: 'unlisted' })).toEqual(['Venue lists it no more']);
  expect(await look({ status: 'trading' })).toEqual(['open']);
  watch.close();
  expect(await look({ status: 'halted' })).toEqual([]);
});

it('concludes nothing from a venue that does not answer, and from silence only when it lasts', async () => {
  const { watch, look } = watched();
  watch.start();
  await look({});
  expect(await look({ status: 'down' })).toEqual([]);
  expect(await look({ status: 'trading', isSilent: true })).toEqual([]);
  expect(await look({})).toEqual(['no price has been told for 2 looks a minute apart']);
  expect(await look({ isSilent: false })).toEqual(['open']);
  watch.close();
});
