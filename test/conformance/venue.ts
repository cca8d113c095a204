/**
 * The numbered cases that every venue must pass, whatever is behind it. Run for each venue by `venue.<id>.test.ts`;
 * what only a venue behind a network can suffer is in venue-faults.ts.
 */
import { describe, expect, it } from 'vitest';
import { until } from '#test/support/until.ts';
import { accountCallCases } from './venue-account-calls.ts';
import { bookCases, sessionCases } from './venue-accounts.ts';
import { marketDataCases } from './venue-market.ts';
import { endingCases, restingCases, stopCases } from './venue-orders.ts';
import { refusalCases } from './venue-refusals.ts';
import { NOWHERE, ofMarket, onStage, type Stage, SYMBOL, symbolsOf, type VenueRig } from './venue-rig.ts';

export function venueConformance(name: string, start: () => Promise<VenueRig>): void {
  describe(`venue ${name}`, () => {
    const stage = onStage(start);
    marketCases(stage);
    marketDataCases(stage);
    restingCases(stage);
    stopCases(stage);
    endingCases(stage);
    refusalCases(stage);
    bookCases(stage);
    accountCallCases(stage);
    sessionCases(stage);
  });
}

function marketCases(stage: Stage): void {
  it('V-01 tells instruments with their rules in plain exact decimals', async () => {
    const instruments = await stage.rig.venue.market.instruments();
    expect(instruments.get(SYMBOL)).toEqual({
      venue: stage.rig.venue.id,
      symbol: SYMBOL,
      base: 'BTC',
      quote: 'USDT',
      kind: 'spot',
      settle: 'USDT',
      perpetual: null,
      priceIncrement: '0.01',
      sizeIncrement: '0.00001',
      minPrice: '0.01',
      maxPrice: '1000000',
      minSize: '0.00001',
      maxSize: '9000',
      minNotional: '5',
      makerFeeRate: '0.001',
      takerFeeRate: '0.001',
      status: 'trading',
      ...stage.rig.instrument,
    });
    expect(ofMarket(stage.rig, instruments.keys())).toEqual(symbolsOf(stage.rig));
  });

  it('V-02 quotes best bid and ask, and knows which symbols it does not trade', async () => {
    const quote = await stage.rig.venue.market.quote(SYMBOL);
    expect([quote.symbol, quote.bid, quote.ask]).toEqual([SYMBOL, '59999.99', '60000.01']);
    expect(Math.abs(quote.at - stage.rig.clock.now())).toBeLessThan(5000);
    await expect(stage.rig.venue.market.quote(NOWHERE)).rejects.toMatchObject({ name: 'PortError', code: 'symbol_unknown', outcome: 'failed' });
  });

  it('V-03 pushes quotes, the present one first, until the watch is ended', async () => {
    const seen: string[] = [];
    const unwatch = stage.rig.venue.market.watchQuotes(SYMBOL, ({ bid, ask }) => seen.push(`${bid} ${ask}`));
    await until(() => seen.includes('59999.99 60000.01'), 'the present quote is pushed');
    await stage.rig.move('60500');
    await until(() => seen.at(-1) === '60499.99 60500.01', 'the new quote is pushed');
    unwatch();
    const count = seen.length;
    await stage.rig.move('60600');
    expect(seen).toHaveLength(count);
  });
}
