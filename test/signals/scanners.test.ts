/** Funding across venues, spot across venues and pools, from the answers of each place to a signal. */
import { afterEach, describe, expect, it } from 'vitest';
import { ScanRig } from './scan-rig.ts';

const HOUR_MS = 3_600_000;

let rig: ScanRig;
afterEach(() => rig.close());

describe('funding', () => {
  it('is a signal between any two venues, at the intervals that each has, and follows a change of them', async () => {
    rig = await ScanRig.open({ places: ['binance', 'bybit', 'okx', 'bitget', 'mexc'], scanners: ['funding-spread'] });
    const nextAt = Math.ceil(Date.now() / HOUR_MS + 0.1) * HOUR_MS;
    for (const place of ['binance', 'bybit', 'okx', 'bitget', 'mexc'] as const)
      rig.places.market(place, 'futures', 'ABC', { bid: 1, ask: 1.0001, size: 100_000, nextAt, hours: 8, rate: 0.0001, taker: 0.0005 });
    rig.places.market('binance', 'futures', 'ABC', { rate: -0.004, hours: 4 });
    rig.start();
    const between = (buy: string, sell: string) => rig.news.findLast(({ signal }) => signal.legs[0].venue === buy && signal.legs[1].venue === sell)?.signal;
    for (const venue of ['bybit', 'okx', 'bitget', 'mexc']) await rig.until(`binance against ${venue}`, () => between('binance', venue) !== undefined);
    const signal = between('binance', 'bybit');
    expect(signal).toMatchObject({ scanner: 'funding-spread', strategy: 'funding', exit: 'funding', quarantine: null, identity: { status: 'likely' } });
    expect(signal?.legs.map(({ funding }) => [funding?.ratePercent, funding?.intervalHours, funding?.per8HoursPercent])).toEqual([
      ['-0.4', 4, '-0.8'],
      ['0.01', 8, '0.01'],
    ]);
    // Six settlements of the one and three of the other within a day.
    expect(signal?.funding?.incomePercent).toBe('2.43');
    expect(signal?.funding?.breakEvenSettlements).toBe(1);
    expect(Number(signal?.netPercent)).toBeLessThan(2.43);
  });
});

describe('spot', () => {
  it('of two venues is a signal with what is known of moving the coin', async () => {
    rig = await ScanRig.open({ places: ['bitget', 'okx', 'bybit'], scanners: ['cross-venue'] });
    const chains = [{ chain: 'ERC20', contract: '0x01', canDeposit: true, canWithdraw: true, fee: '3' }];
    rig.places.market('bitget', 'spot', 'ABC', { bid: 0.999, ask: 1, size: 10_000, taker: 0.001, chains });
    rig.places.market('okx', 'spot', 'ABC', { bid: 1.03, ask: 1.031, size: 10_000 });
    rig.places.market('bybit', 'spot', 'ABC', { bid: 1.0004, ask: 1.001, size: 10_000 });
    rig.start();
    const between = () => rig.news.find(({ signal: { legs } }) => legs[0].venue === 'bitget' && legs[1].venue === 'okx')?.signal;
    await rig.until('it opens', () => between() !== undefined);
    const signal = between();
    expect(signal).toMatchObject({ exit: 'transfer', warnings: ['transfer_unknown', 'identity_unknown'], identity: { status: 'unknown' } });
    expect(signal?.legs[0]).toMatchObject({ contract: { chain: 'ethereum', address: '0x01' }, transfer: { canWithdraw: true, withdrawFee: '3' } });
    expect(signal?.legs[1].transfer?.note).toBe('OKX tells deposits and withdrawals only to holders of a key, and no account is named for that');
    // 3 % of 500 less 0.1 % of each side's value and three coins: 15 - 0.5 - 0.515 - 3.
    expect(Number(signal?.netQuote)).toBeCloseTo(10.985, 1);
  });

  it('that is dear because coins cannot leave is quarantined', async () => {
    rig = await ScanRig.open({ places: ['bitget', 'okx'], scanners: ['cross-venue'] });
    const chains = [{ chain: 'ERC20', contract: '0x01', canDeposit: true, canWithdraw: false, fee: '3' }];
    rig.places.market('bitget', 'spot', 'ABC', { bid: 0.999, ask: 1, size: 10_000, chains });
    rig.places.market('okx', 'spot', 'ABC', { bid: 1.1, ask: 1.101, size: 10_000 });
    rig.start();
    await rig.until('it opens', () => rig.last('ABC', 'cross-venue') !== undefined);
    expect(rig.last('ABC', 'cross-venue')).toMatchObject({ quarantine: 'transfer_closed', warnings: ['transfer_closed', 'identity_unknown'] });
    await rig.until('it is kept apart', async () => {
      const { signals } = rig.database.store;
      const [shown, apart] = [
        await signals.list({}, 'opened_at', { limit: 10, cursor: null }),
        await signals.list({ quarantined: 'only' }, 'opened_at', { limit: 10, cursor: null }),
      ];
      expect(shown.items).toEqual([]);
      return apart.items.length === 1;
    });
  });
});

