/**
 * Bitget's two streams: orders of the account with their executions, after a login, and the best level of books.
 * @see https://www.bitget.com/api-doc/common/websocket-intro
 */
import { createHmac } from 'node:crypto';
import type { VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { isGiven, orderOf, readPushedFill } from './_bitget-rows.ts';
import type { CcxtDialect, FrameMeaning, StreamNews } from './_dialect.ts';
import type { Exchange } from './_exchange.ts';
import { amount, type Row, row, rows, text } from './_fields.ts';
import type { QuoteDialect } from './_quotes.ts';

/** A text of its own, answered with `pong`; without one for two minutes the venue hangs up. */
export const PING = 'ping';
const NOTHING: FrameMeaning = { type: 'news', news: [] };
const ORDERS = 'orders';
/** What the venue calls its markets on streams. */
export type InstType = 'SPOT' | 'USDT-FUTURES';

const BEST_LEVEL = 'books1';
/** One frame may not be longer than 4,096 bytes. */
const ARGUMENTS_PER_FRAME = 50;

export function socketUrl(exchange: Exchange, which: 'public' | 'private'): string {
  return text(row(exchange.urls.api['ws']), which);
}

/**
 * Executions are read from the channel of orders: the channel of executions tells neither our id nor a fee whose sign
 * can be relied on.
 */
export function bitgetStream(instType: InstType, readNews: (order: Row, symbol: string) => readonly StreamNews[]): CcxtDialect['stream'] {
  return {
    url: (exchange) => socketUrl(exchange, 'private'),
    probe: PING,
    login: (exchange, at) => {
      const timestamp = String(Math.floor(at / 1000));
      const sign = createHmac('sha256', exchange.secret).update(`${timestamp}GET/user/verify`).digest('base64');
      return [{ op: 'login', args: [{ apiKey: exchange.apiKey, passphrase: exchange.password, timestamp, sign }] }];
    },
    read: (frame, symbolOf) => {
      if (typeof frame === 'string') return NOTHING;
      const message = row(frame);
      const { event } = message;
      if (event === 'error') return { type: 'drop', reason: `refused: ${String(message['code'])}` };
      if (event === 'login')
        return String(message['code']) === '0'
          ? { type: 'reply', frames: [{ op: 'subscribe', args: [{ instType, channel: ORDERS, instId: 'default' }] }] }
          : { type: 'drop', reason: 'login refused' };
      if (event === 'subscribe') return { type: 'ready' };
      if (message['action'] === undefined || row(message['arg'])['channel'] !== ORDERS) return NOTHING;
      const news: StreamNews[] = [];
      for (const order of rows(message['data'])) {
        const symbol = symbolOf(text(order, 'instId'));
        if (symbol !== null) news.push(...readNews(order, symbol));
      }
      return { type: 'news', news };
    },
  };
}

/** What a row of a spot order tells. */
export function spotNews(row: Row, symbol: string): readonly StreamNews[] {
  const price = isGiven(row, 'price') ? amount(row, 'price') : null;
  // `size` is an amount of money for buys, `newSize` never for limit orders; `baseVolume` is the last execution, `accBaseVolume` all of them.
  const order = orderOf(row, symbol, price, { size: 'newSize', filled: 'accBaseVolume' });
  return newsOf(order, readPushedFill(row, order));
}

/** An execution is told before the state of the order that it changed. */
export function newsOf(order: VenueOrder, fill: VenueFill | null): readonly StreamNews[] {
  return fill === null
    ? [{ type: 'order', order }]
    : [
        { type: 'fill', fill },
        { type: 'order', order },
      ];
}

export function bitgetQuotes(instType: InstType, marketId: (symbol: string) => string): QuoteDialect {
  return {
    url: (exchange) => socketUrl(exchange, 'public'),
    marketId,
    subscribe: (marketIds) => requests('subscribe', BEST_LEVEL, marketIds, instType),
    unsubscribe: (marketIds) => requests('unsubscribe', BEST_LEVEL, marketIds, instType),
    read: (frame) => {
      if (typeof frame === 'string') return null;
      const message = row(frame);
      if (message['action'] === undefined) return null;
      const about = row(message['arg']);
      const [level] = rows(message['data']);
      if (about['channel'] !== BEST_LEVEL || level === undefined) return null;
      const [bid, ask] = [bestOf(level['bids']), bestOf(level['asks'])];
      return bid === null || ask === null ? null : { marketId: text(about, 'instId'), bid, ask };
    },
    probe: PING,
  };
}

/** As many frames as the instruments of a channel need. */
export function requests(op: 'subscribe' | 'unsubscribe', channel: string, marketIds: readonly string[], instType: InstType): readonly unknown[] {
  const frames: unknown[] = [];
  for (let index = 0; index < marketIds.length; index += ARGUMENTS_PER_FRAME)
    frames.push({ op, args: marketIds.slice(index, index + ARGUMENTS_PER_FRAME).map((instId) => ({ instType, channel, instId })) });
  return frames;
}

/** The price of the first level; `null` when that side is empty. */
function bestOf(side: unknown): string | null {
  const best: unknown = Array.isArray(side) ? side[0] : undefined;
  return Array.isArray(best) ? amount({ price: best[0] }, 'price') : null;
}
