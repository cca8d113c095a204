/** Wire shapes of what everybody can look up: strategies, exchanges, instruments, prices, and the state of the server. */
import { z } from 'zod';
import type { StrategyDescription } from '#app/bots/strategies.ts';
import type { Instrument, PerpetualTerms } from '#core/instrument.ts';
import type { RuleName } from '#core/strategy.ts';
import type { Quote, Venue } from '#core/venue-ports.ts';
import type { Language } from '../language.ts';
import { wireType } from './orders.ts';
import { decimalOutput, isoTime, pageOf, timeOutput } from './shared-pieces.ts';

/** The kinds of automatic actions as the wire names them. */
const RULES: Readonly<Record<RuleName, string>> = {
  opposite: 'on_filled',
  placeAgain: 'on_cancelled_by_exchange',
  cancelRest: 'on_partially_filled',
  takeProfit: 'take_profit',
  stopLoss: 'stop_loss',
};

export const StrategyItem = z
  .object({
    name: z.string().describe('Its name; give it as `strategy` when creating a bot.'),
    version: z.int().describe('Raised when its behaviour changes.'),
    title: z.string().describe('Its name for people.'),
    summary: z.string().describe('What it does.'),
    actions: z
      .array(z.enum(Object.values(RULES) as [string, ...string[]]))
      .describe('Which automatic actions may follow its orders; give them as `actions` when creating a bot.'),
    commands: z
      .array(
        z.object({
          name: z.string().describe('Its name; give it as `name` to `POST /bots/{id}/commands`.'),
          title: z.string().describe('Its name for people.'),
          help: z.string().describe('What it does.'),
          params_schema: z.record(z.string(), z.unknown()).describe('JSON Schema of its parameters.'),
        }),
      )
      .describe('What you may tell a running bot of this strategy to do.'),
    config_schema: z.record(z.string(), z.unknown()).describe('JSON Schema of its settings, from which a form can be made.'),
  })
  .meta({
    id: 'Strategy',
    description: 'A strategy and its settings.',
    examples: [
      {
        name: 'grid',
        version: 1,
        title: 'Grid',
        summary: 'Buys low and sells high between two prices.',
        actions: ['on_cancelled_by_exchange'],
        commands: [],
        config_schema: { type: 'object', properties: {} },
      },
    ],
  });
export const StrategyPage = pageOf('StrategyPage', StrategyItem, 'The strategies of this installation.');

export const Exchange = z
  .object({
    id: z.string().describe('Its id; give it as `exchange` when adding an account.'),
    title: z.string().describe('Its name for people.'),
    credentials: z.array(z.enum(['api_key', 'api_secret', 'passphrase'])).describe('Which keys an account needs.'),
    markets: z.array(z.enum(['spot', 'perpetual'])).describe('Kinds of instruments that can be traded.'),
    order_types: z.array(z.enum(['limit', 'market', 'stop_limit', 'stop_market'])).describe('Kinds of order it takes.'),
    time_in_force: z.array(z.enum(['gtc', 'ioc', 'fok'])).describe('Lifetimes of orders it takes.'),
    has_post_only: z.boolean().describe('Whether orders can be kept from trading at once.'),
    has_private_stream: z.boolean().describe('Whether it pushes executions.'),
    notice: z.string().nullable().describe('What you must know of its market data, such as that it is a demonstration market; `null` when it is the real one.'),
  })
  .meta({
    id: 'Exchange',
    description: 'An exchange and what it can do.',
    examples: [
      {
        id: 'paper',
        title: 'Paper',
        credentials: [],
        markets: ['spot', 'perpetual'],
        order_types: ['limit', 'market'],
        time_in_force: ['gtc', 'ioc', 'fok'],
        has_post_only: true,
        has_private_stream: true,
        notice: 'Demonstration market: the prices are made up.',
      },
    ],
  });
export const ExchangePage = pageOf('ExchangePage', Exchange, 'The exchanges of this installation.');

