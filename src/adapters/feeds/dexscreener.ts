/**
 * DexScreener: pools by ticker, and by tokens of one network. Prices are dollars as texts, of the base token, which may not be the coin that
 * was asked for; it does not say when it saw them.
 * @see https://docs.dexscreener.com/api/reference
 */
import type { Clock } from '#core/ports.ts';
import type { PoolQuote, PoolSource } from '#core/signals/pool-source.ts';
import { Client } from './_client.ts';
import { name, positive, positiveOrNull, type Row, readRows, row, Unreadable } from './_pool-rows.ts';

const TITLE = 'DexScreener';
const URL_OF_SERVICE = 'https://api.dexscreener.com';
/** Of the 300 a minute that it grants for pools. */
const PER_MINUTE = 240;
/** How far from equal value the sides of a pool may be that has one curve for both. */
const MAX_TILT = 0.25;
const ONE_CURVE = new Set(['v2', 'cpmm', 'amm']);

export function dexscreener({ clock, url }: { readonly clock: Clock; readonly url: string | null }): PoolSource {
  const client = new Client({ title: TITLE, url: (url ?? URL_OF_SERVICE).replace(/\/+$/, ''), perMinute: PER_MINUTE, clock });
  return {
    name: 'dexscreener',
    search: async (words) => {
      const answer = await client.get(`/latest/dex/search?q=${encodeURIComponent(words)}`);
      const pairs = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'pairs') : null;
      const wanted = words.toLowerCase();
      return readRows(TITLE, pairs, (pair) =>
        sideOf(pair, (token) => [token['symbol'], token['address']].some((each) => String(each).toLowerCase() === wanted)),
      );
    },
    ofTokens: async (chain, tokens) => {
      const wanted = new Set(tokens.map((token) => token.toLowerCase()));
      return readRows(TITLE, await client.get(`/tokens/v1/${chain}/${tokens.join(',')}`), (pair) =>
        sideOf(pair, (token) => wanted.has(String(token['address']).toLowerCase())),
      );
    },
  };
}

function sideOf(pair: Row, isWanted: (token: Row) => boolean): PoolQuote | null {
  const [base, quote] = [row(pair['baseToken']), row(pair['quoteToken'])];
  const isBase = isWanted(base);
  const token = isBase ? base : quote;
  if (!isBase && !isWanted(quote)) return null;
  // What has no price or no liquidity is listed too; that is nothing to trade with.
  if (pair['priceUsd'] === undefined || pair['liquidity'] === undefined) throw new Unreadable('neither price nor liquidity');
  const [priceOfBase, native] = [positive(pair, 'priceUsd'), positive(pair, 'priceNative')];
  const liquidity = row(pair['liquidity']);
  return {
    pool: { chain: name(pair, 'chainId'), address: name(pair, 'pairAddress') },
    dex: name(pair, 'dexId'),
    token: name(token, 'address'),
    symbol: String(token['symbol']).toUpperCase(),
    priceUsd: isBase ? priceOfBase : priceOfBase / native,
    liquidityUsd: positive(liquidity, 'usd'),
    isConstantProduct: hasOneCurve(pair['labels'], liquidity, native),
    feeRate: null,
  };
}

function hasOneCurve(labels: unknown, liquidity: Row, native: number): boolean | null {
  if (Array.isArray(labels) && labels.length > 0 && !labels.some((label) => ONE_CURVE.has(String(label).toLowerCase()))) return false;
  const [base, quote] = [positiveOrNull(liquidity, 'base'), positiveOrNull(liquidity, 'quote')];
  if (base === null || quote === null) return null;
  return Math.abs((base * native) / quote - 1) <= MAX_TILT;
}
