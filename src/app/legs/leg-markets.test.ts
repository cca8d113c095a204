/** Which further instruments a strategy may ask for, and what is refused before anything is planned. */
import { describe, expect, it } from 'vitest';
import type { Instrument } from '#core/instrument.ts';
import { MAX_LEGS } from '#core/legs/legs.ts';
import type { LegWish, Strategy } from '#core/strategy.ts';
import type { Venue } from '#core/venue-ports.ts';
import { TEST_PERPETUAL } from '#test/support/legs-run.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import { legsWanted, marketsOf } from './leg-markets.ts';

const wanting = (...wishes: readonly LegWish[]) => ({ params: {}, otherLegs: () => wishes }) as unknown as Strategy;
const wish = (symbol: string, kind: LegWish['kind'] = 'spot'): LegWish => ({ name: 'other', symbol, kind });
const venueOf = (...listed: readonly Instrument[]) =>
  ({ title: 'Venue', market: { instruments: async () => new Map(listed.map((each) => [each.symbol, each])) } }) as unknown as Venue;
const quoteOf = async (symbol: string) => ({ symbol, bid: '100', ask: '101', at: 0 });
const asked = (wishes: readonly LegWish[], ...listed: readonly Instrument[]) => marketsOf(wishes, TEST_INSTRUMENT, venueOf(...listed), quoteOf);

describe('the instruments of a bot', () => {
  it('are at most so many, each but once', () => {
    const many = Array.from({ length: MAX_LEGS }, (_, index) => wish(`C${index}/USDT`));
    expect(legsWanted(wanting(...many.slice(1)), {}, 'ABC/USDT')).toHaveLength(MAX_LEGS - 1);
    expect(() => legsWanted(wanting(...many), {}, 'ABC/USDT')).toThrow(`${MAX_LEGS + 1} instruments are more than the ${MAX_LEGS}`);
    expect(() => legsWanted(wanting(wish('ABC/USDT')), {}, 'ABC/USDT')).toThrow('ABC/USDT is named twice');
  });

  it('are listed, of the wanted kind, and priced in one coin', async () => {
    const perpetual = wish(TEST_PERPETUAL.symbol, 'perpetual');
    expect(await asked([perpetual], TEST_PERPETUAL)).toMatchObject([{ name: 'other', instrument: TEST_PERPETUAL, quote: { bid: '100' } }]);
    await expect(asked([perpetual])).rejects.toMatchObject({ code: 'symbol_unknown', issues: [{ field: 'symbol' }] });
    await expect(asked([wish(TEST_PERPETUAL.symbol)], TEST_PERPETUAL)).rejects.toThrow('ABC/USDT:USDT is no spot instrument');
    await expect(asked([perpetual], { ...TEST_PERPETUAL, settle: 'USDC' })).rejects.toThrow('ABC/USDT:USDT is settled in USDC, and ABC/USDT in USDT');
  });
});
