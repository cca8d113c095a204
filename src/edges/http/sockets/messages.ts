/** What clients may say over a socket, checked word by word. */
import { z } from 'zod';

/** Largest message of a client. */
export const MAX_MESSAGE_BYTES = 16 * 1024;
const MAX_LISTED = 200;

const place = z.strictObject({ epoch: z.string().max(64), seq: z.int().min(0) });
const percent = z.string().regex(/^-?\d{1,9}(\.\d{1,9})?$/, 'must be a decimal');
const words = z.array(z.string().min(1).max(64)).max(MAX_LISTED);

/** What of the signals a connection wants; all of it holds together. */
const SignalWish = z.strictObject({
  scanners: words.optional(),
  venues: words.optional(),
  bases: words.optional(),
  min_net_percent: percent.optional(),
  min_size: percent.optional(),
  quarantined: z.boolean().default(false),
});
export type SignalWish = z.output<typeof SignalWish>;

/** What of the own things a connection wants. */
const OwnWish = z.strictObject({ bot_ids: words.optional(), symbols: words.optional() });
export type OwnWish = z.output<typeof OwnWish>;

const common = [
  z.strictObject({ type: z.literal('auth'), token: z.string().min(1).max(4_096) }),
  z.strictObject({ type: z.literal('ping'), id: z.union([z.string().max(64), z.number()]).optional() }),
] as const;

/** Messages of a socket by the form of its filter and the topics it has. */
function messagesOf<Filter extends z.ZodType>(topics: readonly [string, ...string[]], filter: Filter) {
  const subscribe = z.strictObject({
    type: z.literal('subscribe'),
    topics: z.array(z.enum(topics)).min(1).max(topics.length).optional(),
    filter: filter.optional(),
    resume: place.optional(),
  });
  return z.discriminatedUnion('type', [...common, subscribe]);
}

export const OwnMessage = messagesOf(['bots', 'orders', 'notices', 'jobs', 'backtests'], OwnWish);
export const SignalMessage = messagesOf(['signals'], SignalWish);

/** The parsed message, or words for what is wrong with it. */
export function readMessage<Schema extends z.ZodType>(schema: Schema, text: string): { readonly message: z.output<Schema> } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'is not JSON' };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { message: parsed.data };
  const [issue] = parsed.error.issues;
  return { problem: `${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'is not valid'}` };
}
