/** The socket of a user's own things, and how they look on it. */
import { OWN_TOPICS, type OwnPresenters, type OwnStreams } from '#app/live/own-streams.ts';
import type { Change } from '#app/live/stream.ts';
import { presentBot } from '../schemas/bots.ts';
import { presentOrder } from '../schemas/orders.ts';
import { isoTime, isoTimeOrNull } from '../schemas/shared-pieces.ts';
import type { SocketKind } from './connection.ts';
import { OwnMessage, type OwnWish, readMessage } from './messages.ts';

export const presentOwn: OwnPresenters = {
  bot: presentBot,
  order: (order) => {
    // Fees and actions are read with the order itself; here they would be stale.
    const { fee: _fee, fee_asset: _asset, fees: _fees, actions: _actions, ...shown } = presentOrder({ order, fees: [], actions: null });
    return shown;
  },
  notice: ({ id, type, severity, title, text, sound, botId, at, unread }) => ({
    id,
    type,
    severity,
    title,
    text,
    sound,
    bot_id: botId,
    at: isoTime(at),
    unread_count: unread,
  }),
  job: ({ id, kind, name, state, progress, failure, createdAt, endedAt }) => ({
    id,
    kind,
    name,
    state,
    progress,
    failure,
    created_at: isoTime(createdAt),
    ended_at: isoTimeOrNull(endedAt),
  }),
};

export function ownKind(streams: OwnStreams): SocketKind & { readonly path: string } {
  return {
    path: '/ws',
    name: 'own',
    needsVip: false,
    topics: OWN_TOPICS,
    read: (text) => readMessage(OwnMessage, text),
    follow: (userId, onChange) => streams.follow(userId, onChange),
    shows: async (_userId, filter) => showing(filter as OwnWish | undefined),
  };
}

function showing(wish: OwnWish | undefined): (change: Change) => boolean {
  const [bots, symbols] = [wish?.bot_ids, wish?.symbols].map((words) => (words === undefined ? null : new Set(words)));
  return ({ topic, key, data }) => {
    if (data === null) return true;
    const botId = topic === 'bots' ? key : data['bot_id'];
    if (bots != null && botId !== undefined && !bots.has(String(botId))) return false;
    return symbols == null || data['symbol'] === undefined || symbols.has(String(data['symbol']));
  };
}
