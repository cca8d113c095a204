/** Where a bot stands, made of what its user wants and what the runner last reported. */

import type { BotStatus } from '#core/bot-states.ts';
import type { BotRecord } from '#core/store/bots.ts';

/** Where a bot stands as far as its user can tell: what the runner reported, moved on by a wish it has not met yet. */
export function visibleStatus(bot: Pick<BotRecord, 'status' | 'desired'>): BotStatus {
  const { status, desired } = bot;
  if (status === 'error' || status === 'stopping') return status;
  if (desired === 'running') return status === 'running' ? 'running' : 'starting';
  if (desired === 'paused') return status === 'paused' ? 'paused' : status === 'stopped' ? 'stopped' : 'pausing';
  return status === 'stopped' ? 'stopped' : 'stopping';
}

/** Whether a bot works or is about to. */
export function isAtWork(bot: Pick<BotRecord, 'status' | 'desired'>): boolean {
  const status = visibleStatus(bot);
  return status !== 'stopped' && status !== 'error';
}
