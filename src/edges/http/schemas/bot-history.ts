/** Wire shapes of what a bot has done: figures, events, equity and tape. */
import { z } from 'zod';
import type { BotStats } from '#app/bots/bot-stats.ts';
import { visibleStatus } from '#app/bots/bot-status.ts';
import type { FactRecord } from '#core/facts.ts';
import type { BotRecord } from '#core/store/bots.ts';
import { decimalOutput, isoTime, isoTimeOrNull, pageOf, timeOutput } from './shared-pieces.ts';

export const AssetAmount = z
  .object({ asset: z.string().describe('The coin.'), amount: decimalOutput.describe('How much of it.') })
  .meta({ id: 'AssetAmount', description: 'An amount of one coin.', examples: [{ asset: 'USDT', amount: '0.42' }] });

export const LegStats = z
  .object({
    name: z.string().describe("The strategy's word for it, such as `perpetual`."),
    symbol: z.string().describe('The instrument.'),
    base_asset: z.string().describe('The coin that is traded.'),
    budget: decimalOutput.describe('Quote or margin that it was given.'),
    last_price: decimalOutput.nullable().describe('Middle of the last bid and ask the run has seen.'),
    base_held: decimalOutput.describe('How much is held; negative for a short.'),
    average_cost: decimalOutput.nullable().describe('What a coin of these has cost, or was sold short for, on average; `null` when none is held.'),
    realised_profit: decimalOutput.describe('Profit of what was closed, after fees and with funding.'),
    floating_profit: decimalOutput.describe('Profit of what is still held.'),
    total_profit: decimalOutput.describe('Both together.'),
    fees_total: decimalOutput.describe('All fees at their value in quote.'),
    funding_total: decimalOutput.nullable().describe('Funding received less paid; `null` of a spot instrument.'),
    leverage: z.number().nullable().describe('`null` of a spot instrument.'),
    liquidation_price: decimalOutput.nullable().describe('Estimate of where the exchange would close the position; `null` while there is none.'),
    open_orders: z.int().describe('Orders that are not over.'),
    closed_reason: z.string().nullable().describe('Why it cannot be traded at present, so that the bot opens nothing in any instrument; `null` while it can.'),
  })
  .meta({
    id: 'LegStats',
    description: 'How one instrument of a bot over several does.',
    examples: [
      {
        name: 'perpetual',
        symbol: 'BTC/USDT:USDT',
        base_asset: 'BTC',
        budget: '1080',
        last_price: '62001.5',
        base_held: '-0.032',
        average_cost: '62410',
        realised_profit: '-0.99',
        floating_profit: '13.07',
        total_profit: '12.08',
        fees_total: '0.99',
        funding_total: '0.2',
        leverage: 2,
        liquidation_price: '93150.7',
        open_orders: 0,
        closed_reason: null,
      },
    ],
  });

