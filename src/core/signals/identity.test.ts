/** What says that two listings of one ticker are one coin, and what says that they are not. */
import { describe, expect, it } from 'vitest';
import { chainName } from './chains.ts';
import { type IdentityLeg, identityOf } from './identity.ts';

const leg = (change: Partial<IdentityLeg> = {}): IdentityLeg => ({ name: 'one', contracts: [], referencePrice: null, isIndex: false, ...change });
const on = (chain: string, address: string) => ({ contracts: [{ chain, address }] });

describe('contracts', () => {
  it.each([
    ['one address on one chain', on('ethereum', '0xAb'), on('ethereum', '0xaB'), 'proven'],
    ['two addresses on one chain', on('ethereum', '0xAb'), on('ethereum', '0xAc'), 'conflict'],
    ['addresses that tell capitals apart', on('solana', 'Tok'), on('solana', 'tok'), 'conflict'],
    ['one address on two chains', on('ethereum', '0xAb'), on('bsc', '0xAb'), 'unknown'],
    ['an address whose chain is not named', on('', '0xAb'), on('bsc', '0xAb'), 'likely'],
    ['another address whose chain is not named', on('', '0xAb'), on('bsc', '0xAc'), 'conflict'],
    ['an address of which only the end is told', on('ethereum', '…31eC7'), on('ethereum', '0xdac831ec7'), 'likely'],
    ['the end of another', on('ethereum', '…31ec8'), on('ethereum', '0xdac831ec7'), 'conflict'],
    ['an end whose capitals tell tokens apart', on('solana', '…ToK'), on('solana', 'myTok'), 'conflict'],
    ['an end on another chain', on('bsc', '…31ec7'), on('ethereum', '0xdac831ec7'), 'unknown'],
    ['none', on('ethereum', '0xAb'), {}, 'unknown'],
  ] as const)('%s: %s', (_what, one, other, status) => {
    expect(identityOf(leg(one), leg({ name: 'other', ...other })).status).toBe(status);
    expect(identityOf(leg({ name: 'other', ...other }), leg(one)).status).toBe(status);
  });

  it('of several chains need to agree on one', () => {
    const many = { contracts: [...on('ethereum', '0x1').contracts, ...on('bsc', '0x2').contracts] };
    expect(identityOf(leg(many), leg(on('bsc', '0x2')))).toMatchObject({ status: 'proven', evidence: [{ kind: 'same_contract', detail: 'bsc 0x2' }, {}] });
  });

  it('are compared by one name of a network', () => {
    // As Binance, Bybit, OKX and MEXC write the same networks.
    expect(['BEP20(BSC)', 'ARBI', 'CAVAX', 'Avalanche C-Chain', 'AVAX_CCHAIN', 'Ethereum(ERC20)', 'TONCOIN', 'OPTIMISM'].map(chainName)).toEqual([
      ...['bsc', 'arbitrum', 'avalanche', 'avalanche', 'avalanche', 'ethereum', 'ton', 'optimism'],
    ]);
    expect(['ERC20', 'Ethereum (ERC20)', 'BEP20', 'BNB Smart Chain', 'SOL', 'Arbitrum One', 'C-Chain', 'Kaspa'].map(chainName)).toEqual([
      ...['ethereum', 'ethereum', 'bsc', 'bsc', 'solana', 'arbitrum', 'avalanche', 'kaspa'],
    ]);
  });
});

describe('indices', () => {
  it.each([
    [1, 1.04, true, 'likely'],
    [1, 1.06, true, 'unknown'],
    [1, 1.31, true, 'conflict'],
    [1, 1_000, true, 'conflict'],
    // Two prices of two markets say nothing: that they differ is what is looked for.
    [1, 1.31, false, 'unknown'],
  ])('%d against %d, of which one is an index: %s, are %s', (one, other, isIndex, status) => {
    expect(identityOf(leg({ referencePrice: one }), leg({ referencePrice: other, isIndex })).status).toBe(status);
  });

  it('far apart are a conflict whatever contracts say', () => {
    const same = on('ethereum', '0x1');
    expect(identityOf(leg({ ...same, referencePrice: 1 }), leg({ ...same, referencePrice: 5, isIndex: true })).status).toBe('conflict');
  });
});
