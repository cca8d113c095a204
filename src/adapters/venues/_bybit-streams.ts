/**
 * Bybit's two streams: the account's orders and executions after a login, and the best level of order books.
 * @see https://bybit-exchange.github.io/docs/v5/ws/connect
 */
import { createHmac } from 'node:crypto';
import type { Category } from './_bybit-lists.ts';
import { isTrade, readFill, readOrder } from './_bybit-rows.ts';
import type { CcxtDialect, FrameMeaning, StreamNews } from './_dialect.ts';
import type { Exchange } from './_exchange.ts';
import { amount, type Row, row, rows, text, UnreadableAnswer } from './_fields.ts';
import type { QuoteDialect } from './_quotes.ts';
import type { SymbolOf } from './_request.ts';

/** How long the login may take to arrive. */
const LOGIN_MS = 10_000;
const NOTHING: FrameMeaning = { type: 'news', news: [] };
const LONGEST_TEXT = 60;

/** The private stream of a category; each has topics of its own on the same address. */
export function bybitStream(category: Category): CcxtDialect['stream'] {
  const topics = [`order.${category}`, `execution.${category}`];
  return {
    url: (exchange) => socketUrl(exchange, ['private', 'spot', 'unified']),
    probe: { op: 'ping' },
    login: (exchange, at) => {
      const expires = Math.round(at) + LOGIN_MS;
      const proof = createHmac('sha256', exchange.secret).update(`GET/realtime${expires}`).digest('hex');
      return [{ op: 'auth', args: [exchange.apiKey, expires, proof] }];
    },
    read: (frame, symbolOf) => {
      const message = row(frame);
      if (typeof message['topic'] === 'string') return { type: 'news', news: readNews(category, message['topic'], message, symbolOf) };
      if (message['op'] !== 'auth' && message['op'] !== 'subscribe') return NOTHING;
      if (message['success'] !== true) return { type: 'drop', reason: `${message['op']} refused: ${String(message['ret_msg']).slice(0, LONGEST_TEXT)}` };
      return message['op'] === 'auth' ? { type: 'reply', frames: [{ op: 'subscribe', args: topics }] } : { type: 'ready' };
    },
  };
}

export function bybitQuotes(marketId: (symbol: string) => string, category: Category): QuoteDialect {
  // A topic that is refused takes all others of its frame with it: each instrument has its own.
  const frames = (op: string, marketIds: readonly string[]): readonly unknown[] => marketIds.map((id) => ({ op, args: [`orderbook.1.${id}`] }));
  return {
    url: (exchange) => socketUrl(exchange, ['public', category]),
    marketId,
    subscribe: (marketIds) => frames('subscribe', marketIds),
    unsubscribe: (marketIds) => frames('unsubscribe', marketIds),
    read: (frame) => {
      const message = row(frame);
      if (typeof message['topic'] !== 'string' || !message['topic'].startsWith('orderbook.1.')) return null;
      // This depth is told whole each time; a part of it, as deeper books have, would be read for the best price of all.
      if (message['type'] !== 'snapshot') return null;
      const book = row(message['data']);
      const [bid, ask] = [bestOf(book['b']), bestOf(book['a'])];
      return bid === null || ask === null ? null : { marketId: text(book, 's'), bid, ask };
    },
    probe: { op: 'ping' },
  };
}

export function socketUrl(exchange: Exchange, path: readonly string[]): string {
  let urls: unknown = exchange.urls.api['ws'];
  for (const part of path) urls = row(urls)[part];
  return exchange.implodeHostname(String(urls));
}

function readNews(category: Category, topic: string, message: Row, symbolOf: SymbolOf): readonly StreamNews[] {
  const isOrder = topic.startsWith('order');
  if (!isOrder && !topic.startsWith('execution')) return [];
  return rows(message['data']).flatMap((told): readonly StreamNews[] => {
    if (told['category'] !== category) return [];
    const symbol = symbolOf(text(told, 'symbol'));
    if (symbol === null) return [];
    if (isOrder) return [{ type: 'order', order: readOrder(told, symbol) }];
    return isTrade(told) ? [{ type: 'fill', fill: readFill(told, symbol) }] : [];
  });
}

/** The price of the first level, exact; `null` for a side that is empty. */
function bestOf(side: unknown): string | null {
  if (!Array.isArray(side)) throw new UnreadableAnswer('expected a list of levels');
  const level: unknown = side[0];
  return Array.isArray(level) ? amount({ price: level[0] }, 'price') : null;
}
