/** Wire shapes of the addresses at which other programs tell bots what to do. */
import { z } from 'zod';
import { type HookAnswer, MAX_AGE_LIMIT_SECONDS } from '#app/hooks/hook-intake.ts';
import { DEFAULT_MAX_AGE_SECONDS } from '#app/hooks/hooks.ts';
import type { HookRecord } from '#core/hooks/hook-store.ts';
import { API_PREFIX } from '../route.ts';
import { isoTime, timeOutput } from './shared-pieces.ts';

const MIN_AGE_SECONDS = 5;
const maxAge = z
  .int()
  .min(MIN_AGE_SECONDS)
  .max(MAX_AGE_LIMIT_SECONDS)
  .nullable()
  .describe(
    `How old a message may be, in seconds, ${MIN_AGE_SECONDS} to ${MAX_AGE_LIMIT_SECONDS}; \`null\` where messages need not say when they were written.`,
  );
const tradingViewOnly = z
  .boolean()
  .describe("Whether to take messages from TradingView's own addresses only. Not behind a proxy: there every message seems to come from it.");

export const NewHookBody = z
  .strictObject({ max_age_seconds: maxAge.default(DEFAULT_MAX_AGE_SECONDS), trading_view_only: tradingViewOnly.default(false) })
  .meta({ id: 'NewHook', description: 'How strict the new address is.', examples: [{ max_age_seconds: 60, trading_view_only: false }] });

export const HookChange = z
  .strictObject({
    enabled: z.boolean().optional().describe('Whether it takes messages.'),
    max_age_seconds: maxAge.optional(),
    trading_view_only: tradingViewOnly.optional(),
  })
  .meta({ id: 'HookChange', description: 'What is to change; what is left out stays.', examples: [{ enabled: false }] });

const hookShape = {
  bot_id: z.string().describe('The bot.'),
  path: z.string().describe('Where messages go; the secret, or a signature made with it, comes beside it.'),
  enabled: z.boolean().describe('Whether it takes messages.'),
  max_age_seconds: z.int().nullable().describe('How old a message may be.'),
  trading_view_only: z.boolean().describe("Whether it takes messages from TradingView's addresses only."),
  created_at: timeOutput.describe('When the first address was made.'),
  changed_at: timeOutput.describe('When it was changed last.'),
  last_at: timeOutput.nullable().describe('When a message with the right secret came last.'),
  last_outcome: z.string().nullable().describe('What became of it.'),
};
const EXAMPLE = {
  bot_id: '0198c2f4-5b7e-7a60-9a3b-1c7b9d2e4f60',
  path: '/api/v1/hooks/q3Zb0cV9mJtYwXkL',
  enabled: true,
  max_age_seconds: 60,
  trading_view_only: false,
  created_at: '2026-11-20T07:00:00.000Z',
  changed_at: '2026-11-20T07:00:00.000Z',
  last_at: null,
  last_outcome: null,
};

export const Hook = z.object(hookShape).meta({ id: 'Hook', description: 'The address of a bot for other programs.', examples: [EXAMPLE] });
export const IssuedHook = z
  .object({
    ...hookShape,
    secret: z.string().describe('Shown here and never again.'),
    secret_path: z.string().describe('The address with the secret in it, for senders that can do no more than send.'),
  })
  .meta({
    id: 'IssuedHook',
    description: 'A new address with its secret.',
    examples: [{ ...EXAMPLE, secret: 'n0t-a-real-secret-0123456789abcd', secret_path: `${EXAMPLE.path}/n0t-a-real-secret-0123456789abcd` }],
  });

export const HookReply = z
  .object({
    status: z.enum(['accepted', 'duplicate']).describe('`duplicate`: this very message has come before, and nothing was done.'),
    action: z.string().describe('What the message asked for.'),
    command: z.string().nullable().describe('The command that the bot was given, if it was one.'),
  })
  .meta({ id: 'HookReply', description: 'What became of a message.', examples: [{ status: 'accepted', action: 'buy', command: 'start_deal' }] });

export const HookParams = z.strictObject({ hook: z.string().min(1).max(64).describe('Id of the address.') });
export const SecretHookParams = z.strictObject({ ...HookParams.shape, secret: z.string().min(1).max(128).describe('Its secret.') });

export function presentHook(hook: HookRecord): z.output<typeof Hook> {
  return {
    bot_id: hook.botId,
    path: `${API_PREFIX}/hooks/${hook.hookId}`,
    enabled: hook.isEnabled,
    max_age_seconds: hook.maxAgeSeconds,
    trading_view_only: hook.isTradingViewOnly,
    created_at: isoTime(hook.createdAt),
    changed_at: isoTime(hook.changedAt),
    last_at: hook.lastAt === null ? null : isoTime(hook.lastAt),
    last_outcome: hook.lastOutcome,
  };
}

export function presentIssued(hook: HookRecord, secret: string): z.output<typeof IssuedHook> {
  const shown = presentHook(hook);
  return { ...shown, secret, secret_path: `${shown.path}/${secret}` };
}

export function presentReply({ status, action, command }: HookAnswer): z.output<typeof HookReply> {
  return { status, action, command };
}
