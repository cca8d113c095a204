/** Messages of Telegram as news of a channel, with the very names and texts that the Bot API gives to the same message. */
import type { tl } from '@mtcute/core';
import type { ChannelNews } from '#core/posts/channel-news.ts';
import type { PostEntity } from '#core/posts/post.ts';

/** Channels are written as this much below zero. */
const CHANNEL_BASE = 1_000_000_000_000;

export function chatIdOf(channelId: number): string {
  return String(-(CHANNEL_BASE + channelId));
}

/** `null` where it is not the id of a channel. */
export function channelIdOf(chatId: string): number | null {
  const id = -Number(chatId) - CHANNEL_BASE;
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}

/** `null` for what is no post of this channel: what the channel does (a new title, a pinned post), and what is empty. */
export function postOf(message: tl.TypeMessage, channelId: number): ChannelNews | null {
  if (message._ !== 'message' || message.peerId._ !== 'peerChannel' || message.peerId.channelId !== channelId) return null;
  // Reactions and buttons change a message too; it does not show as edited then, and the Bot API gives no time.
  const edit = message.editHide === true ? 0 : (message.editDate ?? 0);
  return {
    kind: 'said',
    chatId: chatIdOf(channelId),
    messageId: String(message.id),
    edit,
    text: message.message,
    entities: (message.entities ?? []).map(entityOf),
    replyTo: answeredBy(message),
    postedAt: (edit === 0 ? message.date : edit) * 1_000,
  };
}

/** Of what happened in a channel besides new messages: edits, deletions; anything else is passed over. */
export function newsOf(update: tl.TypeUpdate, channelId: number): readonly ChannelNews[] {
  if (update._ === 'updateEditChannelMessage' || update._ === 'updateNewChannelMessage') {
    const post = postOf(update.message, channelId);
    return post === null ? [] : [post];
  }
  if (update._ !== 'updateDeleteChannelMessages' || update.channelId !== channelId) return [];
  return update.messages.map((id) => ({ kind: 'withdrawn', chatId: chatIdOf(channelId), messageId: String(id) }));
}

/** The post of the same channel that it answers. */
function answeredBy({ replyTo }: tl.RawMessage): string | null {
  if (replyTo?._ !== 'messageReplyHeader' || replyTo.replyToPeerId !== undefined || replyTo.replyToMsgId === undefined) return null;
  return String(replyTo.replyToMsgId);
}

/** Names of the Bot API; the two that differ from the library's by more than the way of writing are told apart. */
function entityOf({ _, offset, length }: tl.TypeMessageEntity): PostEntity {
  const name = _.slice('messageEntity'.length);
  return { kind: ENTITY_NAMES[name] ?? name.replace(/(?<=.)[A-Z]/g, '_$&').toLowerCase(), offset, length };
}

const ENTITY_NAMES: Readonly<Record<string, string>> = { Strike: 'strikethrough', TextUrl: 'text_link', Phone: 'phone_number', MentionName: 'text_mention' };
