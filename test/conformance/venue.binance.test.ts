import { binance } from '#adapters/venues/binance.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { KEY } from '#test/venues/_world.ts';
import { startBinance } from '#test/venues/binance.ts';
import { venueConformance } from './venue.ts';
import { networkConformance } from './venue-faults.ts';
import { VenueClock, type VenueRig } from './venue-rig.ts';

const numbered = (number: number): string => KEY.apiKey.replace('00000000', `0000000${number}`);
const OTHER_KEY = { ...KEY, apiKey: numbered(1), account: 'other' };
const WITHDRAWING_KEY = { ...KEY, apiKey: numbered(2), canWithdraw: true };
const READING_KEY = { ...KEY, apiKey: numbered(3), canTrade: false };

async function start(): Promise<VenueRig> {
  const clock = new VenueClock();
  const simulator = await startBinance({ now: () => clock.now(), keys: [KEY, OTHER_KEY, WITHDRAWING_KEY, READING_KEY] });
  const log: KeptLine[] = [];
  const books = { restingOrders: async () => [], netFlows: async () => [] };
  const venue = binance.open({ clock, ids: { next: () => 'id', secret: () => 'secret' }, log: quietLog(log), url: simulator.url, urls: {}, books });
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
      insufficientBalance: '-2010',
      price: '-1013',
      size: '-1013',
      minNotional: '-1013',
      symbol: '-1121',
      wouldTake: '-2010',
      wouldTrigger: '-2010',
      late: '-1021',
    },
    move: async (price) => simulator.world.setPrice('BTC/USDT', price),
    close: async () => {
      await venue.close();
      await simulator.close();
    },
  };
}

venueConformance('binance', start);
networkConformance('binance', start);
