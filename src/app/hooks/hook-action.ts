/** What an alert means to a bot: the plain words buy, sell and close become the commands that its strategy has. */
import { AppError } from '#core/errors.ts';
import type { BotAction } from '../bots/bot-actions.ts';

/** What a message asks for, before it is known what the bot can do. */
export interface HookWish {
  /** `buy`, `sell`, `close`, `start`, `stop`, `pause`, or a command of the strategy. */
  readonly action: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The sender's name for the message, or a digest of it. */
  readonly id: string;
  readonly writtenAt: number | null;
}

export interface HookBot {
  readonly symbol: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the commands of its strategy. */
  readonly commands: readonly string[];
}

export type HookDeed =
  | { readonly kind: 'act'; readonly action: BotAction }
  | { readonly kind: 'command'; readonly name: string; readonly params: Readonly<Record<string, unknown>> };

const ACTIONS: readonly BotAction[] = ['start', 'stop', 'pause'];
/** Commands that close what is open, of the strategies there are. */
const CLOSINGS = ['close', 'close_deal', 'close_position', 'close_signal', 'close_pair'];

/** Throws AppError `validation_failed` naming `action` where the bot does no such thing. */
export function deedOf(wish: HookWish, bot: HookBot): HookDeed {
  const { action, params } = wish;
  const command = (name: string, more: Readonly<Record<string, unknown>> = {}): HookDeed => ({ kind: 'command', name, params: { ...more, ...params } });
  const act = ACTIONS.find((each) => each === action);
  if (act !== undefined) return { kind: 'act', action: act };
  // A strategy's own word goes before ours.
  if (bot.commands.includes(action)) return command(action);
  const name = action === 'buy' || action === 'sell' ? traded(action, bot) : action === 'close' ? closing(bot) : null;
  if (name === 'signal') return command(name, signalOf(wish, action === 'buy' ? 'long' : 'short'));
  if (name !== null) return command(name);
  const known = [...ACTIONS, ...PLAIN.filter((word) => isKnown(word, bot)), ...bot.commands];
  const message = `is nothing that this bot does; it takes ${[...new Set(known)].join(', ')}`;
  throw new AppError('validation_failed', `action ${message}`, [{ field: 'action', message }]);
}

const PLAIN = ['buy', 'sell', 'close'] as const;

function isKnown(word: (typeof PLAIN)[number], bot: HookBot): boolean {
  return (word === 'close' ? closing(bot) : traded(word, bot)) !== null;
}

/** Buying opens what is long and closes what is short; selling the other way round. */
function traded(side: 'buy' | 'sell', bot: HookBot): string | null {
  const { commands, config, symbol } = bot;
  if (commands.includes('signal')) return side === 'buy' || symbol.includes(':') ? 'signal' : closing(bot);
  const isOpening = (config['direction'] === 'short') === (side === 'sell');
  if (!isOpening) return closing(bot);
  return ['start_deal', 'buy_now'].find((name) => commands.includes(name)) ?? null;
}

function closing({ commands }: HookBot): string | null {
  return CLOSINGS.find((name) => commands.includes(name)) ?? null;
}

function signalOf({ id, writtenAt }: HookWish, side: 'long' | 'short'): Readonly<Record<string, unknown>> {
  return { id, side, ...(writtenAt === null ? {} : { issued_at: writtenAt }) };
}
