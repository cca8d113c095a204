/** A session that reads channels: what has happened since a place, by Telegram's own count of events, and by history where too much has happened. */
import { Long, type tl } from '@mtcute/core';
import type { ChannelNews } from '#core/posts/channel-news.ts';
import type { ChannelChanges, ChannelKey, ChannelPlace, FoundChannel, TelegramUser, TelegramUserAnswer } from '#core/telegram-user/port.ts';
import { refusal, TelegramClient, type TelegramUserOptions } from './client.ts';
import { channelIdOf, chatIdOf, newsOf, postOf } from './messages.ts';

/** Events of one answer. */
const EVENTS_AT_ONCE = 100;
const POSTS_AT_ONCE = 100;
/** Where more was said than Telegram counts out, so many of the newest posts are fetched. */
export const MAX_CAUGHT_UP = 300;
/** Chats of the account in which a channel is looked for by its id. */
export const MAX_CHATS_LOOKED_AT = 1_000;
const CHATS_AT_ONCE = 100;

/** Telegram cannot count from where we were. */
const LOST_PLACE: readonly string[] = ['PERSISTENT_TIMESTAMP_INVALID', 'PERSISTENT_TIMESTAMP_EMPTY'];

export function openTelegramUser(options: TelegramUserOptions, session: string): TelegramUser {
  const client = new TelegramClient(options);
  let isOpened: Promise<unknown> | null = null;
  const opened = async <Result>(work: () => Promise<TelegramUserAnswer<Result>>): Promise<TelegramUserAnswer<Result>> => {
    isOpened ??= client.attempt((library) => library.importSession(session, true));
    await isOpened;
    return work();
  };
  return {
    find: (channel) => opened(() => (channel.startsWith('@') ? findByName(client, channel.slice(1)) : findById(client, channel))),
    changes: (key, place) => opened(() => changes(client, key, place)),
    logOut: () =>
      opened(async () => {
        const answer = await client.ask({ _: 'auth.logOut' });
        return answer.isOk ? { isOk: true, result: null } : answer;
      }),
    close: () => client.close(),
  };
}

async function findByName(client: TelegramClient, username: string): Promise<TelegramUserAnswer<FoundChannel>> {
  const answer = await client.ask({ _: 'contacts.resolveUsername', username });
  if (!answer.isOk) return answer;
  const { peer, chats } = answer.result;
  if (peer._ !== 'peerChannel') return refusal('not_a_channel', 'it is a person or a bot');
  return beginningOf(client, chats, peer.channelId);
}

/** Telegram opens no channel by its number alone. What the list tells of other chats is let go at once. */
async function findById(client: TelegramClient, chatId: string): Promise<TelegramUserAnswer<FoundChannel>> {
  const channelId = channelIdOf(chatId);
  if (channelId === null) return refusal('no_channel', 'it is not the id of a channel');
  let [offsetDate, offsetId, seen] = [0, 0, 0];
  let offsetPeer: tl.TypeInputPeer = { _: 'inputPeerEmpty' };
  while (seen < MAX_CHATS_LOOKED_AT) {
    const answer = await client.ask({ _: 'messages.getDialogs', offsetDate, offsetId, offsetPeer, limit: CHATS_AT_ONCE, hash: Long.ZERO });
    if (!answer.isOk) return answer;
    const page = answer.result;
    if (page._ === 'messages.dialogsNotModified') break;
    if (page.chats.some((chat) => chat._ === 'channel' && chat.id === channelId)) return beginningOf(client, page.chats, channelId);
    const last = page.dialogs.at(-1);
    if (page._ === 'messages.dialogs' || last === undefined) break;
    const message = page.messages.find((each) => each.id === last.topMessage && each._ !== 'messageEmpty' && samePeer(each.peerId, last.peer));
    offsetDate = message === undefined || message._ === 'messageEmpty' ? offsetDate : message.date;
    offsetId = last.topMessage;
    offsetPeer = inputPeer(last.peer, page);
    seen += page.dialogs.length;
  }
  return refusal('no_channel', 'it is not among the chats of the account');
}

function samePeer(one: tl.TypePeer, other: tl.TypePeer): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function inputPeer(peer: tl.TypePeer, { chats, users }: { readonly chats: readonly tl.TypeChat[]; readonly users: readonly tl.TypeUser[] }): tl.TypeInputPeer {
  if (peer._ === 'peerChat') return { _: 'inputPeerChat', chatId: peer.chatId };
  if (peer._ === 'peerChannel') {
    const chat = chats.find((each) => each._ === 'channel' && each.id === peer.channelId);
    return { _: 'inputPeerChannel', channelId: peer.channelId, accessHash: (chat?._ === 'channel' ? chat.accessHash : undefined) ?? Long.ZERO };
  }
  const user = users.find((each) => each.id === peer.userId);
  return { _: 'inputPeerUser', userId: peer.userId, accessHash: (user?._ === 'user' ? user.accessHash : undefined) ?? Long.ZERO };
}

