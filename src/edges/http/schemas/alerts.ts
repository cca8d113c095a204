/** Wire shapes of alerts. */
import { z } from 'zod';
import type { AlertCondition } from '#core/alerts/alert.ts';
import { type AlertRecord, MAX_ALERTS } from '#core/alerts/alert-store.ts';
import { decimalInput, idInput, isoTime, pageOf, positiveDecimalInput, symbolInput, textInput, timeOutput } from './shared-pieces.ts';

const DAY_MINUTES = 1_440;
const MAX_COOLDOWN_MINUTES = 7 * DAY_MINUTES;
const DEFAULT_COOLDOWN_MINUTES = 15;
const MINUTE_MS = 60_000;

const exchange = z.string().min(1).max(40).describe('Id of the exchange.');
const symbol = symbolInput.describe('What is traded there, such as `BTC/USDT`.');
const direction = z.enum(['up', 'down', 'either']).default('either').describe('Which way it has to go.');
const asset = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9._-]{0,19}$/, 'must be a coin such as USDT')
  .describe('The coin.');
const botId = idInput.describe('One of your bots.');

const Condition = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('price_crosses'), exchange, symbol, price: positiveDecimalInput.describe('The price to come to or past.'), direction }),
    z.strictObject({
      kind: z.literal('price_moves'),
      exchange,
      symbol,
      percent: positiveDecimalInput.describe('How far it has to move, in per cent.'),
      window_minutes: z.int().min(1).max(DAY_MINUTES).describe('Within how many minutes, 1 to 1440.'),
      direction,
    }),
    z.strictObject({
      kind: z.literal('funding_beyond'),
      exchange,
      symbol: symbolInput.describe('A perpetual, such as `BTC/USDT:USDT`.'),
      percent: decimalInput.describe('The next funding, in per cent of the position.'),
      side: z.enum(['above', 'below']).default('above').describe('On which side of it.'),
    }),
    z.strictObject({
      kind: z.literal('balance_below'),
      account_id: idInput.describe('One of your exchange accounts.'),
      asset,
      amount: positiveDecimalInput.describe('Free and in orders together.'),
    }),
    z.strictObject({
      kind: z.literal('drawdown_above'),
      bot_id: botId,
      amount: positiveDecimalInput.describe('How far its profit is below its best, in quote.'),
    }),
    z.strictObject({ kind: z.literal('target_reached'), bot_id: botId, amount: positiveDecimalInput.describe('Its profit, in quote.') }),
  ])
  .describe('What to watch.');

const EXAMPLE_CONDITION = { kind: 'price_crosses', exchange: 'binance', symbol: 'BTC/USDT', price: '100000', direction: 'up' } as const;
const note = z.union([z.literal(''), textInput(100)]).describe('What you call it; told with it.');
const repeats = z.boolean().describe('Whether it goes on after it has spoken: again once the figure has clearly gone back. Otherwise it is switched off.');
const cooldown = z.int().min(1).max(MAX_COOLDOWN_MINUTES).describe('The least time between two tellings, in minutes.');

export const NewAlertBody = z
  .strictObject({ condition: Condition, note: note.default(''), repeats: repeats.default(false), cooldown_minutes: cooldown.default(DEFAULT_COOLDOWN_MINUTES) })
  .meta({
    id: 'NewAlert',
    description: `Something to be told of; ${MAX_ALERTS} of them at most.`,
    examples: [{ condition: EXAMPLE_CONDITION, note: 'six digits', repeats: false, cooldown_minutes: 15 }],
  });

export const AlertChangeBody = z
  .strictObject({
    condition: Condition.optional(),
    note: note.optional(),
    repeats: repeats.optional(),
    cooldown_minutes: cooldown.optional(),
    enabled: z.boolean().optional().describe('Whether it watches.'),
  })
  .meta({ id: 'AlertChange', description: 'What is to change; what is left out stays. It begins to watch anew.', examples: [{ enabled: true }] });

export const Alert = z
  .object({
    id: z.string().describe('Its id.'),
    condition: z.record(z.string(), z.union([z.string(), z.number()])).describe('What it watches, as it was given.'),
    note: z.string().describe('What you call it.'),
    repeats: z.boolean().describe('Whether it goes on after it has spoken.'),
    cooldown_minutes: z.int().describe('The least time between two tellings.'),
    enabled: z.boolean().describe('Whether it watches.'),
    times_triggered: z.int().describe('How often it has spoken.'),
    triggered_at: timeOutput.nullable().describe('When it spoke last.'),
    created_at: timeOutput.describe('When it was set.'),
  })
  .meta({
    id: 'Alert',
    description: 'Something to be told of.',
    examples: [
      {
        id: '0198c2f4-5b7e-7a60-9a3b-1c7b9d2e4f60',
        condition: EXAMPLE_CONDITION,
        note: 'six digits',
        repeats: false,
        cooldown_minutes: 15,
        enabled: true,
        times_triggered: 0,
        triggered_at: null,
        created_at: '2026-11-20T07:00:00.000Z',
      },
    ],
  });
export const AlertPage = pageOf('AlertPage', Alert, 'Alerts, the newest first.');

/** As the core has it. */
export function conditionOf(given: z.output<typeof Condition>): AlertCondition {
  switch (given.kind) {
    case 'price_moves': {
      const { window_minutes: windowMinutes, ...rest } = given;
      return { ...rest, windowMinutes };
    }
    case 'balance_below': {
      const { account_id: accountId, ...rest } = given;
      return { ...rest, accountId };
    }
    case 'drawdown_above':
    case 'target_reached':
      return { kind: given.kind, botId: given.bot_id, amount: given.amount };
    default:
      return given;
  }
}

export function alertInput({ condition, note: called, repeats: again, cooldown_minutes: minutes }: z.output<typeof NewAlertBody>) {
  return { condition: conditionOf(condition), note: called, repeats: again, cooldownMs: minutes * MINUTE_MS };
}

export function alertChange(given: z.output<typeof AlertChangeBody>) {
  return {
    ...(given.condition === undefined ? {} : { condition: conditionOf(given.condition) }),
    ...(given.note === undefined ? {} : { note: given.note }),
    ...(given.repeats === undefined ? {} : { repeats: given.repeats }),
    ...(given.cooldown_minutes === undefined ? {} : { cooldownMs: given.cooldown_minutes * MINUTE_MS }),
    ...(given.enabled === undefined ? {} : { isOn: given.enabled }),
  };
}

const NAMES: Readonly<Record<string, string>> = { windowMinutes: 'window_minutes', accountId: 'account_id', botId: 'bot_id' };

export function presentAlert(alert: AlertRecord): z.output<typeof Alert> {
  return {
    id: alert.id,
    condition: Object.fromEntries(Object.entries(alert.condition).map(([name, value]) => [NAMES[name] ?? name, value])),
    note: alert.note,
    repeats: alert.repeats,
    cooldown_minutes: alert.cooldownMs / MINUTE_MS,
    enabled: alert.isOn,
    times_triggered: alert.timesTriggered,
    triggered_at: alert.triggeredAt === null ? null : isoTime(alert.triggeredAt),
    created_at: isoTime(alert.createdAt),
  };
}
