/** Networks by one name, whatever a venue calls them; the names are those of DexScreener. */

const NAMES: Readonly<Record<string, readonly string[]>> = {
  ethereum: ['erc20', 'eth', 'ethereum', 'ethereumerc20'],
  bsc: ['bep20', 'bsc', 'bnbsmartchain', 'bnbsmartchainbep20', 'binancesmartchain'],
  solana: ['sol', 'solana'],
  base: ['base', 'baseevm', 'basemainnet'],
  arbitrum: ['arbitrum', 'arbitrumone', 'arb', 'arbevm'],
  optimism: ['optimism', 'op', 'opeth'],
  polygon: ['polygon', 'matic', 'polygonpos'],
  avalanche: ['avalanche', 'avaxcchain', 'avaxc', 'cchain'],
  tron: ['trc20', 'trx', 'tron'],
  ton: ['ton', 'toncoin'],
  sui: ['sui'],
  sonic: ['sonic'],
};

const BY_NAME = new Map(Object.entries(NAMES).flatMap(([name, others]) => others.map((other) => [other, name] as const)));

/** The one name of a network; one that is not known keeps its own, in small letters. */
export function chainName(written: string): string {
  const bare = written.toLowerCase().replace(/[^a-z0-9]/g, '');
  return BY_NAME.get(bare) ?? bare;
}
