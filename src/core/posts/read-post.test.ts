/** The corpus of posts, field by field, and what no trap may bring about. */
import { describe, expect, it } from 'vitest';
import { CEX_DEX, CROSS_VENUE, FUNDING, SPOT_FUTURES } from './corpus-arbitrage.fixture.ts';
import { CALLS, UPDATES } from './corpus-calls.fixture.ts';
import { TRAPS } from './corpus-traps.fixture.ts';
import { readPost } from './read-post.ts';

function read(text: string, replyTo?: string) {
  return readPost({ messageId: '1', edit: 0, text, ...(replyTo === undefined ? {} : { replyTo }) }).results;
}

describe('a trade call', () => {
  it.each(CALLS)('is read to the last field: $text', ({ text, events }) => {
    expect(read(text)).toEqual(events);
  });
});

describe('a change of a call', () => {
  it.each(UPDATES)('is read to the last field: $text', ({ text, replyTo, events }) => {
    expect(read(text, replyTo)).toEqual(events);
  });
});

describe.each([
  ['between spot and futures', SPOT_FUTURES],
  ['of funding', FUNDING],
  ['across venues', CROSS_VENUE],
  ['with a decentralised exchange', CEX_DEX],
])('an arbitrage %s', (_, examples) => {
  it.each(examples)('is read to the last field: $text', ({ text, events }) => {
    expect(read(text)).toEqual(events);
  });
});

describe('a trap', () => {
  it.each(TRAPS)('gives no signal: %s', (text, ...reasons) => {
    expect(read(text).map((result) => (result.kind === 'refused' ? result.reason : result))).toEqual(reasons);
  });
});

describe('the corpus', () => {
  it('has 150 posts of which a third are traps', () => {
    const honest = [...CALLS, ...UPDATES, ...SPOT_FUTURES, ...FUNDING, ...CROSS_VENUE, ...CEX_DEX];
    const all = [...honest.map(({ text }) => text), ...TRAPS.map(([text]) => text)];
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(150);
    expect(TRAPS.length * 3).toBeGreaterThanOrEqual(all.length);
    expect(honest.filter(({ events }) => events.length === 0)).toEqual([]);
  });
});
