/** What users do with bots as a whole: start, stop, pause, panic; in which states, and what is said in others. */
import type { BotStatus, DesiredState } from '#core/bot-states.ts';
import { AppError } from '#core/errors.ts';
import type { BotRecord } from '#core/store/bots.ts';
import { visibleStatus } from './bot-status.ts';

export type BotAction = 'start' | 'stop' | 'pause' | 'panic';

/** What a user wants of a bot who does so. */
export const WISHES: Readonly<Record<BotAction, DesiredState>> = { start: 'running', stop: 'stopped', pause: 'paused', panic: 'panicked' };

/** States in which an action makes sense. Panic is also the way out of a stop that takes too long. */
export const ALLOWED: Readonly<Record<BotAction, readonly BotStatus[]>> = {
  start: ['stopped', 'paused', 'pausing', 'error'],
  stop: ['starting', 'running', 'pausing', 'paused', 'error'],
  pause: ['starting', 'running'],
  panic: ['starting', 'running', 'pausing', 'paused', 'stopping', 'error'],
};

/** Commands reach a running bot only. */
export function notRunning(bot: BotRecord): AppError {
  return new AppError('bot_state_conflict', `The bot is ${visibleStatus(bot)}; commands are possible when it is running.`);
}

/** A bot at work is not changed or removed. */
export function busy(bot: BotRecord): AppError {
  return new AppError('bot_running', `The bot is ${visibleStatus(bot)}; stop it first.`);
}
