/** Books are read a few at a time, dated by their question, and one that cannot be had is left alone for a while. */
import { expect, it } from 'vitest';
import type { Depth, Listing } from '#core/signals/market-scan.ts';
import { aDepth, aListing } from '#core/signals/signal-engine.fixture.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { DEPTH_PAUSE_MS, DEPTHS_AT_ONCE, DepthReader } from './depth-reader.ts';

const listings = Array.from({ length: DEPTHS_AT_ONCE + 2 }, (_, at) => aListing('mexc', 'spot', { key: `k${at}` }));

function readerOf(depth: (listing: Listing) => Promise<Depth>) {
  const clock = new ManualClock();
  const heard: [string, number][] = [];
  const began = clock.now();
  const reader = new DepthReader({ clock, depth, onDepth: (key, _depth, at) => heard.push([key, at - began]) });
  return { clock, heard, reader };
}

it('asks for no more at once than it may, nor for one twice', async () => {
  let go: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (go = resolve));
  const asked: string[] = [];
  const { clock, heard, reader } = readerOf(async ({ key }) => {
    asked.push(key);
    await gate;
    return aDepth(1, 1);
  });
  reader.read((limit) => listings.slice(0, limit));
  expect(asked).toHaveLength(DEPTHS_AT_ONCE);
  reader.read((limit) => {
    throw new Error(`nothing is free, and ${limit} were asked for`);
  });
  await clock.advance(700);
  go();
  await clock.advance(0);
  expect(heard).toEqual(asked.map((key) => [key, 0]));
  await reader.close();
});

it('leaves one alone that could not be had', async () => {
  let asked = 0;
  const { clock, reader } = readerOf(() => {
    asked += 1;
    return Promise.reject(new Error('no book'));
  });
  const read = () => reader.read(() => listings.slice(0, 1));
  read();
  await clock.advance(DEPTH_PAUSE_MS - 1);
  read();
  expect(asked).toBe(1);
  await clock.advance(1);
  read();
  expect(asked).toBe(2);
  await reader.close();
  read();
  expect(asked).toBe(2);
});
