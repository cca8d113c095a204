/**
 * OKX's two streams: the account's orders, behind a login, and best prices. A text ping asks for a sign of life.
 * @see https://www.okx.com/docs-v5/en/#overview-websocket
 */
import { createHmac } from 'node:crypto';
import type { CcxtDialect, FrameMeaning, StreamNews } from './_dialect.ts';
import type { Exchange } from './_exchange.ts';
import { amount, type Row, row, rows, text, UnreadableAnswer } from './_fields.ts';
import { type OkxKind, rowInBase, symbolNamed } from './_okx-kind.ts';
import { readOrder, readPushedFill } from './_okx-rows.ts';
import type { QuoteDialect } from './_quotes.ts';

const NOTHING: FrameMeaning = { type: 'news', news: [] };
export const PING = 'ping';
export const PONG = 'pong';
const ORDERS = 'orders';
/** A frame may have 64 KB; one subscription has about 50. */
const SUBSCRIPTIONS_IN_FRAME = 500;

export function socketUrl(exchange: Exchange, access: 'public' | 'private' | 'business'): string {
  return `${text(exchange.urls.api, 'ws')}/${access}`;
}

export function okxStream(kind: OkxKind): CcxtDialect['stream'] {
  return {
    url: (exchange) => socketUrl(exchange, 'private'),
    probe: PING,
    login: (exchange, at) => {
      const timestamp = String(Math.floor(at / 1000));
      const sign = createHmac('sha256', exchange.secret).update(`${timestamp}GET/users/self/verify`).digest('base64');
      return [{ op: 'login', args: [{ apiKey: exchange.apiKey, passphrase: exchange.password, timestamp, sign }] }];
    },
    read: (frame, symbolOf) => {
      if (frame === PONG) return NOTHING;
      const message = row(frame);
      if (message['event'] !== undefined) return readEvent(kind, message);
      if (row(message['arg'])['channel'] !== ORDERS) return NOTHING;
      const news: StreamNews[] = [];
      for (const order of rows(message['data'])) {
        const instId = text(order, 'instId');
        // Orders in contracts that are not listed, such as those margined in coins, are none of ours.
        if (kind.isCountable(instId)) news.push(...readNews(rowInBase(kind, order), symbolOf(instId) ?? symbolNamed(instId)));
      }
      return { type: 'news', news };
    },
  };
}

function readEvent({ instType }: OkxKind, message: Row): FrameMeaning {
  const event = text(message, 'event');
  if (event === 'login')
    return message['code'] === '0' ? { type: 'reply', frames: [{ op: 'subscribe', args: [{ channel: ORDERS, instType }] }] } : refused(message);
  if (event === 'subscribe') return row(message['arg'])['channel'] === ORDERS ? { type: 'ready' } : NOTHING;
  // A notice tells that this connection will be closed soon; a new one is served by another server.
  if (event === 'error' || event === 'notice' || event === 'channel-conn-count-error') return refused(message);
  return NOTHING;
}

/** Texts of the venue repeat the request, secrets included, so only the code is told. */
function refused(message: Row): FrameMeaning {
  return { type: 'drop', reason: `${text(message, 'event')} ${typeof message['code'] === 'string' ? message['code'] : 'without a code'}` };
}

/** An execution is told before the state of the order that it changed. */
function readNews(order: Row, symbol: string): readonly StreamNews[] {
  const fill = readPushedFill(order, symbol);
  const told: StreamNews = { type: 'order', order: readOrder(order, symbol) };
  return fill === null ? [told] : [{ type: 'fill', fill }, told];
}

export function okxQuotes(marketId: (symbol: string) => string): QuoteDialect {
  const argumentsOf = (marketIds: readonly string[]) => marketIds.map((instId) => ({ channel: 'bbo-tbt', instId }));
  return {
    url: (exchange) => socketUrl(exchange, 'public'),
    marketId,
    subscribe: (marketIds) => frames('subscribe', argumentsOf(marketIds)),
    unsubscribe: (marketIds) => frames('unsubscribe', argumentsOf(marketIds)),
    read: (frame) => {
      if (frame === PONG) return null;
      const message = row(frame);
      if (message['event'] !== undefined || row(message['arg'])['channel'] !== 'bbo-tbt') return null;
      const [book] = rows(message['data']);
      const [bid, ask] = [bestOf(book, 'bids'), bestOf(book, 'asks')];
      return bid === null || ask === null ? null : { marketId: text(row(message['arg']), 'instId'), bid, ask };
    },
    probe: PING,
  };
}

/** As many frames as the arguments of subscriptions need. */
export function frames(op: 'subscribe' | 'unsubscribe', subscriptions: readonly unknown[]): readonly unknown[] {
  const made: unknown[] = [];
  for (let from = 0; from < subscriptions.length; from += SUBSCRIPTIONS_IN_FRAME)
    made.push({ op, args: subscriptions.slice(from, from + SUBSCRIPTIONS_IN_FRAME) });
  return made;
}

/** `null` while that side of the book is empty. */
function bestOf(book: Row | undefined, side: 'bids' | 'asks'): string | null {
  const levels = book?.[side];
  if (!Array.isArray(levels)) throw new UnreadableAnswer(`${side} is not a list`);
  const best: unknown = levels[0];
  return Array.isArray(best) ? amount({ price: best[0] }, 'price') : null;
}
