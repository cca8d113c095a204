/** Addresses at which other programs tell bots what to do, and what has come there lately. */
import type { HookRecord, HookStore } from '#core/hooks/hook-store.ts';
import { note } from './audit.ts';
import type { Database } from './database.ts';

const COLUMNS = `h.bot_id as "botId", h.user_id as "userId", h.hook_id as "hookId", h.sealed, h.is_enabled as "isEnabled",
  h.max_age_seconds as "maxAgeSeconds", h.is_trading_view_only as "isTradingViewOnly", h.created_at as "createdAt", h.changed_at as "changedAt",
  h.last_at as "lastAt", h.last_outcome as "lastOutcome"`;
const PUT = {
  name: 'put_bot_hook',
  text: `insert into bot_hooks as h (bot_id, user_id, hook_id, sealed, is_enabled, max_age_seconds, is_trading_view_only, created_at, changed_at)
         select b.id, b.user_id, $3, $4, $5, $6, $7, $8, $8 from bots b where b.id = $1 and b.user_id = $2 and b.removed_at is null
         on conflict (bot_id) do update set hook_id = excluded.hook_id, sealed = excluded.sealed, is_enabled = excluded.is_enabled,
           max_age_seconds = excluded.max_age_seconds, is_trading_view_only = excluded.is_trading_view_only, changed_at = excluded.changed_at
         returning ${COLUMNS}`,
};
const LIVING = 'from bot_hooks h join bots b on b.id = h.bot_id and b.removed_at is null';
const GET = { name: 'get_bot_hook', text: `select ${COLUMNS} ${LIVING} where h.user_id = $1 and h.bot_id = $2` };
const BY_HOOK = { name: 'bot_hook_by_id', text: `select ${COLUMNS} ${LIVING} where h.hook_id = $1` };
const CHANGE = {
  name: 'change_bot_hook',
  text: `update bot_hooks h set is_enabled = coalesce($3, h.is_enabled), max_age_seconds = case when $4 then $5 else h.max_age_seconds end,
           is_trading_view_only = coalesce($6, h.is_trading_view_only), changed_at = $7
         where h.user_id = $1 and h.bot_id = $2 returning ${COLUMNS}`,
};
const REMOVE = { name: 'remove_bot_hook', text: 'delete from bot_hooks where user_id = $1 and bot_id = $2' };
const HAS_RECEIPT = {
  name: 'has_hook_receipt',
  text: 'select 1 as known from hook_receipts where bot_id = $1 and digest = any ($2::text[]) and at >= $3 limit 1',
};
const ADD_RECEIPT = {
  name: 'add_hook_receipt',
  text: 'insert into hook_receipts (bot_id, digest, at) values ($1, $2, $3) on conflict (bot_id, digest) do update set at = excluded.at',
};
const NOTE = { name: 'note_hook_outcome', text: 'update bot_hooks set last_at = $2, last_outcome = $3 where bot_id = $1' };
const FORGET = {
  name: 'forget_hook_receipts',
  text: 'delete from hook_receipts where (bot_id, digest) in (select bot_id, digest from hook_receipts where at < $1 order by at limit $2)',
};

export function hooksOf(database: Database): HookStore {
  const deed = (action: 'hook_set' | 'hook_removed', userId: string, botId: string, details: Readonly<Record<string, unknown>>) =>
    ({ action, subject: { kind: 'bot', id: botId }, ownerId: userId, details }) as const;
  return {
    put: ({ botId, userId, hookId, sealed, isEnabled, maxAgeSeconds, isTradingViewOnly, at }) =>
      database.transaction(async (session) => {
        const hook = await session.row<HookRecord>(PUT, [botId, userId, hookId, sealed, isEnabled, maxAgeSeconds, isTradingViewOnly, at]);
        if (hook !== null) await note(database, session, deed('hook_set', userId, botId, settingsOf(hook, true)));
        return hook;
      }),
    get: (userId, botId) => database.row<HookRecord>(GET, [userId, botId]),
    change: (userId, botId, { isEnabled, maxAgeSeconds, isTradingViewOnly, at }) =>
      database.transaction(async (session) => {
        const age = [maxAgeSeconds !== undefined, maxAgeSeconds ?? null] as const;
        const hook = await session.row<HookRecord>(CHANGE, [userId, botId, isEnabled ?? null, ...age, isTradingViewOnly ?? null, at]);
        if (hook !== null) await note(database, session, deed('hook_set', userId, botId, settingsOf(hook, false)));
        return hook;
      }),
    remove: (userId, botId) =>
      database.transaction(async (session) => {
        if ((await session.write(REMOVE, [userId, botId])) === 0) return false;
        await note(database, session, deed('hook_removed', userId, botId, {}));
        return true;
      }),
    byHookId: (hookId) => database.row<HookRecord>(BY_HOOK, [hookId]),
    hasReceipt: async (botId, digests, since) => (await database.row(HAS_RECEIPT, [botId, digests, since])) !== null,
    note: async (botId, digest, outcome, at) => {
      if (digest !== null) await database.write(ADD_RECEIPT, [botId, digest, at]);
      await database.write(NOTE, [botId, at, outcome]);
    },
    forgetReceipts: (before, limit) => database.write(FORGET, [before, limit]),
  };
}

function settingsOf({ isEnabled, maxAgeSeconds, isTradingViewOnly }: HookRecord, hasNewSecret: boolean): Readonly<Record<string, unknown>> {
  return { new_secret: hasNewSecret, enabled: isEnabled, max_age_seconds: maxAgeSeconds, trading_view_only: isTradingViewOnly };
}
