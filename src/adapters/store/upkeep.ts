/** Lets go of what has grown old, a few rows at a time: short statements keep nobody waiting. */
import type { Upkeep } from '#core/upkeep.ts';
import type { Database } from './database.ts';

const FORGET_SESSIONS = {
  name: 'forget_sessions',
  text: 'delete from refresh_tokens where id in (select id from refresh_tokens where expires_at < $1 limit $2)',
};

export function upkeepOf(database: Database): Upkeep {
  return {
    forgetSessions: (before, limit) => database.write(FORGET_SESSIONS, [before, limit]),
  };
}
