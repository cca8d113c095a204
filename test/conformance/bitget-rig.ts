/** Bitget and its simulator, ready to be examined. */
import { bitget } from '#adapters/venues/bitget.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { KEY } from '#test/venues/_world.ts';
import { startBitget } from '#test/venues/bitget.ts';
import { VenueClock, type VenueRig } from './venue-rig.ts';

const numbered = (number: number): string => KEY.apiKey.replace('00000000', `0000000${number}`);
const OTHER_KEY = { ...KEY, apiKey: numbered(1), account: 'other' };
const WITHDRAWING_KEY = { ...KEY, apiKey: numbered(2), canWithdraw: true };
const READING_KEY = { ...KEY, apiKey: numbered(3), canTrade: false };

/** `limitFactor` multiplies the venue's limits. */
export async function startBitgetRig(limitFactor = 1): Promise<VenueRig> {
  const clock = new VenueClock();
  const simulator = await startBitget({ now: () => clock.now(), limitFactor, keys: [KEY, OTHER_KEY, WITHDRAWING_KEY, READING_KEY] });
  const log: KeptLine[] = [];
  const books = { restingOrders: async () => [], netFlows: async () => [] };
  const venue = bitget.open({ clock, ids: { next: () => 'id', secret: () => 'secret' }, log: quietLog(log), url: simulator.url, urls: {}, books });
  const credentials = (key: typeof KEY) => ({ apiKey: key.apiKey, apiSecret: key.secret, passphrase: key.passphrase });
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
      insufficientBalance: '43012',
      price: '40808',
      size: '40808',
      minNotional: '45110',
      symbol: '40034',
      wouldTake: null,
      // Told by the adapter, which sends no stops to this venue.
      wouldTrigger: 'not_supported',
      late: '40078',
    },
    // Bitget lists no highest price of an instrument.
    instrument: { maxPrice: null },
    unfilled: 'cancelled',
    // The window of an order is checked both ways; reads are refused past half a minute.
    clockJumps: [-10_000, 60_000],
    move: async (price) => simulator.world.setPrice('BTC/USDT', price),
    close: async () => {
      await venue.close();
      await simulator.close();
    },
  };
}
