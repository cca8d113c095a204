/** Lets go of what has grown old, a few rows at a time: short statements keep nobody waiting, and each seeks by an index that is there. */
import type { Upkeep } from '#core/store/upkeep.ts';
import type { Database, Statement } from './database.ts';

const STATEMENTS: Readonly<Record<keyof Upkeep, Statement>> = {
  forgetSessions: {
    name: 'forget_sessions',
    text: 'delete from refresh_tokens where id in (select id from refresh_tokens where expires_at < $1 limit $2)',
  },
  forgetTapes: {
    name: 'forget_tapes',
    text: `delete from journal where (run_id, sequence) in (
             select j.run_id, j.sequence from runs r
             cross join lateral (select run_id, sequence from journal where run_id = r.id order by sequence limit $2) j
             where r.ended_at < $1 limit $2)`,
  },
  forgetEquity: {
    name: 'forget_equity',
    text: `delete from equity_points where (run_id, at) in (
             select e.run_id, e.at from runs r
             cross join lateral (select run_id, at from equity_points where run_id = r.id and at < $1 order by at limit $2) e limit $2)`,
  },
  forgetFacts: {
    name: 'forget_facts',
    text: 'delete from facts where id in (select id from facts where told_at < $1 order by id limit $2)',
  },
  forgetNotices: {
    name: 'forget_notices',
    text: 'delete from notifications where id in (select id from notifications where at < $1 order by at limit $2)',
  },
  forgetCommands: {
    name: 'forget_commands',
    text: 'delete from bot_commands where id in (select id from bot_commands where taken_at < $1 order by id limit $2)',
  },
  forgetSignals: {
    name: 'forget_signals',
    text: 'delete from signals where id in (select id from signals where closed_at < $1 order by closed_at limit $2)',
  },
  forgetSignalPoints: {
    name: 'forget_signal_points',
    text: `delete from signal_points where (signal_id, at) in (
             select p.signal_id, p.at from signals s
             cross join lateral (select signal_id, at from signal_points where signal_id = s.id and at < $1 order by at limit $2) p
             where s.state = 'open' and s.opened_at < $1 limit $2)`,
  },
  forgetRemovedSignals: {
    name: 'forget_removed_signals',
    text: 'delete from removed_signals where signal_id in (select signal_id from removed_signals where removed_at < $1 order by removed_at limit $2)',
  },
  forgetToldSignals: {
    name: 'forget_told_signals',
    text: `delete from told_signals where (signal_id, user_id) in (
             select t.signal_id, t.user_id from told_signals t
             where t.at < $1 and not exists (select 1 from signals s where s.id = t.signal_id and s.state = 'open') order by t.at limit $2)`,
  },
  forgetSignalHours: {
    name: 'forget_signal_hours',
    text: 'delete from signal_hours where (user_id, hour) in (select user_id, hour from signal_hours where hour < $1 order by hour limit $2)',
  },
  forgetPosts: {
    name: 'forget_posts',
    text: 'delete from posts where id in (select id from posts where received_at < $1 order by received_at limit $2)',
  },
};

export function upkeepOf(database: Database): Upkeep {
  const forget =
    (what: keyof Upkeep): Upkeep[typeof what] =>
    (before, limit) =>
      database.write(STATEMENTS[what], [before, limit]);
  return {
    forgetSessions: forget('forgetSessions'),
    forgetTapes: forget('forgetTapes'),
    forgetEquity: forget('forgetEquity'),
    forgetFacts: forget('forgetFacts'),
    forgetNotices: forget('forgetNotices'),
    forgetCommands: forget('forgetCommands'),
    forgetSignals: forget('forgetSignals'),
    forgetSignalPoints: forget('forgetSignalPoints'),
    forgetRemovedSignals: forget('forgetRemovedSignals'),
    forgetToldSignals: forget('forgetToldSignals'),
    forgetSignalHours: forget('forgetSignalHours'),
    forgetPosts: forget('forgetPosts'),
  };
}
