import { expect, it } from 'vitest';
import type { Venue } from '#core/venue-ports.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { STEWARD_REST_MS, Stewards, type StewardsParts } from './stewards.ts';

const RUNNERS = [{ id: 'me', accounts: 0 }] as never;

/** Stewards of one account at a venue, with what is asked of leases and of the list of its orders. */
function setUp(credentials: Venue['credentials']) {
  const clock = new ManualClock();
  const asked: string[] = [];
  let isDue = true;
  const account = { id: 'a', number: 1, userId: 'u', exchange: 'venue' };
  const keeper = {
    owner: 'me',
    acquire: async () => {
      asked.push('acquire');
      return { release: async () => void asked.push('release') };
    },
  };
  const orders = {
    alive: async () => {
      asked.push('read');
      return [];
    },
  };
  const parts = {
    clock,
    keeper,
    log: quietLog(),
    store: { stewardship: { due: async () => (isDue ? [{ account, lease: null }] : []) }, orders, actions: { alive: async () => [] } },
    desks: { of: async () => ({ desk: { join: () => undefined, leave: () => undefined } }), leave: async () => undefined },
  } as unknown as StewardsParts;
  const stewards = new Stewards(parts);
  const venues = new Map([['venue', { id: 'venue', credentials } as unknown as Venue]]);
  const sweep = async (): Promise<void> => {
    await stewards.sweep(venues, RUNNERS);
    await settle();
  };
  return {
    asked,
    clock,
    sweep,
    stewards,
    endOrders: () => {
      isDue = false;
    },
  };
}

it('a steward at a venue without keys waits for the next order, takes it up without a sweep, and goes after its rest', async () => {
  const { asked, clock, sweep, stewards, endOrders } = setUp([]);
  await sweep();
  expect([asked, stewards.takeUp('another')]).toEqual([['acquire', 'read'], false]);
  endOrders();
  await clock.advance(STEWARD_REST_MS - 1);
  await sweep();
  expect(stewards.takeUp('a')).toBe(true);
  await settle();
  expect(asked).toEqual(['acquire', 'read', 'read']);
  await clock.advance(STEWARD_REST_MS - 1);
  await sweep();
  expect(asked).not.toContain('release');
  await clock.advance(1);
  await sweep();
  expect(asked.at(-1)).toBe('release');
  expect(stewards.takeUp('a')).toBe(false);
});

it('a steward with keys goes as soon as nothing is left to do: the next order is sent with the keys of then', async () => {
  const { asked, sweep, endOrders } = setUp(['apiKey', 'apiSecret']);
  await sweep();
  endOrders();
  await sweep();
  expect(asked).toEqual(['acquire', 'read', 'release']);
});
