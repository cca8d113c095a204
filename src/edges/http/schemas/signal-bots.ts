/** Wire shapes of bots that are made out of a signal. */
import { z } from 'zod';
import { splitConfig } from '#app/bots/bot-rules.ts';
import type { SignalBotPlan } from '#app/signal-bots/signal-bots.ts';
import { Preview, presentPreview } from './bots.ts';
import { idInput, textInput } from './shared-pieces.ts';

const ACCOUNT_ID = '0198f5a3-1b1c-7c33-9b1e-aaaa1d2b3c4d';
const CONFIG = { investment: '200', entry_percent: '1.2', exit_percent: '0', rounds: 1, start_signal: 'mexc-spot-futures', start_signal_min_percent: '0.3' };

const fields = {
  account_id: idInput.describe('The exchange account to trade on; in mode `live` one at the exchange of the signal.'),
  mode: z
    .enum(['paper', 'live'])
    .default('paper')
    .describe('`paper` trades play money at the paper venue; `live` trades real money at the exchange of the account.'),
  config: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Settings of `spot_futures_arbitrage` that are to be others than the signal suggests, such as `investment`.'),
};

export const SignalBotSketch = z.strictObject(fields).meta({
  id: 'SignalBotSketch',
  description: 'A bot out of a signal that is only being thought of.',
  examples: [{ account_id: ACCOUNT_ID, mode: 'paper', config: { investment: '200' } }],
});

export const NewSignalBot = z.strictObject({ name: textInput(80).describe('Your own name for the bot.'), ...fields }).meta({
  id: 'NewSignalBot',
  description: 'A bot to be created out of a signal.',
  examples: [{ name: 'ABC spread', account_id: ACCOUNT_ID, mode: 'paper', config: { investment: '200' } }],
});

export const SignalBotPreview = z
  .object({
    strategy: z.string().describe('The strategy that would trade it.'),
    symbol: z.string().describe('What it would trade.'),
    mode: z.enum(['paper', 'live']).describe('Play money or real money.'),
    config: z.record(z.string(), z.unknown()).describe('The settings as they would be stored: what the signal suggests, your own, and defaults.'),
    preview: Preview.nullable().describe('`null` when the venue does not answer; the settings were checked as far as they stand alone.'),
  })
  .meta({
    id: 'SignalBotPreview',
    description: 'What a bot out of a signal would be.',
    examples: [{ strategy: 'spot_futures_arbitrage', symbol: 'ABC/USDT', mode: 'paper', config: CONFIG, preview: null }],
  });

export function presentSignalBot({ sketch, plan }: SignalBotPlan): z.input<typeof SignalBotPreview> {
  const { strategy, symbol, mode } = sketch;
  return { strategy, symbol, mode, config: { ...splitConfig(plan.config).settings }, preview: presentPreview(plan) };
}
