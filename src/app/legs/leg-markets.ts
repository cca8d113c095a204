/** The instruments that a strategy wants beside the first, as the venue lists them. */
import { AppError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import { MAX_LEGS } from '#core/legs/legs.ts';
import { parseParams } from '#core/params.ts';
import type { LegWish, Strategy } from '#core/strategy.ts';
import type { Quote, Venue } from '#core/venue-ports.ts';

export interface LegMarket {
  readonly name: string;
  readonly instrument: Instrument;
  readonly quote: Pick<Quote, 'bid' | 'ask'>;
}

/** What a strategy wants with these settings; nothing with settings that are refused anyway. Throws AppError `validation_failed`. */
export function legsWanted(strategy: Strategy, config: unknown, symbol: string): readonly LegWish[] {
  const parsed = parseParams(strategy.params, config);
  const wishes = parsed.ok ? (strategy.otherLegs?.(parsed.value, symbol) ?? []) : [];
  if (wishes.length >= MAX_LEGS) throw refused(`${wishes.length + 1} instruments are more than the ${MAX_LEGS} that one bot may trade`);
  const symbols = [symbol, ...wishes.map((wish) => wish.symbol)];
  const twice = symbols.find((each, index) => symbols.indexOf(each) !== index);
  if (twice !== undefined) throw refused(`${twice} is named twice; each instrument of a bot is another one`);
  return wishes;
}

/**
 * The markets of those instruments. Throws AppError `symbol_unknown` or `validation_failed`: all must be of the wanted kind and priced in the
 * coin of the first, so that what they earn can be added.
 */
export async function marketsOf(
  wishes: readonly LegWish[],
  first: Instrument,
  venue: Venue,
  quoteOf: (symbol: string) => Promise<Quote>,
): Promise<readonly LegMarket[]> {
  const listed = await instrumentsOf(wishes, first, venue);
  return await Promise.all(listed.map(async ({ name, instrument }) => ({ name, instrument, quote: await quoteOf(instrument.symbol) })));
}

/** Those instruments as the venue lists them, in the sequence of the wishes. Throws as {@link marketsOf} does. */
export async function instrumentsOf(wishes: readonly LegWish[], first: Instrument, venue: Venue): Promise<readonly Omit<LegMarket, 'quote'>[]> {
  if (wishes.length === 0) return [];
  const listed = await venue.market.instruments();
  return wishes.map(({ name, symbol, kind }) => {
    const instrument = listed.get(symbol);
    if (instrument === undefined)
      throw new AppError('symbol_unknown', `${venue.title} does not trade "${symbol}", which the bot needs as its ${name} leg.`, [
        { field: 'symbol', message: `needs ${symbol}, which is not traded at ${venue.title}` },
      ]);
    if (instrument.kind !== kind) throw refused(`${symbol} is no ${kind} instrument, as the ${name} leg must be`);
    if (instrument.settle !== first.settle) throw refused(`${symbol} is settled in ${instrument.settle}, and ${first.symbol} in ${first.settle}`);
    return { name, instrument };
  });
}

function refused(message: string): AppError {
  return new AppError('validation_failed', message, [{ field: 'symbol', message }]);
}
