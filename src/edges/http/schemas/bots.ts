/** Wire shapes of bots: what makes one, how it stands, and what it would do. */
import { z } from 'zod';
import type { BotPlan } from '#app/bots/bot-planning.ts';
import { splitConfig } from '#app/bots/bot-rules.ts';
import { visibleStatus } from '#app/bots/bot-status.ts';
import type { BotConfig, BotRecord } from '#core/store/bots.ts';
import { exchangeInput, keyFields } from './accounts.ts';
import { NewActions, presentRules, Rules } from './order-actions.ts';
import { Holder } from './runners.ts';
import { decimalOutput, exampleOf, idInput, isoTime, pageOf, symbolInput, textInput, timeOutput } from './shared-pieces.ts';

const GRID_CONFIG = { lower_price: '50000', upper_price: '70000', levels: 20, spacing: 'arithmetic', investment: '1000' };
const ACCOUNT_ID = '0198f5a3-1b1c-7c33-9b1e-aaaa1d2b3c4d';

const configInput = z.record(z.string(), z.unknown()).describe('Settings of the strategy; `/strategies` has the schema of each.');
const STATUSES = ['stopped', 'starting', 'running', 'pausing', 'paused', 'stopping', 'error'] as const;

const sketchFields = {
  strategy: z.string().min(1).max(80).describe('Name of the strategy, such as `grid`; all are listed at `/strategies`.'),
  symbol: symbolInput.describe('What to trade, such as `BTC/USDT`.'),
  mode: z
    .enum(['paper', 'live'])
    .default('paper')
    .describe('`paper` trades play money at the paper venue, whatever exchange the account is at; `live` trades real money at the exchange of the account.'),
  config: configInput,
  actions: NewActions.optional().describe('What is to follow from each order of its strategy; which rules a strategy leaves to you, `/strategies` says.'),
  account_id: idInput.optional().describe('The exchange account to trade on. Give this, or `exchange` with its keys.'),
  exchange: exchangeInput.optional(),
};

