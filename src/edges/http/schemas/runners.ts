/** Wire shapes of the processes that run bots. */
import { z } from 'zod';
import type { RunnerRecord } from '#core/store/runners.ts';
import type { Store } from '#core/store/store.ts';
import { isoTime, timeOutput } from './shared-pieces.ts';

const EXAMPLE = {
  id: '0198f5a6-77aa-7c33-9b1e-cccc1d2b3c4d',
  host: 'grid-bot-1',
  pid: 7,
  version: '1.0.0',
  roles: ['bots'],
  bot_types: ['grid'],
  bots: 167,
  accounts: 12,
  started_at: '2026-11-20T07:00:00.000Z',
  seen_at: '2026-11-20T08:00:00.000Z',
};

const Runner = z
  .object({
    id: z.string().describe('Its name, unlike any other’s; a restart gets a new one.'),
    host: z.string().describe('Machine or container it runs on.'),
    pid: z.int().describe('Process number there.'),
    version: z.string().describe('Version of Argosy.'),
    roles: z.array(z.string()).describe('What it does; `bots` runs bots.'),
    bot_types: z.array(z.string()).nullable().describe('Kinds of bots it runs; `null` for all.'),
    bots: z.int().describe('How many bots it runs now.'),
    accounts: z.int().describe('How many accounts it is the steward of.'),
    started_at: timeOutput.describe('When it was first heard of.'),
    seen_at: timeOutput.describe('When it was last heard of.'),
  })
  .meta({ id: 'Runner', description: 'A process of this installation.', examples: [EXAMPLE] });

export const RunnerList = z
  .object({
    items: z.array(Runner).describe('Every process that was heard of within its term.'),
    next_cursor: z.null().describe('The list is whole.'),
  })
  .meta({ id: 'RunnerList', description: 'The processes of this installation.', examples: [{ items: [EXAMPLE], next_cursor: null }] });

export const Holder = z
  .object({
    id: z.string().describe('Id of the process.'),
    host: z.string().nullable().describe('Machine or container it runs on; `null` when it never said.'),
    since: timeOutput.describe('Since when it runs the bot.'),
  })
  .meta({ id: 'BotRunner', description: 'The process that runs a bot.', examples: [{ id: EXAMPLE.id, host: EXAMPLE.host, since: EXAMPLE.started_at }] });

export function presentRunner(runner: RunnerRecord): z.output<typeof Runner> {
  const { id, host, pid, version, roles, botTypes, bots, accounts, startedAt, seenAt } = runner;
  return {
    id,
    host,
    pid,
    version,
    roles: [...roles],
    bot_types: botTypes === null ? null : [...botTypes],
    bots,
    accounts,
    started_at: isoTime(startedAt),
    seen_at: isoTime(seenAt),
  };
}

export function presentHolder(holder: Awaited<ReturnType<Store['runners']['holding']>>): z.output<typeof Holder> | null {
  return holder === null ? null : { id: holder.id, host: holder.host, since: isoTime(holder.since) };
}
