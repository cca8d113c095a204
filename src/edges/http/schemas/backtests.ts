/** Wire shapes of backtests: what one is asked for by, how far it is, and its figures. */
import { z } from 'zod';
import { settingsOf } from '#app/backtest/backtest-settings.ts';
import { MAX_COMPARED } from '#app/backtest/compare.ts';
import type { NewBacktest as NewBacktestInput } from '#app/backtest/new-backtest.ts';
import { CANDLE_INTERVALS, type CandleInterval } from '#core/market-data.ts';
import type { BacktestRecord, DatasetRecord } from '#core/store/backtests.ts';
import { exchangeInput } from './accounts.ts';
import { Figures, presentFigures } from './backtest-figures.ts';
import { Models, venueModel } from './backtest-models.ts';
import { actionRules, NewActions, presentRules, Rules } from './order-actions.ts';
import { exampleOf, idInput, isoTime, isoTimeOrNull, pageOf, symbolInput, textInput, timeInput, timeOutput } from './shared-pieces.ts';

const INTERVALS = Object.keys(CANDLE_INTERVALS) as [CandleInterval, ...CandleInterval[]];
const STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
const GRID_CONFIG = { lower_price: '50000', upper_price: '70000', levels: 20, investment: '1000' };
const BACKTEST_ID = '0198f5a4-2c1c-7c33-9b1e-dddd1d2b3c4d';

export const NewBacktest = z
  .strictObject({
    name: textInput(80).default('Backtest').describe('Your own name for it.'),
    strategy: z.string().min(1).max(80).describe('Name of the strategy, such as `grid`; all are listed at `/strategies`.'),
    config: z.record(z.string(), z.unknown()).describe('Settings of the strategy; `/strategies` has the schema of each.'),
    exchange: exchangeInput.describe('Whose instrument it is, with its increments and fees, and whose candles unless `dataset_id` is given.'),
    symbol: symbolInput.describe('What to trade, such as `BTC/USDT`.'),
    interval: z.enum(INTERVALS).optional().describe('Length of the candles that are taken from the exchange.'),
    from: timeInput.optional().describe('When it begins. Candles before it are taken for warming up where the strategy wants them.'),
    to: timeInput.optional().describe('When it ends; the present where left out.'),
    dataset_id: idInput.optional().describe('A file of candles you have uploaded, in place of `interval`, `from` and `to`.'),
    leg_datasets: z
      .record(symbolInput, idInput)
      .optional()
      .describe('With `dataset_id`, for a strategy that trades several instruments: a file of candles for each of the others, by symbol.'),
    from_trades: z
      .boolean()
      .optional()
      .describe('Over every trade of the history on disk, of which candles of `interval` are made; nothing is assumed within them.'),
    actions: NewActions.optional().describe('What is to follow from each order of the strategy; which rules a strategy leaves to you, `/strategies` says.'),
    gaps: z
      .enum(['fill', 'skip', 'refuse'])
      .default('fill')
      .describe('Where candles are missing: `fill` with flat ones without volume, `skip` the time, or `refuse` to run.'),
    lots: z
      .enum(['fifo', 'lifo'])
      .default('fifo')
      .describe('Which purchase a sale closes in the list of trades: the oldest, or the newest, which is how a grid pairs them.'),
    models: Models.default({}).describe('How the exchange is assumed to behave.'),
  })
  .meta({
    id: 'NewBacktest',
    description: 'A backtest to be computed.',
    examples: [
      {
        name: 'Grid in autumn',
        strategy: 'grid',
        config: GRID_CONFIG,
        exchange: 'binance',
        symbol: 'BTC/USDT',
        interval: '5m',
        from: '2026-09-01T00:00:00Z',
        to: '2026-11-01T00:00:00Z',
        lots: 'lifo',
        models: { slippage: 0.0005 },
      },
    ],
  });