export const Stats = z
  .object({
    bot_id: z.string().describe('The bot.'),
    status: z.enum(['stopped', 'starting', 'running', 'pausing', 'paused', 'stopping', 'error']).describe('Where it stands.'),
    run_id: z.string().nullable().describe('The run the figures are of: the present or the last; `null` before the first.'),
    started_at: timeOutput.nullable().describe('When that run began.'),
    ended_at: timeOutput.nullable().describe('When it ended; `null` while it lasts.'),
    uptime_seconds: z.int().describe('How long the run has lasted, in seconds.'),
    base_asset: z.string().nullable().describe('The coin that is traded.'),
    quote_asset: z.string().nullable().describe('The coin it is traded for; all profits are in it.'),
    last_price: decimalOutput.nullable().describe('Middle of the last bid and ask the run has seen.'),
    base_held: decimalOutput.describe('How much of the traded coin it holds; negative for a short position in a perpetual.'),
    average_cost: decimalOutput.nullable().describe('What a coin of these has cost on average, fees included; `null` when it holds none.'),
    realised_profit: decimalOutput.describe('Profit of what was sold against its average cost, after fees.'),
    floating_profit: decimalOutput.describe('Profit of what is still held at the price of the highest buyer.'),
    total_profit: decimalOutput.describe('Both together.'),
    total_profit_rate: decimalOutput.nullable().describe('Total profit as a share of what the run was given: `0.01` is one per cent.'),
    hold_profit: decimalOutput.nullable().describe('What the same capital would have earned as coins bought at the first price and held.'),
    profit_over_hold: decimalOutput.nullable().describe('Total profit minus that.'),
    fees_total: decimalOutput.describe('All fees at their value in `quote_asset`.'),
    funding_total: decimalOutput.nullable().describe('Funding received less paid, part of the realised profit; `null` of a spot instrument.'),
    leverage: z.number().nullable().describe('How many times its margin the position may be worth; `null` of a spot instrument.'),
    liquidation_price: decimalOutput
      .nullable()
      .describe('Estimate of where the exchange would close the position for want of margin; `null` while there is none, and of a spot instrument.'),
    fees: z.array(AssetAmount).describe('Fees by the coin they were paid in.'),
    fill_count: z.int().describe('Executions so far.'),
    bought_quantity: decimalOutput.describe('How much was bought.'),
    bought_value: decimalOutput.describe('What that has cost, without fees.'),
    sold_quantity: decimalOutput.describe('How much was sold.'),
    sold_value: decimalOutput.describe('What that has brought, without fees.'),
    open_orders: z.int().describe('Orders that are not over.'),
    figures: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .describe('What the strategy itself counts, such as the profit of completed grids.'),
    legs: z
      .array(LegStats)
      .describe(
        "Each instrument of a bot that trades several: profits, fees, funding and orders above are their sums, the rest is the first one's. Empty where there is one.",
      ),
  })
  .meta({
    id: 'BotStats',
    description: 'How a bot does, after fees. Amounts are in `quote_asset` unless said otherwise.',
    examples: [
      {
        bot_id: '0198f5a4-2c1c-7c33-9b1e-bbbb1d2b3c4d',
        status: 'running',
        run_id: '0198f5a5-3d1c-7c33-9b1e-cccc1d2b3c4d',
        started_at: '2026-11-20T07:00:00.000Z',
        ended_at: null,
        uptime_seconds: 3600,
        base_asset: 'BTC',
        quote_asset: 'USDT',
        last_price: '60000.005',
        base_held: '0.00813',
        average_cost: '59871.2',
        realised_profit: '3.21',
        floating_profit: '1.04',
        total_profit: '4.25',
        total_profit_rate: '0.00425',
        hold_profit: '2.5',
        profit_over_hold: '1.75',
        fees_total: '0.42',
        funding_total: null,
        leverage: null,
        liquidation_price: null,
        fees: [{ asset: 'USDT', amount: '0.42' }],
        fill_count: 14,
        bought_quantity: '0.0102',
        bought_value: '610.1',
        sold_quantity: '0.0021',
        sold_value: '127.3',
        open_orders: 19,
        figures: { grid_profit: '3.21' },
        legs: [],
      },
    ],
  });

export const BotEvent = z
  .object({
    id: z.string().describe('Id of the event.'),
    type: z.string().describe('What happened, such as `bot_started` or `order_filled`.'),
    at: timeOutput.describe('When it happened.'),
    data: z.record(z.string(), z.unknown()).describe('The figures of the event.'),
  })
  .meta({
    id: 'BotEvent',
    description: 'Something that happened to a bot.',
    examples: [{ id: '17', type: 'bot_started', at: '2026-11-20T07:00:00.000Z', data: {} }],
  });
export const BotEventPage = pageOf('BotEventPage', BotEvent, 'Events of a bot, newest first.');

export const EquityItem = z
  .object({
    at: timeOutput.describe('When it was measured.'),
    profit: decimalOutput.describe('Total profit of the run at that moment, in the quote coin.'),
    price: decimalOutput.describe('Price of the coin at that moment.'),
  })
  .meta({ id: 'EquityPoint', description: 'Profit at one moment.', examples: [{ at: '2026-11-20T07:01:00.000Z', profit: '4.25', price: '60000' }] });