export const InstrumentItem = z
  .object({
    symbol: z.string().describe('What is traded, such as `BTC/USDT`.'),
    exchange: z.string().describe('Where.'),
    base: z.string().describe('The coin that is traded.'),
    quote: z.string().describe('The coin it is traded for.'),
    kind: z.enum(['spot', 'perpetual']).describe('`perpetual`: a linear contract without an end; its quantities are in the base coin all the same.'),
    settle: z.string().describe('The coin of margin, profit and fees; of a spot instrument the quote.'),
    perpetual: z
      .object({
        contract_size: decimalOutput.describe('Base coin in one contract of the exchange.'),
        funding_interval_seconds: z.int().describe('Time between two funding settlements.'),
        max_leverage: z.number().describe('Highest leverage.'),
        maintenance_margin_rate: decimalOutput
          .nullable()
          .describe('Share of its value that a position needs as margin at least; `null` where the exchange does not say.'),
      })
      .nullable()
      .describe('What only a perpetual has; `null` of a spot instrument.'),
    price_increment: decimalOutput.describe('Prices are multiples of it.'),
    size_increment: decimalOutput.describe('Quantities are multiples of it.'),
    min_price: decimalOutput.describe('Lowest price.'),
    max_price: decimalOutput.nullable().describe('Highest price; `null` where there is no limit.'),
    min_quantity: decimalOutput.describe('Smallest quantity of an order.'),
    max_quantity: decimalOutput.nullable().describe('Largest quantity of an order; `null` where there is no limit.'),
    min_value: decimalOutput.describe('Smallest price times quantity of an order, in the quote coin.'),
    maker_fee_rate: decimalOutput.describe('Fee of an order that waited in the book, as a share: `0.001` is 0.1 %.'),
    taker_fee_rate: decimalOutput.describe('Fee of an order that traded at once, as a share.'),
    is_trading: z.boolean().describe('Whether it is open for trading.'),
  })
  .meta({
    id: 'Instrument',
    description: 'Something tradable at an exchange.',
    examples: [
      {
        symbol: 'BTC/USDT',
        exchange: 'paper',
        base: 'BTC',
        quote: 'USDT',
        kind: 'spot',
        settle: 'USDT',
        perpetual: null,
        price_increment: '0.01',
        size_increment: '0.00001',
        min_price: '0.01',
        max_price: '1000000',
        min_quantity: '0.00001',
        max_quantity: '9000',
        min_value: '5',
        maker_fee_rate: '0.001',
        taker_fee_rate: '0.001',
        is_trading: true,
      },
    ],
  });
export const InstrumentPage = pageOf('InstrumentPage', InstrumentItem, 'Instruments in the order of their symbols.');

export const Ticker = z
  .object({
    symbol: z.string().describe('What is traded.'),
    exchange: z.string().describe('Where.'),
    bid: decimalOutput.describe('Highest buyer.'),
    ask: decimalOutput.describe('Lowest seller.'),
    at: timeOutput.describe('When we received it.'),
    notice: z.string().nullable().describe('What you must know of these prices; `null` when they are those of the exchange.'),
  })
  .meta({
    id: 'Ticker',
    description: 'The price now.',
    examples: [{ symbol: 'BTC/USDT', exchange: 'paper', bid: '60000', ask: '60000.01', at: '2026-11-20T07:00:00.000Z', notice: null }],
  });

export function presentStrategy(strategy: StrategyDescription): z.output<typeof StrategyItem> {
  const { configSchema, rules, commands, ...rest } = strategy;
  return {
    ...rest,
    actions: rules.map((name) => RULES[name]),
    commands: commands.map(({ paramsSchema, ...command }) => ({ ...command, params_schema: paramsSchema })),
    config_schema: configSchema,
  };
}

const CREDENTIAL_NAMES = { apiKey: 'api_key', apiSecret: 'api_secret', passphrase: 'passphrase' } as const;

export function presentExchange(venue: Venue, language: Language): z.output<typeof Exchange> {
  const { capabilities } = venue;
  return {
    id: venue.id,
    title: venue.title,
    credentials: venue.credentials.map((name) => CREDENTIAL_NAMES[name]),
    markets: [...capabilities.markets],
    order_types: capabilities.orderTypes.map(wireType),
    time_in_force: [...capabilities.timeInForce],
    has_post_only: capabilities.postOnly,
    has_private_stream: capabilities.privateStream,
    notice: venue.market.notice()?.[language] ?? null,
  };
}

function presentTerms({ contractSize, fundingIntervalMs, maxLeverage, maintenanceMarginRate }: PerpetualTerms) {
  return {
    contract_size: contractSize,
    funding_interval_seconds: Math.round(fundingIntervalMs / 1_000),
    max_leverage: maxLeverage,
    maintenance_margin_rate: maintenanceMarginRate,
  };
}

export function presentInstrument(instrument: Instrument): z.output<typeof InstrumentItem> {
  return {
    symbol: instrument.symbol,
    exchange: instrument.venue,
    base: instrument.base,
    quote: instrument.quote,
    kind: instrument.kind,
    settle: instrument.settle,
    perpetual: instrument.perpetual === null ? null : presentTerms(instrument.perpetual),
    price_increment: instrument.priceIncrement,
    size_increment: instrument.sizeIncrement,
    min_price: instrument.minPrice,
    max_price: instrument.maxPrice,
    min_quantity: instrument.minSize,
    max_quantity: instrument.maxSize,
    min_value: instrument.minNotional,
    maker_fee_rate: instrument.makerFeeRate,
    taker_fee_rate: instrument.takerFeeRate,
    is_trading: instrument.status === 'trading',
  };
}

export function presentTicker(venue: Venue, quote: Quote, language: Language): z.output<typeof Ticker> {
  return { symbol: quote.symbol, exchange: venue.id, bid: quote.bid, ask: quote.ask, at: isoTime(quote.at), notice: venue.market.notice()?.[language] ?? null };
}
