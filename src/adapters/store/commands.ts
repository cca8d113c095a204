/** Commands of users to their running bots: kept, found, and taken by the commit that journals them. */
import { type CommandStore, MAX_WAITING_COMMANDS, type StoredCommand } from '#core/store/commands.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import { note } from './audit.ts';
import type { Database, Session } from './database.ts';

/** The bot is locked, so that two requests at once do not both find room for the last. */
const LOCK_BOT = { name: 'lock_bot_for_command', text: 'select run_id as "runId" from bots where id = $1 and user_id = $2 and removed_at is null for update' };
const INSERT = {
  name: 'insert_bot_command',
  text: `insert into bot_commands (id, bot_id, run_id, name, params, created_at)
         select $1, $2, $3, $4, $5, $6
         where (select count(*) from bot_commands w where w.bot_id = $2 and w.run_id = $3 and w.taken_at is null) < ${MAX_WAITING_COMMANDS}`,
};
const DUE = {
  name: 'due_bot_commands',
  text: `select c.id as "commandId", c.bot_id as "botId", c.name, c.params from bot_commands c join bots b on b.id = c.bot_id and b.run_id = c.run_id
         where c.taken_at is null order by c.created_at, c.id`,
};
const TAKE = { name: 'take_bot_commands', text: 'update bot_commands set taken_at = $2 where id = any ($1::text[]) and bot_id = $3 and taken_at is null' };

export function commandsOf(database: Database): CommandStore {
  return {
    request: ({ commandId, botId, userId, name, params, at, isDeed = true }) =>
      database.transaction(async (session) => {
        const bot = await session.row<{ runId: string | null }>(LOCK_BOT, [botId, userId]);
        if (bot === null || bot.runId === null) return false;
        if ((await session.write(INSERT, [commandId, botId, bot.runId, name, JSON.stringify(params), at])) === 0) return false;
        if (isDeed)
          await note(database, session, {
            action: 'bot_commanded',
            subject: { kind: 'bot', id: botId },
            ownerId: userId,
            details: { command_id: commandId, name, params },
          });
        return true;
      }),
    due: () => database.rows<StoredCommand>(DUE),
  };
}

/** Part of a commit: what its journal holds is taken with it, or not at all. */
export async function takeCommands(session: Session, botId: string | null, entries: readonly JournalEntry[], at: number): Promise<void> {
  const ids = entries.flatMap(({ event }) => (event.type === 'userCommand' ? [event.commandId] : []));
  if (ids.length > 0) await session.write(TAKE, [ids, at, botId]);
}
