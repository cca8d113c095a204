import { describe, expect, it } from 'vitest';
import type { Book, BookLevel } from '#core/market-data.ts';
import { handFedExchange } from '#test/support/hand-fed-exchange.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { BOOK_PUSH_MS, BookFeed } from './_book-feed.ts';
import type { BookNews } from './_market-dialect.ts';

const ASKS: readonly BookLevel[] = [['101', '1']];

const snapshot = (version: number, bid: string): BookNews => ({ type: 'snapshot', version, bids: [[bid, '1']], asks: ASKS });
const change = (version: number, bid: string, after = version - 1): BookNews => ({
  type: 'change',
  version,
  after,
  checksum: null,
  bids: [[bid, '1']],
  asks: [],
});

/** A feed that builds its books from the stream alone, or from snapshots that are asked for. */
async function stage(isAsking = false) {
  const clock = new ManualClock();
  const lines: KeptLine[] = [];
  const { exchange, sent, push } = handFedExchange();
  const answers: { readonly version: number; readonly bid: string }[] = [];
  let asked = 0;
  const feed = new BookFeed({
    name: 'books',
    clock,
    log: quietLog(lines),
    open: async () => exchange,
    marketId: (symbol) => symbol,
    dialect: {
      url: () => 'ws://nowhere',
      subscribe: (keys) => keys.map((key) => `+${key}`),
      unsubscribe: (keys) => keys.map((key) => `-${key}`),
      read: (frame) => (typeof frame === 'string' ? [] : [{ key: 'A/B', news: frame as BookNews }]),
      probe: 'ping',
      ...(isAsking ? { snapshotDepth: 10 } : {}),
    },
    ask: async () => {
      asked += 1;
      const { version, bid } = answers.shift() ?? { version: 0, bid: '1' };
      return { version, bids: [[bid, '1']], asks: ASKS };
    },
  });
  const told: Book[] = [];
  const end = feed.watch('A/B', (book) => told.push(book));
  await clock.advance(200);
  return {
    clock,
    sent,
    told,
    end,
    answers,
    feed,
    asked: () => asked,
    bids: () => told.map(({ bids }) => bids[0]?.[0]),
    push: async (...news: readonly BookNews[]) => {
      for (const each of news) push(each);
      await settle();
    },
    pauses: () => lines.filter(({ message }) => message.startsWith('an order book is not whole')).map(({ fields }) => Number(fields['pauseMs'])),
  };
}

describe('the feed of order books', () => {
  it('tells a book at once, then the newest every so often, with how many changes went into it', async () => {
    const { push, told, bids, clock } = await stage();
    await push(snapshot(1, '99'), change(2, '99.1'), change(3, '99.2'), change(4, '99.3'));
    expect(bids()).toEqual(['99']);
    await clock.advance(BOOK_PUSH_MS);
    expect(told.map((book) => [book.bids[0]?.[0], book.merged])).toEqual([
      ['99', 1],
      ['99.3', 3],
    ]);
  });

  it('gives who comes later the present book', async () => {
    const { push, feed, clock } = await stage();
    await push(snapshot(1, '99'));
    const late: (string | undefined)[] = [];
    feed.watch('A/B', (book) => late.push(book.bids[0]?.[0]));
    expect(late).toEqual([]);
    await clock.advance(1);
    expect(late).toEqual(['99']);
  });

  it('falls silent at a gap and subscribes anew, less and less often while that does not help', async () => {
    const { push, bids, clock, sent, pauses } = await stage();
    for (let turn = 1; turn <= 5; turn += 1) {
      await push(snapshot(1, `9${turn}`), change(3, '98'));
      await clock.advance(1_000);
      await push(change(4, '98'));
      await clock.advance(4_000);
    }
    expect(bids()).toEqual(['91', '92', '93', '94', '95']);
    pauses().forEach((pauseMs, turn) => {
      expect(pauseMs).toBeGreaterThanOrEqual(125 * 2 ** turn);
      expect(pauseMs).toBeLessThanOrEqual(250 * 2 ** turn);
    });
    expect(pauses()).toHaveLength(5);
    expect(sent.filter((frame) => frame !== 'ping').slice(0, 5)).toEqual(['+A/B', '-A/B', '+A/B', '-A/B', '+A/B']);
  });

  it('begins with short pauses again once a book has been whole for a while', async () => {
    const { push, clock, pauses } = await stage();
    await push(snapshot(1, '99'), change(3, '98'));
    await clock.advance(1_000);
    await push(snapshot(1, '99'));
    await clock.advance(12_000);
    await push(change(3, '98'));
    expect(pauses()[1]).toBeLessThanOrEqual(250);
  });

  it('puts what came before its snapshot on top of it, and asks for another when the two do not meet', async () => {
    const { push, bids, clock, answers, asked } = await stage(true);
    answers.push({ version: 5, bid: '95' }, { version: 9, bid: '97' });
    await push(change(8, '96'), change(9, '97'), change(10, '98'));
    expect(asked(), 'the stream comes first').toBe(0);
    await clock.advance(300);
    expect([asked(), bids()]).toEqual([1, []]);
    await push(change(11, '98.5'));
    await clock.advance(500);
    expect([asked(), bids()]).toEqual([2, ['98.5']]);
  });

  it('leaves nothing behind when its watch ends', async () => {
    const { push, end, clock, told } = await stage();
    await push(snapshot(1, '99'), change(2, '99.1'), change(4, '99.2'));
    end();
    await clock.advance(60_000);
    await push(snapshot(1, '99'));
    expect([told.length, clock.waiting]).toEqual([1, 0]);
  });
});
