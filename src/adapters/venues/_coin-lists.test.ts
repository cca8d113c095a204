/** Lists of coins as each venue writes them, and what of them is not to be believed. */
import { describe, expect, it } from 'vitest';
import { bybitCoins, networkLists, okxCoins } from './_coin-lists.ts';
import { type Row, text, UnreadableAnswer } from './_fields.ts';

const binance = networkLists('contractAddress', (network) => text(network, 'network'));
const open = { canDeposit: true, canWithdraw: true, note: '' };

const BINANCE = {
  coin: 'ABC',
  depositAllEnable: true,
  networkList: [
    { network: 'BSC', coin: 'ABC', depositEnable: false, withdrawEnable: true, withdrawFee: '0.2', contractAddress: '0xc7', denomination: 1_000_000 },
    { network: 'ETH', coin: 'ABC', depositEnable: true, withdrawEnable: false, withdrawFee: '0.1', contractAddress: '0xe7' },
    { network: 'SEGWITBTC', coin: 'ABC', depositEnable: false, withdrawEnable: false, withdrawFee: '0' },
  ],
};
const BYBIT = (chain: Row): unknown => ({
  retCode: 0,
  result: {
    rows: [
      {
        coin: 'ABC',
        chains: [{ chain: 'ARBI', chainDeposit: '1', chainWithdraw: '1', withdrawFee: '0.3', withdrawPercentageFee: '0', contractAddress: '0xA1', ...chain }],
      },
    ],
  },
});
const OKX = (...lines: readonly Row[]): unknown => ({
  code: '0',
  data: lines.map((line) => ({ ccy: 'ABC', chain: 'ABC-ERC20', ctAddr: '831ec7', canDep: true, canWd: true, fee: '2', burningFeeRate: '', ...line })),
});

describe('the list of Binance', () => {
  it('has each network of a coin, and what the cheapest that is open takes', () => {
    expect(binance([BINANCE])).toEqual([
      {
        coin: 'ABC',
        contracts: [
          { chain: 'bsc', address: '0xc7' },
          { chain: 'ethereum', address: '0xe7' },
        ],
        transfer: { ...open, withdrawFee: '0.2' },
        networks: [
          { chain: 'bsc', canDeposit: false, canWithdraw: true, withdrawFee: '0.2' },
          { chain: 'ethereum', canDeposit: true, canWithdraw: false, withdrawFee: '0.1' },
          { chain: 'segwitbtc', canDeposit: false, canWithdraw: false, withdrawFee: '0' },
        ],
      },
    ]);
  });

  it('without a network that is open is that of a coin that cannot be moved', () => {
    const shut = { ...BINANCE, networkList: BINANCE.networkList.map((each) => ({ ...each, depositEnable: false, withdrawEnable: false })) };
    expect(binance([shut])[0]?.transfer).toEqual({ canDeposit: false, canWithdraw: false, withdrawFee: null, note: '' });
  });

  it.each([
    ['renamed', { withdrawEnabled: true, depositEnable: true }],
    ['written otherwise', { withdrawEnable: 'true', depositEnable: true }],
    ['of no decimal fee', { withdrawEnable: true, depositEnable: true, withdrawFee: '1e-3x' }],
  ])('leaves a coin out whose network is %s, and fails when that is all', (_what, network) => {
    const bent = { coin: 'BAD', networkList: [{ network: 'ETH', ...network }] };
    expect(binance([bent, BINANCE]).map(({ coin }) => coin)).toEqual(['ABC']);
    expect(() => binance([bent])).toThrow(UnreadableAnswer);
  });

  it('that is empty or no list is unreadable', () => {
    for (const body of [[], {}, null, 'no']) expect(() => binance(body)).toThrow(UnreadableAnswer);
  });
});

describe('the list of Bybit', () => {
  it.each<[string, Row, { readonly canWithdraw: boolean; readonly withdrawFee: string | null }]>([
    ['a fee', {}, { canWithdraw: true, withdrawFee: '0.3' }],
    ['a fee of nothing', { withdrawFee: '0' }, { canWithdraw: true, withdrawFee: '0' }],
    ['no fee, which is no withdrawal', { withdrawFee: '' }, { canWithdraw: false, withdrawFee: null }],
    ['a share as the fee', { withdrawPercentageFee: '0.022' }, { canWithdraw: true, withdrawFee: null }],
    ['withdrawals that are suspended', { chainWithdraw: '0' }, { canWithdraw: false, withdrawFee: null }],
  ])('tells of %s', (_what, chain, told) => {
    expect(bybitCoins(BYBIT(chain))).toMatchObject([
      {
        coin: 'ABC',
        networks: [{ chain: 'arbitrum', canDeposit: true, canWithdraw: told.canWithdraw }],
        contracts: [{ chain: 'arbitrum', address: '0xA1' }],
        transfer: { canDeposit: true, note: '', ...told },
      },
    ]);
  });

  it('with a state that is neither is unreadable', () => {
    expect(() => bybitCoins(BYBIT({ chainDeposit: '2' }))).toThrow('neither 0 nor 1');
  });
});

describe('the list of OKX', () => {
  it('has a line for each network, and the end of each contract', () => {
    const found = okxCoins(
      OKX({}, { chain: 'ABC-Avalanche C-Chain', ctAddr: '', canWd: false }, { ccy: 'USDT', chain: 'USDT-TRC20', ctAddr: 'gjLj6t', fee: '1' }),
    );
    expect(found).toMatchObject([
      { coin: 'ABC', contracts: [{ chain: 'ethereum', address: '…831ec7' }], transfer: { ...open, withdrawFee: '2' } },
      { coin: 'USDT', contracts: [{ chain: 'tron', address: '…gjLj6t' }], transfer: { ...open, withdrawFee: '1' } },
    ]);
  });

  it('may have a whole address, and a fee that burns a share is not known', () => {
    const whole = '0xdac17f958d2ee523a2206206994597c13d831ec7';
    expect(okxCoins(OKX({ ctAddr: whole, burningFeeRate: '0.01' }))[0]).toMatchObject({ contracts: [{ address: whole }], transfer: { withdrawFee: null } });
  });
});
