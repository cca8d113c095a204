import { describe, expect, it } from 'vitest';
import type { Quote } from '#core/venue-ports.ts';
import { handFedExchange } from '#test/support/hand-fed-exchange.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { QuoteFeed } from './_quotes.ts';

const ACK = { id: 1 };

/** A feed whose questions are answered by hand, over a venue that confirms subscriptions. */
async function stage() {
  const clock = new ManualClock();
  const { exchange, sent, push } = handFedExchange();
  const questions: { readonly at: number; readonly answer: (bid: string) => Promise<void> }[] = [];
  const feed = new QuoteFeed({
    name: 'quotes',
    clock,
    log: quietLog(),
    open: async () => exchange,
    ask: (symbol) =>
      new Promise<Quote>((resolve) => {
        const answer = async (bid: string): Promise<void> => {
          resolve({ symbol, bid, ask: '200', at: clock.now() });
          await settle();
        };
        questions.push({ at: clock.now(), answer });
      }),
    dialect: {
      url: () => 'ws://nowhere',
      marketId: (symbol) => symbol,
      subscribe: (ids) => ids.map((id) => `+${id}`),
      unsubscribe: (ids) => ids.map((id) => `-${id}`),
      acknowledges: (frame) => frame === ACK,
      read: (frame) => (typeof frame === 'object' && frame !== null && 'bid' in frame ? { marketId: 'A/B', bid: String(frame.bid), ask: '200' } : null),
      probe: 'ping',
    },
  });
  const bids: string[] = [];
  feed.watch('A/B', ({ bid }) => bids.push(bid));
  await clock.advance(200);
  const hear = async (frame: unknown): Promise<void> => {
    push(frame);
    await settle();
  };
  return { clock, sent, questions, bids, hear };
}

describe('the feed of quotes', () => {
  it('asks once more when the venue has confirmed the subscription, since a change before that is told by nobody', async () => {
    const { questions, bids, hear, sent, clock } = await stage();
    expect([sent, questions.length]).toEqual([['+A/B'], 1]);
    await questions[0]?.answer('100');
    await clock.advance(1);
    await hear(ACK);
    expect(questions).toHaveLength(2);
    await questions[1]?.answer('101');
    expect(bids).toEqual(['100', '101']);
  });

  it('takes no answer from before the confirmation for the present', async () => {
    const { questions, bids, hear, clock } = await stage();
    await hear(ACK);
    await clock.advance(1);
    await questions[1]?.answer('101');
    await questions[0]?.answer('100');
    expect(bids).toEqual(['101']);
  });

  it('lets a late early answer not stand in for the one that was asked for after the confirmation', async () => {
    const { questions, bids, hear, clock } = await stage();
    await clock.advance(1);
    await hear(ACK);
    await clock.advance(1);
    await questions[0]?.answer('100');
    await questions[1]?.answer('101');
    expect(bids).toEqual(['100', '101']);
  });

  it('believes the stream rather than what was asked for before it spoke', async () => {
    const { questions, bids, hear, clock } = await stage();
    await hear(ACK);
    await clock.advance(1);
    await hear({ bid: '102' });
    await questions[1]?.answer('101');
    await questions[0]?.answer('100');
    expect(bids).toEqual(['102']);
  });

  it('knows what came first within one millisecond', async () => {
    const { questions, bids, hear } = await stage();
    await hear(ACK);
    await hear({ bid: '102' });
    await questions[1]?.answer('101');
    expect(bids).toEqual(['102']);
  });
});