export const BacktestOfBot = z
  .strictObject({
    name: textInput(80).default('Live against backtest').describe('Your own name for it.'),
    models: Models.default({}).describe('How the exchange is assumed to behave; the fees are those of the run.'),
  })
  .meta({ id: 'BacktestOfBot', description: 'How a bot’s run is to be computed over again.', examples: [{ models: { latency_ms: 200 } }] });

export const BacktestItem = z
  .object({
    id: z.string().describe('Its id.'),
    name: z.string().describe('Your own name for it.'),
    state: z.enum(STATES).describe('`waiting` for a worker, `running`, `done`, `failed`, or `cancelled`.'),
    progress: z.number().describe('Share that is done, 0 to 1.'),
    strategy: z.string().describe('The strategy.'),
    strategy_version: z.int().describe('Its version then.'),
    exchange: z.string().describe('Whose instrument it ran on.'),
    symbol: z.string().describe('What it traded.'),
    dataset_id: z.string().nullable().describe('The file its candles came from; `null` where they came from the exchange.'),
    leg_datasets: z.record(z.string(), z.string()).nullable().describe('The files of the other instruments, by symbol; `null` where there are none.'),
    interval: z.string().nullable().describe('Length of its candles; `null` where a file tells.'),
    from_trades: z.boolean().describe('Whether it runs over trades.'),
    from: timeOutput.nullable().describe('When it begins; `null` where a file tells.'),
    to: timeOutput.nullable().describe('When it ends; `null` where a file tells.'),
    config: z.record(z.string(), z.unknown()).describe('Settings of the strategy, all of them.'),
    actions: Rules.nullable().describe('What follows from each order of the strategy.'),
    failure: z.string().describe('Why it failed; empty otherwise.'),
    figures: Figures.nullable().describe('Its figures; `null` before it is done.'),
    created_at: timeOutput.describe('When it was asked for.'),
    started_at: timeOutput.nullable().describe('When a worker took it up.'),
    ended_at: timeOutput.nullable().describe('When it was over.'),
  })
  .meta({
    id: 'Backtest',
    description: 'A backtest: what was asked for, how far it is, and its figures.',
    examples: [
      {
        id: BACKTEST_ID,
        name: 'Grid in autumn',
        state: 'running',
        progress: 0.4,
        strategy: 'grid',
        strategy_version: 1,
        exchange: 'binance',
        symbol: 'BTC/USDT',
        dataset_id: null,
        leg_datasets: null,
        interval: '5m',
        from_trades: false,
        from: '2026-09-01T00:00:00.000Z',
        to: '2026-11-01T00:00:00.000Z',
        config: GRID_CONFIG,
        actions: null,
        failure: '',
        figures: null,
        created_at: '2026-11-20T07:00:00.000Z',
        started_at: '2026-11-20T07:00:01.000Z',
        ended_at: null,
      },
    ],
  });
export const BacktestPage = pageOf('BacktestPage', BacktestItem, 'Backtests, newest first.');

export const Deployment = z
  .strictObject({
    name: textInput(80).describe('Your own name for the bot.'),
    account_id: idInput.describe('The exchange account to trade on.'),
    mode: z.enum(['paper', 'live']).default('paper').describe('`paper` trades play money; `live` trades real money at the exchange of the account.'),
  })
  .meta({
    id: 'Deployment',
    description: 'Where the tested settings are to trade.',
    examples: [{ name: 'Tested grid', account_id: '0198f5a3-1b1c-7c33-9b1e-aaaa1d2b3c4d', mode: 'paper' }],
  });

const Difference = z
  .object({
    setting: z.string().describe('Path of the setting, such as `config.levels`.'),
    values: z.array(z.union([z.string(), z.number(), z.boolean()]).nullable()).describe('One for each backtest, in their sequence; `null` where it has none.'),
  })
  .meta({ id: 'SettingDifference', description: 'A setting in which backtests differ.', examples: [{ setting: 'config.levels', values: [20, 40] }] });

