/** What DexScreener and GeckoTerminal answer about pools. */
import type { PlaceStates, PoolState } from './place-state.ts';

export function poolAnswer(places: PlaceStates, place: 'dexscreener' | 'geckoterminal', path: string, query: URLSearchParams): unknown {
  return place === 'dexscreener' ? dexscreener(places, path, query) : geckoterminal(places, path);
}

function dexscreener({ pools, now }: PlaceStates, path: string, query: URLSearchParams): unknown {
  if (path === '/latest/dex/search') {
    const wanted = (query.get('q') ?? '').toLowerCase();
    const found = pools.filter(({ symbol, token }) => symbol.toLowerCase() === wanted || token.toLowerCase() === wanted);
    return { schemaVersion: '1.0.0', pairs: found.slice(0, 30).map((pool) => pairOf(pool, now())) };
  }
  const [, chain, tokens] = /^\/tokens\/v1\/([^/]+)\/(.+)$/.exec(path) ?? [];
  if (chain === undefined || tokens === undefined) return null;
  const wanted = tokens.toLowerCase().split(',');
  return pools.filter((pool) => pool.chain === chain && wanted.includes(pool.token.toLowerCase())).map((pool) => pairOf(pool, now()));
}

/** Prices are texts, and of the base token: the coin may be the quote. */
function pairOf({ chain, pool, token, symbol, priceUsd, liquidityUsd, labels, isQuote }: PoolState, now: number): unknown {
  const coin = { address: token, name: symbol, symbol };
  const dollar = { address: '0xdac17f958d2ee523a2206206994597c13d831ec7', name: 'Tether USD', symbol: 'USDT' };
  return {
    ...{ chainId: chain, dexId: 'uniswap', url: `https://dexscreener.com/${chain}/${pool}`, pairAddress: pool, ...(labels.length > 0 ? { labels } : {}) },
    baseToken: isQuote ? dollar : coin,
    quoteToken: isQuote ? coin : dollar,
    ...(isQuote ? { priceNative: String(1 / priceUsd), priceUsd: '1.0' } : { priceNative: String(priceUsd), priceUsd: String(priceUsd) }),
    txns: { m5: { buys: 1, sells: 1 }, h1: { buys: 1, sells: 1 }, h6: { buys: 1, sells: 1 }, h24: { buys: 1, sells: 1 } },
    volume: { h24: 100_000, h6: 10_000, h1: 1_000, m5: 100 },
    liquidity: { usd: liquidityUsd, base: liquidityUsd / 2 / (isQuote ? 1 : priceUsd), quote: liquidityUsd / 2 / (isQuote ? priceUsd : 1) },
    pairCreatedAt: now - 86_400_000,
  };
}

function geckoterminal({ pools, now }: PlaceStates, path: string): unknown {
  const [, network, addresses] = /^\/networks\/([^/]+)\/pools\/multi\/(.+)$/.exec(path) ?? [];
  if (network === undefined || addresses === undefined) return null;
  const chain = network === 'eth' ? 'ethereum' : network;
  const wanted = addresses.toLowerCase().split(',');
  return {
    data: pools
      .filter((pool) => pool.chain === chain && wanted.includes(pool.pool.toLowerCase()))
      .map(({ pool, token, symbol, priceUsd, liquidityUsd, isQuote }) => ({
        ...{ id: `${network}_${pool}`, type: 'pool' },
        attributes: {
          ...{ address: pool, name: `${symbol} / USDT`, pool_created_at: new Date(now() - 86_400_000).toISOString() },
          ...{ base_token_price_usd: isQuote ? '1.0' : String(priceUsd), quote_token_price_usd: isQuote ? String(priceUsd) : '1.0' },
          ...{ reserve_in_usd: String(liquidityUsd), pool_fee_percentage: '0.3', volume_usd: { h24: '100000' }, transactions: {} },
        },
        relationships: {
          base_token: { data: { id: `${network}_${isQuote ? 'usdt' : token}`, type: 'token' } },
          quote_token: { data: { id: `${network}_${isQuote ? token : 'usdt'}`, type: 'token' } },
        },
      })),
  };
}
