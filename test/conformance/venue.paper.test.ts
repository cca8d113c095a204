import { paper } from '#adapters/venues/paper.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { until } from '#test/support/until.ts';
import { startBinance } from '#test/venues/binance.ts';
import { venueConformance } from './venue.ts';
import { VenueClock, type VenueRig } from './venue-rig.ts';

async function start(): Promise<VenueRig> {
  const clock = new VenueClock();
  const simulator = await startBinance({ now: () => clock.now() });
  const log: KeptLine[] = [];
  const books = { restingOrders: async () => [], netFlows: async () => [], positions: async () => [] };
  const venue = paper.open({
    clock,
    ids: { next: () => 'id', secret: () => 'secret' },
    log: quietLog(log),
    url: null,
    urls: { binance: simulator.url },
    books,
  });
  let bid = '';
  const unwatch = venue.market.watchQuotes('BTC/USDT', (quote) => {
    bid = quote.bid;
  });
  await until(() => bid !== '', 'the public stream delivers');
  return {
    venue,
    clock,
    simulator,
    log,
    account: { accountId: 'main', credentials: null },
    other: { accountId: 'other', credentials: null },
    codes: {
      insufficientBalance: 'insufficient_balance',
      price: 'price_filter',
      size: 'lot_size',
      minNotional: 'min_notional',
      symbol: 'unknown_symbol',
      wouldTake: 'would_take',
      wouldTrigger: 'would_trigger',
      late: 'late',
    },
    move: async (price) => {
      const before = bid;
      simulator.world.setPrice('BTC/USDT', price);
      await until(() => bid !== before, 'the new price has arrived');
    },
    close: async () => {
      unwatch();
      await venue.close();
      await simulator.close();
    },
  };
}

venueConformance('paper', start);
