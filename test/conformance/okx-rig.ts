/** OKX and its simulator, ready to be examined. */
import { okx } from '#adapters/venues/okx.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { KEY } from '#test/venues/_world.ts';
import { startOkx } from '#test/venues/okx.ts';
import { VenueClock, type VenueRig } from './venue-rig.ts';

const numbered = (number: number): string => KEY.apiKey.replace('00000000', `0000000${number}`);
const OTHER_KEY = { ...KEY, apiKey: numbered(1), account: 'other' };
const WITHDRAWING_KEY = { ...KEY, apiKey: numbered(2), canWithdraw: true };
const READING_KEY = { ...KEY, apiKey: numbered(3), canTrade: false };

export async function startOkxRig(): Promise<VenueRig> {
  const clock = new VenueClock();
  const simulator = await startOkx({ now: () => clock.now(), keys: [KEY, OTHER_KEY, WITHDRAWING_KEY, READING_KEY] });
  const log: KeptLine[] = [];
  const books = { restingOrders: async () => [], netFlows: async () => [] };
  const venue = okx.open({ clock, ids: { next: () => 'id', secret: () => 'secret' }, log: quietLog(log), url: simulator.url, urls: {}, books });
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
      insufficientBalance: '51008',
      price: '51150',
      size: '51121',
      // A least size is all that OKX knows.
      minNotional: '51020',
      symbol: '51001',
      wouldTake: null,
      wouldTrigger: '51278',
      late: '50102',
    },
    instrument: { maxPrice: null, minSize: '0.0001', minNotional: '0', makerFeeRate: '0.0008' },
    // A venue that runs behind us by less than half a minute notices nothing.
    clockJumps: [9_000, 30_000],
    move: async (price) => simulator.world.setPrice('BTC/USDT', price),
    close: async () => {
      await venue.close();
      await simulator.close();
    },
  };
}
