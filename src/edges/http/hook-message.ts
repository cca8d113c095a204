/**
 * How a message to a bot is written: as JSON, or as a line of text, `buy symbol=BTCUSDT time=2026-11-20T07:00:00Z`. Who fills in a template
 * of a chart can write either.
 */
import { z } from 'zod';
import type { HookOrder } from '#app/hooks/hook-intake.ts';
import { AppError } from '#core/errors.ts';
import { parseJsonBody } from './json-body.ts';
import { compileValidator } from './validation.ts';

/** Largest message. */
export const MAX_HOOK_MESSAGE_BYTES = 4 * 1_024;
/** Pairs in a line of text. */
const MAX_PAIRS = 20;

const TIME = 'must be a time such as 2026-11-20T07:00:00Z, or seconds since 1970';
const time = z.union([z.string().max(40), z.number()]).transform((value, context): number => {
  const text = String(value).trim();
  const seconds = /^\d{9,11}(\.\d+)?$/.test(text) ? Number(text) * 1_000 : /^\d{12,14}$/.test(text) ? Number(text) : null;
  const at = seconds ?? (/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN);
  if (Number.isFinite(at)) return at;
  context.issues.push({ code: 'custom', message: TIME, input: value });
  return z.NEVER;
});

export const HookOrderBody = z
  .strictObject({
    action: z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^[a-z][a-z0-9_]{0,47}$/, 'must be a word such as buy')
      .describe('`buy`, `sell`, `close`, `start`, `stop`, `pause`, or a command of the strategy.'),
    time: time.optional().describe('When it was written: ISO 8601 or seconds since 1970. TradingView fills in `{{timenow}}`.'),
    symbol: z.string().trim().min(1).max(60).optional().describe('Checked against what the bot trades. TradingView fills in `{{ticker}}`.'),
    id: z
      .string()
      .regex(/^[A-Za-z0-9._:-]{1,64}$/, 'must be up to 64 letters, digits and ._:-')
      .optional()
      .describe('Your own name for the message: one that has come before does nothing.'),
    params: z.record(z.string().max(64), z.unknown()).default({}).describe('Settings of the command.'),
  })
  .meta({
    id: 'HookMessage',
    description: 'What a bot is told.',
    examples: [{ action: 'buy', symbol: 'BTCUSDT', time: '2026-11-20T07:00:00Z' }],
  });

const validate = compileValidator({ schema: HookOrderBody, method: 'POST', url: '', httpPart: 'body' });

/** Throws AppError `validation_failed` or `malformed_request`. */
export function readHookMessage(body: string): HookOrder {
  const given = body.trimStart().startsWith('{') ? parseJsonBody(body) : readLine(body);
  const result = validate(given) as { readonly error?: AppError; readonly value?: z.output<typeof HookOrderBody> };
  if (result.value === undefined) throw result.error ?? new AppError('malformed_request', 'The message could not be read.');
  const { action, time: at = null, symbol = null, id = null, params } = result.value;
  return { action, time: at, symbol, id, params };
}

function readLine(body: string): unknown {
  const [action = '', ...pairs] = body.trim().split(/\s+/, MAX_PAIRS + 2);
  if (action === '' || pairs.length > MAX_PAIRS)
    throw new AppError('malformed_request', `Write JSON, or a word and at most ${MAX_PAIRS} pairs such as symbol=BTCUSDT.`);
  const own: Record<string, string> = {};
  const params: Record<string, string> = {};
  for (const pair of pairs) {
    const [, name = '', value = ''] = /^([a-z][a-z0-9_]{0,63})=(\S{1,200})$/i.exec(pair) ?? [];
    if (name === '') throw new AppError('malformed_request', `${JSON.stringify(pair.slice(0, 40))} is no pair such as symbol=BTCUSDT.`);
    const into = ['time', 'symbol', 'id'].includes(name) ? own : params;
    if (Object.hasOwn(into, name)) throw new AppError('malformed_request', `${name} is given twice.`);
    into[name] = value;
  }
  return { action, ...own, params };
}
