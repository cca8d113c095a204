/** Networks by one name, whatever a venue calls them; the names are those of DexScreener. */

const NAMES: Readonly<Record<string, readonly string[]>> = {
  ethereum: ['erc20', 'eth', 'ethereum', 'ethereumerc20'],
  bsc: ['bep20', 'bsc', 'bep20bsc', 'bnbsmartchain', 'bnbsmartchainbep20', 'binancesmartchain'],
  solana: ['sol', 'solana', 'solanasol'],
  base: ['base', 'baseevm', 'basemainnet'],
  arbitrum: ['arbitrum', 'arbitrumone', 'arb', 'arbi', 'arbevm', 'arbitrumonearb'],
  optimism: ['optimism', 'op', 'opeth', 'optimismop'],
  polygon: ['polygon', 'matic', 'polygonpos', 'polygonmatic'],
  avalanche: ['avalanche', 'avaxcchain', 'avaxc', 'cavax', 'cchain', 'avalanchecchain', 'avalanchecchainavaxcchain'],
  tron: ['trc20', 'trx', 'tron', 'trontrc20'],
  ton: ['ton', 'toncoin', 'toncointon'],
  sui: ['sui'],
  sonic: ['sonic'],
};

const BY_NAME = new Map(Object.entries(NAMES).flatMap(([name, others]) => others.map((other) => [other, name] as const)));

/** The one name of a network; one that is not known keeps its own, in small letters. */
export function chainName(written: string): string {
  const bare = written.toLowerCase().replace(/[^a-z0-9]/g, '');
  return BY_NAME.get(bare) ?? bare;
}