async function beginningOf(client: TelegramClient, chats: readonly tl.TypeChat[], channelId: number): Promise<TelegramUserAnswer<FoundChannel>> {
  const chat = chats.find((each) => each.id === channelId);
  if (chat?._ === 'channelForbidden') return refusal('no_access', 'the account may not read it');
  if (chat?._ !== 'channel' || chat.accessHash === undefined || chat.min === true) return refusal('no_channel', 'Telegram does not show it');
  if (chat.broadcast !== true) return refusal('not_a_channel', 'it is a group: anybody writes there');
  const key = { channelId: String(channelId), accessHash: chat.accessHash.toString() };
  const newest = await historyOf(client, key, 0, 1);
  if (!newest.isOk) return newest;
  const place = { pts: newest.result.pts, lastMessageId: newest.result.messages[0]?.id ?? 0 };
  return { isOk: true, result: { ...key, chatId: chatIdOf(channelId), title: chat.title, place } };
}

async function changes(client: TelegramClient, key: ChannelKey, place: ChannelPlace): Promise<TelegramUserAnswer<ChannelChanges>> {
  const channelId = Number(key.channelId);
  const channel = { _: 'inputChannel', channelId, accessHash: Long.fromString(key.accessHash) } as const;
  const filter = { _: 'channelMessagesFilterEmpty' } as const;
  const answer = await client.ask({ _: 'updates.getChannelDifference', channel, filter, pts: place.pts, limit: EVENTS_AT_ONCE });
  if (!answer.isOk) return LOST_PLACE.includes(answer.description) ? caughtUp(client, key, place, null) : answer;
  const { result } = answer;
  const nextAfterMs = result.timeout === undefined ? null : result.timeout * 1_000;
  if (result._ === 'updates.channelDifferenceTooLong') return caughtUp(client, key, place, nextAfterMs);
  if (result._ === 'updates.channelDifferenceEmpty')
    return { isOk: true, result: { news: [], place: { ...place, pts: result.pts }, isFinal: true, nextAfterMs, hasGap: false } };
  const news = [
    ...result.newMessages.flatMap((message) => postOf(message, channelId) ?? []),
    ...result.otherUpdates.flatMap((update) => newsOf(update, channelId)),
  ];
  const lastMessageId = Math.max(place.lastMessageId, ...result.newMessages.map(({ id }) => id));
  return { isOk: true, result: { news, place: { pts: result.pts, lastMessageId }, isFinal: result.final === true, nextAfterMs, hasGap: false } };
}

/** The newest posts since the last one that was seen, oldest first, and where counting goes on. */
async function caughtUp(client: TelegramClient, key: ChannelKey, place: ChannelPlace, nextAfterMs: number | null): Promise<TelegramUserAnswer<ChannelChanges>> {
  const messages: tl.TypeMessage[] = [];
  let pts: number | null = null;
  let isWhole = false;
  while (!isWhole && messages.length < MAX_CAUGHT_UP) {
    const page = await historyOf(client, key, place.lastMessageId, POSTS_AT_ONCE, messages.at(-1)?.id);
    if (!page.isOk) return page;
    // What happens while this is read comes again by the count of before.
    pts ??= page.result.pts;
    messages.push(...page.result.messages);
    isWhole = page.result.messages.length < POSTS_AT_ONCE;
  }
  const news: ChannelNews[] = messages.reverse().flatMap((message) => postOf(message, Number(key.channelId)) ?? []);
  const lastMessageId = Math.max(place.lastMessageId, ...messages.map(({ id }) => id));
  return { isOk: true, result: { news, place: { pts: pts ?? place.pts, lastMessageId }, isFinal: true, nextAfterMs, hasGap: !isWhole } };
}

/** Newest first, those above `afterId`, below `beforeId` where it is given. */
async function historyOf(
  client: TelegramClient,
  { channelId, accessHash }: ChannelKey,
  afterId: number,
  limit: number,
  beforeId = 0,
): Promise<TelegramUserAnswer<{ readonly pts: number; readonly messages: readonly tl.TypeMessage[] }>> {
  const peer = { _: 'inputPeerChannel', channelId: Number(channelId), accessHash: Long.fromString(accessHash) } as const;
  const answer = await client.ask({
    ...{ _: 'messages.getHistory', peer, limit, minId: afterId, offsetId: beforeId, offsetDate: 0, addOffset: 0, maxId: 0, hash: Long.ZERO },
  } as const);
  if (!answer.isOk) return answer;
  if (answer.result._ !== 'messages.channelMessages') return refusal('refused', 'Telegram shows no messages of a channel');
  const { pts, messages } = answer.result;
  return { isOk: true, result: { pts, messages: messages.filter(({ id }) => id > afterId) } };
}
