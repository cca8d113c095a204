/** A call of a post as a signal of the bot that follows it: same figures, same instrument, or none. */
import { describe, expect, it } from 'vitest';
import { type FollowedInstrument, followCall } from './follow-call.ts';
import type { TradeCall } from './post.ts';
import { readPost } from './read-post.ts';

const SPOT: FollowedInstrument = { symbol: 'BTC/USDT', base: 'BTC', quote: 'USDT', isPerpetual: false };
const PERPETUAL: FollowedInstrument = { symbol: 'BTC/USDT:USDT', base: 'BTC', quote: 'USDT', isPerpetual: true };
const MARK = { id: 'channel:77:0', issuedAt: 1_700_000_000_000 };

function call(text: string): TradeCall {
  const [first] = readPost({ messageId: '77', edit: 0, text }).results;
  if (first?.kind !== 'call') throw new Error(`no call: ${JSON.stringify(first)}`);
  return first;
}

describe('a call', () => {
  it('becomes a signal with its own figures', () => {
    const post = call('BTC/USDT LONG\nEntry 67000-67500\nTargets 68000 (60%) 69000 (40%)\nStop 66000\n5-10x');
    expect(followCall(post, PERPETUAL, MARK)).toEqual({
      kind: 'signal',
      signal: {
        id: 'channel:77:0',
        symbol: 'BTC/USDT:USDT',
        side: 'long',
        entries: [{ price: '67000' }, { price: '67500' }],
        targets: [
          { price: '68000', share_percent: '60' },
          { price: '69000', share_percent: '40' },
        ],
        stop: '66000',
        leverage: 5,
        issued_at: 1_700_000_000_000,
        valid_minutes: null,
      },
    });
  });

  it.each([
    ['BTC long entry 1000 targets +5% +10% stop 2%', 'long', ['1050', '1100'], '980'],
    ['BTC short entry 1000 target 5% stop 2%', 'short', ['950'], '1020'],
  ])('with distances has prices counted from its entry: %s', (text, side, targets, stop) => {
    const followed = followCall(call(text), PERPETUAL, MARK);
    expect(followed).toMatchObject({ kind: 'signal', signal: { side, stop, targets: targets.map((price) => ({ price })) } });
  });

  it('at market has no entries and no stop where it says none', () => {
    expect(followCall(call('Buy BTC now\nTP 70000'), SPOT, MARK)).toMatchObject({ kind: 'signal', signal: { entries: [], stop: null, leverage: null } });
  });

  it.each([
    ['ETH/USDT long entry 3000 target 3100 stop 2900', SPOT, 'two_instruments'],
    ['BTC/USDC long entry 67000 target 68000 stop 66000', SPOT, 'two_instruments'],
    ['BTC long entry 67000 target 68000 stop 66000', { ...SPOT, symbol: 'BTC/EUR', quote: 'EUR' }, 'two_instruments'],
    ['BTC futures long entry 67000 target 68000 stop 66000', SPOT, 'two_instruments'],
    ['BTC spot long entry 67000 target 68000 stop 66000', PERPETUAL, 'two_instruments'],
    ['1000PEPE/USDT long entry 0.012 target 0.013 stop 0.011', { ...SPOT, symbol: 'PEPE/USDT', base: 'PEPE' }, 'two_instruments'],
    ['BTC long above 67000 target 68000 stop 66000', SPOT, 'incomplete'],
    ['Buy BTC now, target +5%', SPOT, 'incomplete'],
    ['BTC long entry 67000 66500 target +5%', SPOT, 'incomplete'],
    ['BTC 150x long entry 67000 target 68000 stop 66000', PERPETUAL, 'contradiction'],
  ])('that the bot must not follow is refused: %s', (text, instrument, reason) => {
    expect(followCall(call(text), instrument, MARK)).toMatchObject({ kind: 'refused', reason });
  });

  it('of a thousand coins a unit is followed where the venue counts them so too', () => {
    const instrument = { symbol: '1000PEPE/USDT:USDT', base: '1000PEPE', quote: 'USDT', isPerpetual: true };
    const post = call('kPEPE long entry 0.012 target 0.013 stop 0.011');
    expect(followCall(post, instrument, MARK)).toMatchObject({ kind: 'signal', signal: { symbol: '1000PEPE/USDT:USDT', entries: [{ price: '0.012' }] } });
  });
});
