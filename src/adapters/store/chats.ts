/** Links between users and Telegram chats, and the codes that make them. */
import type { ChatLink, ChatStore } from '#core/chats/chat-store.ts';
import { note } from './audit.ts';
import type { Database } from './database.ts';

const COLUMNS = 'user_id as "userId", chat_id as "chatId", linked_at as "linkedAt"';
const ISSUE = {
  name: 'issue_telegram_code',
  text: `insert into telegram_codes (user_id, code_hash, expires_at) values ($1, $2, $3)
         on conflict (user_id) do update set code_hash = excluded.code_hash, expires_at = excluded.expires_at, used_at = null`,
};
const LOCK_CODE = {
  name: 'lock_telegram_code',
  text: 'select user_id as "userId", used_at is not null as "isUsed" from telegram_codes where code_hash = $1 and expires_at > $2 for update',
};
const USE_CODE = { name: 'use_telegram_code', text: 'update telegram_codes set used_at = $2 where code_hash = $1' };
const OF_USER = { name: 'telegram_link_of_user', text: `select ${COLUMNS} from telegram_links where user_id = $1` };
const OF_CHAT = { name: 'telegram_link_of_chat', text: `select ${COLUMNS} from telegram_links where chat_id = $1` };
const LINK = {
  name: 'link_telegram_chat',
  text: `insert into telegram_links (user_id, chat_id, linked_at) values ($1, $2, $3)
         on conflict (user_id) do update set chat_id = excluded.chat_id, linked_at = excluded.linked_at
         returning ${COLUMNS}`,
};
const UNLINK = { name: 'unlink_telegram_chat', text: `delete from telegram_links where user_id = $1 returning ${COLUMNS}` };

export function chatsOf(database: Database): ChatStore {
  const deed = (action: 'telegram_linked' | 'telegram_unlinked', userId: string) =>
    ({ action, subject: { kind: 'user', id: userId }, ownerId: userId, details: {} }) as const;
  return {
    issueCode: async ({ userId, codeHash, expiresAt }) => {
      await database.write(ISSUE, [userId, codeHash, expiresAt]);
    },
    redeem: (codeHash, { chatId, at }) =>
      database.transaction(async (session) => {
        const code = await session.row<{ userId: string; isUsed: boolean }>(LOCK_CODE, [codeHash, at]);
        if (code === null) return { outcome: 'invalid' };
        const holder = await session.row<ChatLink>(OF_CHAT, [chatId]);
        if (code.isUsed) return holder?.userId === code.userId ? { outcome: 'linked', link: holder, formerChatId: null } : { outcome: 'invalid' };
        if (holder !== null && holder.userId !== code.userId) return { outcome: 'chatTaken' };
        const former = await session.row<ChatLink>(OF_USER, [code.userId]);
        const link = await session.row<ChatLink>(LINK, [code.userId, chatId, at]);
        if (link === null) return { outcome: 'invalid' };
        await session.write(USE_CODE, [codeHash, at]);
        await note(database, session, deed('telegram_linked', code.userId));
        return { outcome: 'linked', link, formerChatId: former === null || former.chatId === chatId ? null : former.chatId };
      }),
    ofUser: (userId) => database.row<ChatLink>(OF_USER, [userId]),
    ofChat: (chatId) => database.row<ChatLink>(OF_CHAT, [chatId]),
    unlink: (userId) =>
      database.transaction(async (session) => {
        const link = await session.row<ChatLink>(UNLINK, [userId]);
        if (link !== null) await note(database, session, deed('telegram_unlinked', userId));
        return link;
      }),
  };
}
