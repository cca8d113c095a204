/** Makes of a call in a post the signal that a bot following signals takes, for the one instrument the bot trades; or says why the bot must not. */
import { decimal, plain } from '../money.ts';
import { parseParams } from '../params.ts';
import { SIGNAL_CALL, type SignalCall, signalCallIssues } from '../signal-call.ts';
import { type CallLevel, type PostRefusal, refused, type TradeCall } from './post.ts';
import { writtenInstrument } from './ticker.ts';
import { entryPrices } from './trade-call.ts';

/** What the bot trades, as its venue names it. */
export interface FollowedInstrument {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly isPerpetual: boolean;
}

export type FollowedCall = { readonly kind: 'signal'; readonly signal: SignalCall } | PostRefusal;

/**
 * The signal for `instrument`. Of a range of leverages the least is taken; a range of entries gives an order at each end. What
 * the signal cannot carry, such as an entry above a price or a distance without an entry to count from, is refused.
 */
export function followCall(
  call: TradeCall,
  instrument: FollowedInstrument,
  { id, issuedAt }: { readonly id: string; readonly issuedAt: number },
): FollowedCall {
  const other = mismatch(call, instrument);
  if (other !== null) return refused('two_instruments', other);
  const entries = entriesOf(call);
  if (entries === null) return refused('incomplete', 'an entry on a condition');
  const prices = [...call.targets, ...(call.stop === null ? [] : [call.stop])].map((level) => priceOf(level, call, entries));
  const known = prices.flatMap((price) => (price === null ? [] : [price]));
  if (known.length < prices.length) return refused('incomplete', 'a distance without one entry to count from');
  const targets = known
    .slice(0, call.targets.length)
    .map((price, index) => ({ price, ...(call.shares === null ? {} : { share_percent: call.shares[index] }) }));
  const parsed = parseParams(SIGNAL_CALL, {
    id,
    symbol: instrument.symbol,
    side: call.side,
    entries: entries.map((price) => ({ price })),
    targets,
    ...(call.stop === null ? {} : { stop: known.at(-1) }),
    ...(call.leverage === null ? {} : { leverage: call.leverage.min }),
    issued_at: issuedAt,
  });
  const [issue] = parsed.ok ? signalCallIssues(parsed.value) : parsed.issues;
  if (issue !== undefined || !parsed.ok) return refused('contradiction', issue === undefined ? '' : `${issue.field} ${issue.message}`);
  return { kind: 'signal', signal: parsed.value };
}

/** Prices in posts that name no quote are dollars. */
const DOLLARS = new Set(['USD', 'USDT', 'USDC', 'FDUSD']);

function mismatch({ instrument, market }: TradeCall, { symbol, base, quote, isPerpetual }: FollowedInstrument): string | null {
  const own = writtenInstrument(base, quote);
  const isCoin = own !== null && own.base === instrument.base && own.multiplier === instrument.multiplier;
  if (!isCoin || (instrument.quote === null ? !DOLLARS.has(quote) : instrument.quote !== quote)) return `the bot trades ${symbol}`;
  return market !== null && (market === 'futures') !== isPerpetual ? `the call is for ${market}` : null;
}

/** `null` for a call that waits for a price, which has no entry yet. */
function entriesOf({ entry }: TradeCall): readonly string[] | null {
  return entry.kind === 'above' || entry.kind === 'below' ? null : entryPrices(entry);
}

/** A level in quote; a target that is a distance lies on the side of profit, a stop on the other. */
function priceOf(level: CallLevel, { side, targets }: TradeCall, entries: readonly string[]): string | null {
  if ('price' in level) return level.price;
  const [entry, second] = entries;
  if (entry === undefined || second !== undefined) return null;
  const isUp = targets.includes(level) === (side === 'long');
  return plain(
    decimal(entry)
      .times(decimal(100).plus(isUp ? level.percent : decimal(level.percent).neg()))
      .div(100),
  );
}