export const BotSketch = z.strictObject(sketchFields).meta({
  id: 'BotSketch',
  description: 'A bot that is only being thought of.',
  examples: [{ strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', exchange: 'paper', config: GRID_CONFIG }],
});

export const NewBot = z.strictObject({ name: textInput(80).describe('Your own name for the bot.'), ...sketchFields, ...keyFields }).meta({
  id: 'NewBot',
  description: 'A bot to be created, on an account you have (`account_id`) or with `exchange` and keys, from which an account is made in the same step.',
  examples: [{ name: 'Calm grid', strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', account_id: ACCOUNT_ID, config: GRID_CONFIG }],
});

export const BotChange = z
  .strictObject({
    name: textInput(80).optional().describe('A new name.'),
    config: configInput.optional().describe('New settings, whole; they become the next version.'),
    actions: NewActions.nullable().optional().describe('New rules, whole, or `null` for none; they too become the next version.'),
    config_version: z
      .int()
      .min(1)
      .optional()
      .describe(
        'Instead of `config` and `actions`: go back to the settings and rules of this version, which become the next one; `/bots/{id}/versions` lists them.',
      ),
  })
  .refine(({ config, actions, config_version: version }) => version === undefined || (config === undefined && actions === undefined), {
    path: ['config_version'],
    message: 'cannot be given together with config or actions; leave one of them out',
  })
  .meta({ id: 'BotChange', description: 'What is to change in a bot that is stopped or in error.', examples: [{ config: { ...GRID_CONFIG, levels: 30 } }] });

export const BotVersion = z
  .object({
    version: z.int().describe('Its number; the highest is in force.'),
    config: z.record(z.string(), z.unknown()).describe('Settings of the strategy.'),
    actions: Rules.nullable().describe('Rules that follow its orders; `null` for none.'),
    created_at: timeOutput.describe('When it came into force.'),
  })
  .meta({
    id: 'BotVersion',
    description: 'The settings of a bot as they stood at one time.',
    examples: [{ version: 2, config: { ...GRID_CONFIG, levels: 30 }, actions: null, created_at: '2026-11-20T07:30:00.000Z' }],
  });

export const BotVersionPage = pageOf('BotVersionPage', BotVersion, "Versions of a bot's settings, newest first.");

export const NewCommand = z
  .strictObject({
    name: z.string().min(1).max(80).describe('Name of the command; `/strategies` lists those of each strategy.'),
    params: z.record(z.string(), z.unknown()).default({}).describe('Its parameters, as `/strategies` describes them.'),
  })
  .meta({
    id: 'NewCommand',
    description: 'What a running bot is told to do.',
    examples: [{ name: 'add_funds', params: { amount: '50' } }],
  });

export const GivenCommand = z
  .object({
    id: z.string().describe('Id of the command; it stands with its event on the tape of the run.'),
    name: z.string().describe('Name of the command.'),
    params: z.record(z.string(), z.unknown()).describe('Its parameters as they were understood.'),
  })
  .meta({
    id: 'GivenCommand',
    description: 'A command that is kept for the bot.',
    examples: [{ id: '0198f5a4-2c1c-7c33-9b1e-cccc1d2b3c4d', name: 'add_funds', params: { amount: '50' } }],
  });

export const CommandPreview = z
  .object({
    name: z.string().describe('Name of the command.'),
    params: z.record(z.string(), z.unknown()).describe('Its parameters as they were understood.'),
    preview: z.record(z.string(), z.unknown()).describe('What it would do at the price the bot saw last, as its strategy tells it; amounts are decimals.'),
  })
  .meta({
    id: 'CommandPreview',
    description: 'What a command would do. Nothing has been done.',
    examples: [
      {
        name: 'change_grid',
        params: { lower_price: '58000', upper_price: '64000', levels: 7 },
        preview: {
          kept: [{ side: 'buy', price: '59000', size: '0.01' }],
          cancelled: [],
          placed: [{ side: 'sell', price: '64000', size: '0.01' }],
          trade: null,
        },
      },
    ],
  });

const Need = z
  .object({ asset: z.string().describe('The coin.'), amount: decimalOutput.describe('How much of it the bot claims of the account.') })
  .meta({ id: 'Need', description: 'What a bot claims of one coin.', examples: [{ asset: 'USDT', amount: '1000' }] });

export const Preview = z
  .object({
    symbol: z.string().describe('What would be traded.'),
    exchange: z.string().describe('The venue it would be traded at.'),
    bid: decimalOutput.describe('Highest buyer now.'),
    ask: decimalOutput.describe('Lowest seller now.'),
    needs: z.array(Need).describe('What the bot claims of the account when it starts.'),
    figures: z.record(z.string(), z.unknown()).describe("The strategy's own figures, such as the levels of a grid and its profit per grid after fees."),
  })
  .meta({
    id: 'BotPreview',
    description: 'What a bot would need and do at the present price, before anything is placed.',
    examples: [
      {
        symbol: 'BTC/USDT',
        exchange: 'paper',
        bid: '60000',
        ask: '60000.01',
        needs: [{ asset: 'USDT', amount: '1000' }],
        figures: { profit_per_grid_percent_min: '1.2' },
      },
    ],
  });

export const PreviewAnswer = z
  .object({
    config: z.record(z.string(), z.unknown()).describe('The settings as they would be stored, with defaults filled in.'),
    preview: Preview.nullable().describe('`null` when the venue does not answer; the settings were checked as far as they stand alone.'),
  })
  .meta({ id: 'PreviewAnswer', description: 'The checked settings and what they lead to.', examples: [{ config: GRID_CONFIG, preview: null }] });

const botFields = {
  id: z.string().describe('Id of the bot.'),
  name: z.string().describe('Your own name for it.'),
  account_id: z.string().describe('The exchange account it trades on.'),
  strategy: z.string().describe('Name of its strategy.'),
  symbol: z.string().describe('What it trades.'),
  mode: z.enum(['paper', 'live']).describe('Play money or real money.'),
  config: z.record(z.string(), z.unknown()).describe('Settings of the strategy.'),
  actions: Rules.nullable().describe('What follows from each order of its strategy.'),
  config_version: z.int().describe('Raised by one with every change of the settings.'),
  status: z.enum(STATUSES).describe('Where it stands.'),
  status_reason: z.string().describe('Why it stands there, in words; empty when there is nothing to say.'),
  warning: z
    .enum(['in_sample', 'out_of_sample_loss'])
    .nullable()
    .describe(
      'Of settings that an optimisation has found: `in_sample` when they were judged only by the history they were chosen on, `out_of_sample_loss` when they earned nothing on other history. Gone with new settings.',
    ),
  run_id: z.string().nullable().describe('Its present or last run; `null` before the first.'),
  created_at: timeOutput.describe('When it was created.'),
  updated_at: timeOutput.describe('When it last changed.'),
};

const BOT_EXAMPLE = {
  id: '0198f5a4-2c1c-7c33-9b1e-bbbb1d2b3c4d',
  name: 'Calm grid',
  account_id: ACCOUNT_ID,
  strategy: 'grid',
  symbol: 'BTC/USDT',
  mode: 'paper',
  config: GRID_CONFIG,
  actions: null,
  config_version: 1,
  status: 'stopped',
  status_reason: '',
  warning: null,
  run_id: null,
  created_at: '2026-11-20T07:00:00.000Z',
  updated_at: '2026-11-20T07:00:00.000Z',
};

export const Bot = z.object(botFields).meta({ id: 'Bot', description: 'A bot and where it stands.', examples: [BOT_EXAMPLE] });
export const BotPage = pageOf('BotPage', Bot, 'Bots, newest first.');

export const BotDetail = z.object({ ...botFields, runner: Holder.nullable().describe('The process that runs it now; `null` when none does.') }).meta({
  id: 'BotDetail',
  description: 'A bot, where it stands, and which process runs it.',
  examples: [{ ...BOT_EXAMPLE, status: 'running', runner: exampleOf(Holder) }],
});

export const CreatedBot = z
  .object({ ...botFields, preview: Preview.nullable().describe('What it will need and do at the present price; `null` when the venue does not answer.') })
  .meta({ id: 'CreatedBot', description: 'The new bot, with what it will do.', examples: [{ ...BOT_EXAMPLE, preview: null }] });

export function presentBot(bot: BotRecord): z.output<typeof Bot> {
  const { settings, rules } = splitConfig(bot.config);
  return {
    id: bot.id,
    name: bot.name,
    account_id: bot.accountId,
    strategy: bot.strategy,
    symbol: bot.symbol,
    mode: bot.mode,
    config: settings,
    actions: rules === null ? null : presentRules(rules),
    config_version: bot.configVersion,
    status: visibleStatus(bot),
    status_reason: bot.statusReason,
    warning: bot.warning ?? null,
    run_id: bot.runId,
    created_at: isoTime(bot.createdAt),
    updated_at: isoTime(bot.updatedAt),
  };
}

export function presentVersion({ version, config, createdAt }: BotConfig): z.output<typeof BotVersion> {
  const { settings, rules } = splitConfig(config);
  return { version, config: settings, actions: rules === null ? null : presentRules(rules), created_at: isoTime(createdAt) };
}

export function presentPreview(plan: BotPlan): z.output<typeof Preview> | null {
  if (plan.forecast === null) return null;
  const { instrument, quote, needs, preview } = plan.forecast;
  return { symbol: instrument.symbol, exchange: instrument.venue, bid: quote.bid, ask: quote.ask, needs: [...needs], figures: preview };
}
