import { expect } from 'vitest';
import { bybit } from '#adapters/venues/bybit.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { KEY } from '#test/venues/_world.ts';
import { startBybit } from '#test/venues/bybit.ts';
import { venueConformance } from './venue.ts';
import { networkConformance } from './venue-faults.ts';
import { VenueClock, type VenueRig } from './venue-rig.ts';

const numbered = (number: number): string => KEY.apiKey.replace('00000000', `0000000${number}`);
const OTHER_KEY = { ...KEY, apiKey: numbered(1), account: 'other' };
const WITHDRAWING_KEY = { ...KEY, apiKey: numbered(2), canWithdraw: true };
const READING_KEY = { ...KEY, apiKey: numbered(3), canTrade: false };
/** One of several codes, as Bybit tells apart what others call one. */
const oneOf = (...codes: readonly string[]): string => expect.stringMatching(new RegExp(`^(${codes.join('|')})$`)) as string;

async function start(): Promise<VenueRig> {
  const clock = new VenueClock();
  const simulator = await startBybit({ now: () => clock.now(), keys: [KEY, OTHER_KEY, WITHDRAWING_KEY, READING_KEY] });
  const log: KeptLine[] = [];
  const books = { restingOrders: async () => [], netFlows: async () => [] };
  const venue = bybit.open({ clock, ids: { next: () => 'id', secret: () => 'secret' }, log: quietLog(log), url: simulator.url, urls: {}, books });
  const credentials = (key: typeof KEY) => ({ apiKey: key.apiKey, apiSecret: key.secret, passphrase: null });
  return {
    venue,
    clock,
    simulator,
    log,
    account: { accountId: 'main', credentials: credentials(KEY) },
    other: { accountId: 'other', credentials: credentials(OTHER_KEY) },
    flawed: {
      unknownKey: { accountId: 'unknown', credentials: credentials({ ...KEY, apiKey: numbered(9) }) },
      wrongSecret: { accountId: 'wrong', credentials: credentials({ ...KEY, secret: 'wrong-secret-wrong-secret' }) },
      mayWithdraw: { accountId: 'withdrawing', credentials: credentials(WITHDRAWING_KEY) },
      mayNotTrade: { accountId: 'reading', credentials: credentials(READING_KEY) },
    },
    codes: {
      insufficientBalance: '170131',
      price: oneOf('170134', '170133'),
      size: oneOf('170137', '170136', '170135'),
      minNotional: '170140',
      symbol: '170121',
      wouldTake: null,
      // Told by the adapter: the venue would wait for the price to come back.
      wouldTrigger: 'stop_passed',
      late: '10002',
    },
    // Bybit lists no highest price of a spot instrument.
    instrument: { maxPrice: null },
    move: async (price) => simulator.world.setPrice('BTC/USDT', price),
    close: async () => {
      await venue.close();
      await simulator.close();
    },
  };
}

venueConformance('bybit', start);
networkConformance('bybit', start);
