/**
 * GeckoTerminal: pools by their addresses. Its limit is a tenth of the other's, so it is asked about what the other does not tell.
 * @see https://api.geckoterminal.com/docs/index.html
 */
import type { Clock } from '#core/ports.ts';
import type { PoolQuote, PoolSource } from '#core/signals/pool-source.ts';
import { Client } from './_client.ts';
import { name, positive, positiveOrNull, type Row, readRows, row, Unreadable } from './_pool-rows.ts';

const TITLE = 'GeckoTerminal';
const URL_OF_SERVICE = 'https://api.geckoterminal.com/api/v2';
/** Of the 30 a minute that it grants. */
const PER_MINUTE = 24;
/** What it calls networks that others call otherwise. */
const NETWORKS: Readonly<Record<string, string>> = { ethereum: 'eth', polygon: 'polygon_pos', avalanche: 'avax', sui: 'sui-network' };

export function geckoterminal({ clock, url }: { readonly clock: Clock; readonly url: string | null }): PoolSource {
  const client = new Client({ title: TITLE, url: (url ?? URL_OF_SERVICE).replace(/\/+$/, ''), perMinute: PER_MINUTE, clock });
  return {
    name: 'geckoterminal',
    ofPools: async (chain, pools, tokens) => {
      const network = NETWORKS[chain] ?? chain;
      const answer = await client.get(`/networks/${network}/pools/multi/${pools.join(',')}`);
      const data = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'data') : null;
      const wanted = new Map(pools.map((pool, at) => [pool.toLowerCase(), tokens[at]?.toLowerCase() ?? '']));
      return readRows(TITLE, data, (line) => poolOf(line, chain, wanted));
    },
  };
}

function poolOf(line: Row, chain: string, wanted: ReadonlyMap<string, string>): PoolQuote | null {
  const [told, related] = [row(line['attributes']), row(line['relationships'])];
  const address = name(told, 'address');
  const token = wanted.get(address.toLowerCase());
  if (token === undefined) return null;
  const [base, quote] = [tokenIn(related, 'base_token'), tokenIn(related, 'quote_token')];
  const side = base.toLowerCase() === token ? 'base' : quote.toLowerCase() === token ? 'quote' : null;
  if (side === null) throw new Unreadable('a pool of other tokens');
  const percent = positiveOrNull(told, 'pool_fee_percentage');
  return {
    pool: { chain, address },
    dex: TITLE.toLowerCase(),
    token: side === 'base' ? base : quote,
    symbol: '',
    priceUsd: positive(told, `${side}_token_price_usd`),
    // It may be null, and then nothing can be traded with for all we know.
    liquidityUsd: positive(told, 'reserve_in_usd'),
    isConstantProduct: null,
    feeRate: percent === null ? null : percent / 100,
  };
}

/** Ids are the network, a line and the address. */
function tokenIn(related: Row, field: string): string {
  const id = row(row(related[field])['data'])['id'];
  if (typeof id !== 'string' || !id.includes('_')) throw new Unreadable(`${field} has no id`);
  return id.slice(id.lastIndexOf('_') + 1);
}
