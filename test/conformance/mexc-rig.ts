/** The MEXC adapter before its simulator, as the conformance suite and the venue's own traps need it. */
import { expect } from 'vitest';
import { mexc } from '#adapters/venues/mexc.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { KEY } from '#test/venues/_world.ts';
import { type MexcOptions, type MexcServer, startMexc } from '#test/venues/mexc.ts';
import { VenueClock, type VenueRig } from './venue-rig.ts';

const numbered = (number: number): string => KEY.apiKey.replace('00000000', `0000000${number}`);
const OTHER_KEY = { ...KEY, apiKey: numbered(1), account: 'other' };
const WITHDRAWING_KEY = { ...KEY, apiKey: numbered(2), canWithdraw: true };
const READING_KEY = { ...KEY, apiKey: numbered(3), canTrade: false };

/** `options` change the simulator. */
export async function mexcRig(options: MexcOptions = {}): Promise<VenueRig & { readonly simulator: MexcServer }> {
  const clock = new VenueClock();
  const keys = [KEY, OTHER_KEY, WITHDRAWING_KEY, READING_KEY];
  const simulator = await startMexc({ now: () => clock.now(), keys, ...options });
  const log: KeptLine[] = [];
  const books = { restingOrders: async () => [], netFlows: async () => [] };
  const venue = mexc.open({ clock, ids: { next: () => 'id', secret: () => 'secret' }, log: quietLog(log), url: simulator.url, urls: {}, books });
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
      insufficientBalance: '30004',
      price: expect.stringMatching(/^(400|30010)$/) as string,
      size: expect.stringMatching(/^(400|10102|30003)$/) as string,
      minNotional: '30002',
      symbol: '10007',
      wouldTake: null,
      wouldTrigger: 'not_supported',
      late: '700003',
    },
    instrument: { maxPrice: null, maxSize: null },
    fillTimeStepMs: 1_000,
    tradeNumber: (tradeId) => Number(tradeId.replace('X1', '')),
    move: async (price) => simulator.world.setPrice('BTC/USDT', price),
    close: async () => {
      await venue.close();
      await simulator.close();
    },
  };
}