export const Equity = pageOf(
  'Equity',
  EquityItem,
  'Profit of the present or last run over time, oldest first: the newest points when there are more than `limit`.',
);

export const TapeEntry = z
  .object({
    sequence: z.int().describe('Number of the event in its run, from 1.'),
    at: timeOutput.describe('When it was put on the tape.'),
    event: z.record(z.string(), z.unknown()).describe('The event as the bot saw it; prices are in ticks, sizes in lots.'),
    commands: z.array(z.record(z.string(), z.unknown())).describe('What the bot wanted because of it.'),
  })
  .meta({
    id: 'TapeEntry',
    description: 'One event of a run and the commands it led to.',
    examples: [
      { sequence: 1, at: '2026-11-20T07:00:00.000Z', event: { type: 'quoteChanged', at: 1795158000000, bidTicks: 6000000, askTicks: 6000001 }, commands: [] },
    ],
  });

export const Tape = z
  .object({
    run_id: z.string().nullable().describe('The run the tape is of; `null` before the first.'),
    price_increment: decimalOutput.nullable().describe('One tick: multiply ticks by it to get a price.'),
    size_increment: decimalOutput.nullable().describe('One lot: multiply lots by it to get a size.'),
    items: z.array(TapeEntry).describe('Entries, oldest first.'),
    next_cursor: z.string().nullable().describe('Give it as `cursor` to go on; `null` at the end so far.'),
  })
  .meta({
    id: 'Tape',
    description: 'The recorded inbox of the present or last run: replayed, it gives the same commands.',
    examples: [{ run_id: null, price_increment: null, size_increment: null, items: [], next_cursor: null }],
  });

export function presentStats(bot: BotRecord, stats: BotStats): z.output<typeof Stats> {
  return {
    bot_id: bot.id,
    status: visibleStatus(bot),
    run_id: stats.runId,
    started_at: isoTimeOrNull(stats.startedAt),
    ended_at: isoTimeOrNull(stats.endedAt),
    uptime_seconds: Math.floor(stats.uptimeMs / 1000),
    base_asset: stats.baseAsset,
    quote_asset: stats.quoteAsset,
    last_price: stats.lastPrice,
    base_held: stats.baseHeld,
    average_cost: stats.averageCost,
    realised_profit: stats.realisedProfit,
    floating_profit: stats.floatingProfit,
    total_profit: stats.totalProfit,
    total_profit_rate: stats.totalProfitRate,
    hold_profit: stats.holdProfit,
    profit_over_hold: stats.profitOverHold,
    fees_total: stats.feesInQuote,
    funding_total: stats.funding,
    leverage: stats.leverage,
    liquidation_price: stats.liquidationPrice,
    fees: [...stats.fees],
    fill_count: stats.fillCount,
    bought_quantity: stats.boughtSize,
    bought_value: stats.boughtQuote,
    sold_quantity: stats.soldSize,
    sold_value: stats.soldQuote,
    open_orders: stats.openOrderCount,
    figures: { ...stats.figures },
    legs: stats.legs.map(presentLeg),
  };
}

function presentLeg(leg: BotStats['legs'][number]): z.output<typeof LegStats> {
  return {
    name: leg.name,
    symbol: leg.symbol,
    base_asset: leg.baseAsset,
    budget: leg.budget,
    last_price: leg.lastPrice,
    base_held: leg.baseHeld,
    average_cost: leg.averageCost,
    realised_profit: leg.realisedProfit,
    floating_profit: leg.floatingProfit,
    total_profit: leg.totalProfit,
    fees_total: leg.feesInQuote,
    funding_total: leg.funding,
    leverage: leg.leverage,
    liquidation_price: leg.liquidationPrice,
    open_orders: leg.openOrderCount,
    closed_reason: leg.closedReason,
  };
}

export function presentEvent(fact: FactRecord): z.output<typeof BotEvent> {
  return { id: fact.id, type: fact.type, at: isoTime(fact.at), data: fact.data };
}