describe('pools', () => {
  const pool = { chain: 'solana', pool: 'Poo1', token: 'Tok1', symbol: 'ABC', priceUsd: 1, liquidityUsd: 400_000, labels: ['CPMM'], isQuote: false };

  async function openPools(change: Partial<typeof pool> = {}, contract = 'Tok1'): Promise<void> {
    rig = await ScanRig.open({ places: ['mexc', 'dexscreener', 'geckoterminal'], scanners: ['cex-dex'] });
    rig.places.market('mexc', 'spot', 'ABC', { bid: 1.06, ask: 1.061, size: 10_000, contract });
    rig.places.market('mexc', 'futures', 'ABC', { bid: 1.06, ask: 1.061, size: 10_000, index: 1.03 });
    rig.places.pools.push({ ...pool, ...change });
    rig.start();
    await rig.until('it opens against both', () => against('spot') !== undefined && against('futures') !== undefined);
  }
  const against = (market: string) => rig.news.find(({ signal }) => signal.legs[1].market === market)?.signal;

  it('are held against spot and futures of MEXC, at the size, with gas, fee and the doubt about dollars', async () => {
    await openPools();
    const [spot, futures] = [against('spot'), against('futures')];
    expect(spot).toMatchObject({
      ...{ scanner: 'cex-dex', strategy: 'cex_dex', exit: 'transfer', quarantine: null, quote: 'USDT' },
      identity: { status: 'likely', evidence: [{ kind: 'same_contract', detail: 'Tok1 (chain not named)' }, {}] },
      warnings: ['usd_is_not_usdt', 'gas_assumed', 'transfer_unknown'],
    });
    expect(spot?.legs[0]).toMatchObject({
      market: 'dex',
      venue: 'uniswap',
      side: 'buy',
      pool: { chain: 'solana', address: 'Poo1' },
      contract: { chain: 'solana', address: 'Tok1' },
    });
    expect(futures).toMatchObject({ exit: 'convergence', identity: { status: 'likely' }, warnings: ['usd_is_not_usdt', 'gas_assumed'] });
    // 6 % at the best prices; 500 dollars move a pool of 400,000 by about 0.25 % on average; 0.3 % to the pool, 0.05 % to MEXC, 0.3 % of doubt, ten cents of gas.
    expect(Number(spot?.netPercent)).toBeGreaterThan(4.8);
    expect(Number(spot?.netPercent)).toBeLessThan(5.1);
    expect(Number(spot?.maxSizeQuote)).toBeGreaterThan(3_000);
  });

  it('of another token with the same name are quarantined: by the index, and where there is none because it is too good', async () => {
    await openPools({ token: 'Scam1', priceUsd: 0.01 }, '');
    expect(against('futures')).toMatchObject({ quarantine: 'identity_conflict', identity: { status: 'conflict' } });
    expect(against('spot')).toMatchObject({ quarantine: 'implausible', identity: { status: 'unknown' } });
  });

  it('are looked for by the token that MEXC names: others of its ticker are not even seen', async () => {
    rig = await ScanRig.open({ places: ['mexc', 'dexscreener'], scanners: ['cex-dex'] });
    rig.places.market('mexc', 'spot', 'ABC', { bid: 1.06, ask: 1.061, size: 10_000, contract: 'Tok1' });
    rig.places.pools.push({ ...pool, token: 'Scam1', pool: 'Poo2', priceUsd: 0.5, liquidityUsd: 9_000_000 }, pool);
    rig.start();
    await rig.until('it opens', () => rig.news.length >= 1);
    expect(rig.news.map(({ signal }) => signal.legs[0].pool?.address)).not.toContain('Poo2');
  });

  it('whose liquidity tells nothing of their depth are quarantined', async () => {
    await openPools({ labels: ['CLMM'] });
    expect(rig.last('ABC', 'cex-dex')).toMatchObject({ quarantine: 'unquotable_pool' });
  });
});