export const Comparison = z
  .object({
    items: z.array(BacktestItem).describe('The backtests, in the sequence asked for.'),
    differences: z.array(Difference).describe('Settings in which they differ.'),
  })
  .meta({
    id: 'BacktestComparison',
    description: 'Several backtests side by side.',
    examples: [{ items: [exampleOf(BacktestItem)], differences: [{ setting: 'config.levels', values: [20, 40] }] }],
  });

export const CompareQuery = z.strictObject({
  ids: z
    .string()
    .max(MAX_COMPARED * 65)
    .transform((text) => text.split(','))
    .refine((ids) => ids.length >= 2 && ids.length <= MAX_COMPARED && new Set(ids).size === ids.length, {
      error: `must be 2 to ${MAX_COMPARED} different ids with commas between`,
    })
    .describe(`Ids of 2 to ${MAX_COMPARED} backtests, with commas between.`),
});

export const DatasetItem = z
  .object({
    id: z.string().describe('Its id, for `dataset_id`.'),
    name: z.string().describe('Your own name for it.'),
    candles: z.int().describe('How many candles it holds.'),
    interval_ms: z.number().describe('Length of one, in milliseconds.'),
    from: timeOutput.describe('When the first opened.'),
    to: timeOutput.describe('When the last closed.'),
    bytes: z.int().describe('Size of the file as it was given.'),
    created_at: timeOutput.describe('When it was uploaded.'),
  })
  .meta({
    id: 'Dataset',
    description: 'A file of candles of yours.',
    examples: [
      {
        id: '0198f5a4-2c1c-7c33-9b1e-eeee1d2b3c4d',
        name: 'WLD 3m',
        candles: 43_200,
        interval_ms: 180_000,
        from: '2026-01-01T00:00:00.000Z',
        to: '2026-04-01T00:00:00.000Z',
        bytes: 3_934_820,
        created_at: '2026-11-20T07:00:00.000Z',
      },
    ],
  });
export const DatasetPage = pageOf('DatasetPage', DatasetItem, 'Your files of candles, newest first.');

export function backtestInput(body: z.output<typeof NewBacktest>): NewBacktestInput {
  const { dataset_id: datasetId, leg_datasets: legDatasetIds, from_trades: fromTrades, actions, models, ...rest } = body;
  const { funding_history: fundingHistory } = models;
  return {
    ...rest,
    datasetId,
    legDatasetIds,
    fromTrades,
    fundingHistory,
    actions: actions === undefined ? undefined : actionRules(actions),
    makerFeeRate: models.maker_fee_rate,
    takerFeeRate: models.taker_fee_rate,
    venue: venueModel(models),
  };
}

export function presentBacktest(record: BacktestRecord): z.output<typeof BacktestItem> {
  const { id, name, state, progress, figures, failure } = record;
  const { strategy, strategyVersion, config, instrument, source, actions } = settingsOf(record);
  const isVenue = source.kind === 'venue';
  return {
    id,
    name,
    state,
    progress,
    strategy,
    strategy_version: strategyVersion,
    exchange: source.exchange,
    symbol: instrument.symbol,
    dataset_id: isVenue ? null : source.datasetId,
    leg_datasets: isVenue || source.legDatasetIds === undefined ? null : { ...source.legDatasetIds },
    interval: isVenue ? source.interval : null,
    from_trades: isVenue && source.over === 'trades',
    from: isVenue ? isoTime(source.from) : null,
    to: isVenue ? isoTime(source.to) : null,
    config: config as Record<string, unknown>,
    actions: actions === undefined ? null : presentRules(actions),
    failure,
    figures: figures === null ? null : presentFigures(figures),
    created_at: isoTime(record.createdAt),
    started_at: isoTimeOrNull(record.startedAt),
    ended_at: isoTimeOrNull(record.endedAt),
  };
}

export function presentDataset({ id, name, candles, intervalMs, startAt, endAt, bytes, createdAt }: DatasetRecord): z.output<typeof DatasetItem> {
  return { id, name, candles, interval_ms: intervalMs, from: isoTime(startAt), to: isoTime(endAt), bytes, created_at: isoTime(createdAt) };
}
