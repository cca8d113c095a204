/** A venue adapter before the simulator of its venue, ready to be examined; what differs from venue to venue is handed in. */
import type { VenueModule } from '#adapters/venues/_venue.ts';
import type { Credentials } from '#core/venue-ports.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import type { VenueServer } from '#test/venues/_server.ts';
import { KEY, LISTED, PERPETUALS, type VenueKey, type WorldOptions } from '#test/venues/_world.ts';
import { VenueClock, type VenueRig } from './venue-rig.ts';

/** What a venue says of itself: its codes, and where it differs from the common case. */
export type RigManners = Pick<
  VenueRig,
  | 'codes'
  | 'tradesLackIds'
  | 'instrument'
  | 'unfilled'
  | 'fillTimeStepMs'
  | 'tradeNumber'
  | 'clockJumps'
  | 'kind'
  | 'tickersLackQuotes'
  | 'unfilledKill'
  | 'windowEndsAtTheDoor'
>;

const numbered = (number: number): string => KEY.apiKey.replace('00000000', `0000000${number}`);
const OTHER_KEY = { ...KEY, apiKey: numbered(1), account: 'other' };
const WITHDRAWING_KEY = { ...KEY, apiKey: numbered(2), canWithdraw: true };
export const SPOT_KEY: VenueKey = { ...KEY, apiKey: numbered(4), account: 'spot only', canTradePerpetuals: false };
const READING_KEY = { ...KEY, apiKey: numbered(3), canTrade: false };

/** Starts the simulator with its clock and keys, and opens the venue on it. */
export async function simulatedRig<Server extends VenueServer>(
  module: VenueModule,
  start: (options: Required<Pick<WorldOptions, 'now' | 'keys'>>) => Promise<Server>,
  manners: RigManners,
): Promise<VenueRig & { readonly simulator: Server }> {
  const clock = new VenueClock();
  const simulator = await start({ now: () => clock.now(), keys: [KEY, OTHER_KEY, WITHDRAWING_KEY, READING_KEY, SPOT_KEY] });
  const log: KeptLine[] = [];
  const books = { restingOrders: async () => [], netFlows: async () => [], positions: async () => [] };
  const venue = module.open({ clock, ids: { next: () => 'id', secret: () => 'secret' }, log: quietLog(log), url: simulator.url, urls: {}, books });
  const needsPassphrase = venue.credentials.includes('passphrase');
  const credentials = (key: VenueKey): Credentials => ({ apiKey: key.apiKey, apiSecret: key.secret, passphrase: needsPassphrase ? key.passphrase : null });
  return {
    ...manners,
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
    move: async (price) => simulator.world.setPrice(manners.kind === 'perpetual' ? 'BTC/USDT:USDT' : 'BTC/USDT', price),
    close: async () => {
      await venue.close();
      await simulator.close();
    },
  };
}

/** Perpetuals with the increments of the spot instruments, so that the same cases can be played on them. */
export const EXAMINED_PERPETUALS = PERPETUALS.map(({ instrument, startPrice }) => {
  const spot = LISTED.find((listed) => instrument.symbol.startsWith(`${listed.instrument.symbol}:`))?.instrument;
  if (spot === undefined) throw new Error(`there is no spot instrument to ${instrument.symbol}`);
  const { priceIncrement, sizeIncrement, minPrice, minSize, maxSize } = spot;
  return { startPrice, instrument: { ...instrument, priceIncrement, sizeIncrement, minPrice, minSize, maxSize } };
});
