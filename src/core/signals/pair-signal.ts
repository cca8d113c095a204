/** Which signals a bot of ours can act on: a coin bought and the perpetual on it sold, both at one venue and so on one account. Pure. */
import type { Signal } from './signal.ts';

/** Scanners whose signals are a coin and the perpetual on it at one venue: what a pair of legs can wait for. */
export const PAIR_SCANNERS = ['mexc-spot-futures', 'spot-futures'] as const;

/** The strategy that trades them. */
export const PAIR_STRATEGY = 'spot_futures_arbitrage';

/** What may be acted on is no older than this. */
export const FRESH_MS = 20_000;

export interface SignalPair {
  readonly venue: string;
  readonly symbol: string;
  readonly perpetualSymbol: string;
}

/** The pair of a signal, or why there is none for a bot. */
export function pairOf(signal: Signal): { readonly ok: true; readonly pair: SignalPair } | { readonly ok: false; readonly reason: string } {
  const [bought, sold] = signal.legs;
  if (bought.venue !== sold.venue) return refused(`its legs are at ${bought.venue} and ${sold.venue}, and a bot works on one account at one exchange`);
  if (bought.market === 'dex' || sold.market === 'dex') return refused('one of its legs is a pool of a decentralised exchange, where bots place no orders');
  if (signal.strategy !== 'spot_futures' || !PAIR_SCANNERS.some((name) => name === signal.scanner))
    return refused(`no strategy trades signals of ${signal.scanner}; only spot against its perpetual at one exchange is traded`);
  if (bought.market !== 'spot' || sold.market !== 'futures')
    return refused('the coin would have to be sold first, which needs coins that the bot does not have; only a dearer perpetual is traded');
  if (bought.multiplier !== sold.multiplier) return refused('its legs count in different units of the coin');
  return { ok: true, pair: { venue: bought.venue, symbol: bought.symbol, perpetualSymbol: sold.symbol } };
}

function refused(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

/** Why a signal may not be acted on now; `null` where it may. */
export function unfitness(signal: Signal, now: number): string | null {
  if (signal.state === 'closed') return `it has closed (${signal.closeReason ?? 'no reason known'})`;
  if (signal.quarantine !== null) return `it is in quarantine (${signal.quarantine})`;
  if (signal.identity.status === 'conflict') return 'its legs are not the same coin';
  if (signal.legs.some(({ isStale }) => isStale)) return 'the prices of a leg are too old';
  const ageMs = now - signal.updatedAt;
  return ageMs > FRESH_MS ? `it was last computed ${Math.floor(ageMs / 1_000)} s ago, and ${FRESH_MS / 1_000} s is the limit` : null;
}
