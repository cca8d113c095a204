/**
 * What a bot would need and promise, computed against the live market before anything is stored or placed.
 */
import type { ActionRules } from '#core/actions/action-state.ts';
import type { Mode } from '#core/bot-states.ts';
import { AppError, PortError } from '#core/errors.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import { type Decimal, type DecimalString, decimal, plain } from '#core/money.ts';
import { parseParams } from '#core/params.ts';
import type { PlanQuestion } from '#core/sandbox/port.ts';
import type { LegWish, Strategy } from '#core/strategy.ts';
import type { Quote, Venue } from '#core/venue-ports.ts';
import { type LegMarket, legsWanted, marketsOf } from '../legs/leg-markets.ts';
import { planQuestion, unpricedQuestion } from '../run/plan-question.ts';
import { assertTrades, needOf, needsOf, planRun } from '../run/run-opening.ts';
import { checkRules, planRules, withRules } from './bot-rules.ts';

export interface BotPlan {
  /** Settings as they will be stored: every one of them, in canonical form. */
  readonly config: Readonly<Record<string, unknown>>;
  /** `null` when the venue could not be asked; the settings were checked as far as they stand alone. */
  readonly forecast: {
    readonly instrument: Instrument;
    readonly quote: Quote;
    /** What the run will claim of the account. */
    readonly needs: readonly { readonly asset: string; readonly amount: DecimalString }[];
    /** The strategy's own figures, such as profit per grid after fees. */
    readonly preview: Readonly<Record<string, unknown>>;
  } | null;
}

/** The strategy of a name. Throws AppError `strategy_unknown`. */
export function strategyNamed(strategies: ReadonlyMap<string, Strategy>, name: string): Strategy {
  const strategy = strategies.get(name);
  if (strategy !== undefined) return strategy;
  throw new AppError('strategy_unknown', `There is no strategy "${name}"; known are ${[...strategies.keys()].join(', ')}.`, [
    { field: 'strategy', message: 'is not one of the strategies' },
  ]);
}

/** The venue a bot trades at: in paper mode always the paper venue, whatever exchange its account is at. */
export function tradingVenue(venues: ReadonlyMap<string, Venue>, mode: Mode, exchange: string): Venue {
  const id = mode === 'paper' ? 'paper' : exchange;
  const venue = venues.get(id);
  if (venue === undefined)
    throw new AppError('exchange_unknown', `There is no exchange "${id}"; known are ${[...venues.keys()].join(', ')}.`, [
      { field: 'exchange', message: 'is not one of the exchanges' },
    ]);
  return venue;
}

/**
 * Plans a bot. Throws AppError `strategy_unknown`, `symbol_unknown` or `validation_failed`, naming fields as
 * `config.<setting>` and `actions.<rule>`. `ask` is for strategies that have to be asked for their plan. A venue that does not answer is not a refusal: the forecast is `null` then.
 */
export async function planBot(
  strategy: Strategy,
  venue: Venue,
  symbol: string,
  config: unknown,
  rules: ActionRules | null,
  ask?: (question: PlanQuestion) => Promise<Strategy>,
): Promise<BotPlan> {
  const parsed = parseParams(strategy.params, config);
  if (!parsed.ok) throw inConfig(parsed.issues);
  if (rules !== null) checkRules(rules, strategy);
  const market = await askMarket(venue, symbol, async (instrument) => {
    // What has to be asked for its plan has to be asked which instruments it wants, too.
    const asked = ask === undefined || strategy.otherLegs === undefined ? strategy : await ask(unpricedQuestion(parsed.value, instrument));
    return legsWanted(asked, config, symbol);
  });
  if (market === null) return { config: withRules(parsed.value, rules), forecast: null };
  const { instrument, quote, others } = market;
  assertTrades(strategy, instrument);
  const ready = ask === undefined ? strategy : await ask(planQuestion(parsed.value, { instrument, quote }, others));
  const { params, plan } = planned(ready, config, instrument, quote, others);
  const scale = new Scale(instrument);
  if (rules !== null) planRules(rules, scale, venue.capabilities);
  const needs = [needsOf(plan, scale), ...others.map((leg, index) => needsOf(needOf(plan, index), new Scale(leg.instrument)))];
  return { config: withRules(params, rules), forecast: { instrument, quote, needs: addedUp(needs.flat()), preview: plan.preview } };
}

/** The instrument of a symbol. Throws AppError `symbol_unknown`, or PortError when the venue does not answer. */
export async function instrumentOf(venue: Venue, symbol: string): Promise<Instrument> {
  const instrument = (await venue.market.instruments()).get(symbol);
  if (instrument !== undefined) return instrument;
  throw new AppError('symbol_unknown', `${venue.title} does not trade "${symbol}".`, [{ field: 'symbol', message: `is not traded at ${venue.title}` }]);
}

type Amounts = readonly { readonly asset: string; readonly amount: DecimalString }[];

/** What several instruments need of one coin together. */
function addedUp(needs: Amounts): Amounts {
  const sums = new Map<string, Decimal>();
  for (const { asset, amount } of needs) sums.set(asset, decimal(amount).plus(sums.get(asset) ?? 0));
  return [...sums].map(([asset, amount]) => ({ asset, amount: plain(amount) }));
}

function planned(strategy: Strategy, config: unknown, instrument: Instrument, quote: Quote, others: readonly LegMarket[]): ReturnType<typeof planRun> {
  try {
    return planRun(strategy, config, instrument, quote, others);
  } catch (error) {
    if (error instanceof AppError && error.code === 'validation_failed') throw inConfig(error.issues);
    if (error instanceof RangeError)
      throw inConfig([{ field: '', message: `these settings lead to figures too large to be computed exactly: ${error.message}` }]);
    throw error;
  }
}

interface Asked {
  readonly instrument: Instrument;
  readonly quote: Quote;
  readonly others: readonly LegMarket[];
}

async function askMarket(venue: Venue, symbol: string, wishesFor: (instrument: Instrument) => Promise<readonly LegWish[]>): Promise<Asked | null> {
  try {
    const instrument = await instrumentOf(venue, symbol);
    const others = await marketsOf(await wishesFor(instrument), instrument, venue, (of) => venue.market.quote(of));
    return { instrument, quote: await venue.market.quote(symbol), others };
  } catch (error) {
    if (error instanceof PortError && error.code.startsWith('venue_')) return null;
    throw error;
  }
}

function inConfig(issues: readonly { readonly field: string; readonly message: string }[]): AppError {
  const named = issues.map(({ field, message }) => ({ field: field === '' || field === 'config' ? 'config' : `config.${field}`, message }));
  return new AppError('validation_failed', named.map(({ field, message }) => `${field} ${message}`).join('; '), named);
}
