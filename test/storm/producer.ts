/** Tells events at a steady rate, each written like a bot's own: numbered for each bot, under a key of its own, until it is certain. */
import type pg from 'pg';
import { sleep } from '../crash/processes.ts';
import { BOTS_PER_USER, botId } from './town.ts';

const BATCH_MS = 100;
const RETRY_MS = 200;

/** When each event of each bot happened, by `user bot event`. */
export type Told = Map<string, number>;

export async function produce(
  pool: pg.Pool,
  plan: { readonly events: number; readonly perSecond: number; readonly users: number; readonly from: number },
  told: Told,
): Promise<void> {
  const bots = plan.users * BOTS_PER_USER;
  const beganAt = performance.now();
  for (let next = 0; next < plan.events; ) {
    const due = Math.min(plan.events, Math.ceil(((performance.now() - beganAt) / 1_000) * plan.perSecond));
    const facts = Array.from({ length: Math.max(0, due - next) }, (_, index) => factOf(plan.from + next + index, bots));
    if (facts.length > 0) await insert(pool, facts);
    for (const { user, bot, event, at } of facts) told.set(`${user} ${bot} ${event}`, at);
    next = Math.max(next, due);
    await sleep(BATCH_MS);
  }
}

function factOf(number: number, bots: number) {
  const which = number % bots;
  const users = bots / BOTS_PER_USER;
  // One user after the other: a chat takes one message a second.
  const user = which % users;
  const bot = Math.floor(which / users);
  return { user, bot, event: Math.floor(number / bots), at: Date.now() };
}

/** Tried until the database has confirmed it: the key keeps a repetition from being another event. */
async function insert(pool: pg.Pool, facts: readonly ReturnType<typeof factOf>[]): Promise<void> {
  const rows = facts.map(({ user, bot, event, at }) => ({
    key: `${user}:${bot}:${event}`,
    owner: `user-${user}`,
    bot: botId(user, bot),
    text: `B${bot}E${event}.`,
    at,
  }));
  for (;;) {
    try {
      await pool.query(
        `insert into facts (dedupe_key, user_id, bot_id, type, data, at)
         select n.key, n.owner, n.bot, 'strategy_note', json_build_object('text', n.text), n.at
         from json_to_recordset($1::json) as n (key text, owner text, bot text, text text, at bigint) on conflict (dedupe_key) do nothing`,
        [JSON.stringify(rows)],
      );
      return;
    } catch {
      await sleep(RETRY_MS);
    }
  }
}
