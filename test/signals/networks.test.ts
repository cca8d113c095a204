/** Networks of coins, read by accounts that the owner has named: what they say of the coin and of the way between two places. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestStore } from '#test/support/database.ts';
import type { Place } from './place-state.ts';
import { ScanRig } from './scan-rig.ts';

let rig: ScanRig;
// The first to ask for a database waits for its server.
beforeAll(async () => (await createTestStore()).drop());
afterEach(() => rig.close());

const TOKEN = '0x64bc2ca1be492be7185faa2c8835d9b824c8a194';
const on = (chain: string, change: Partial<{ contract: string; canDeposit: boolean; canWithdraw: boolean; fee: string }> = {}) => [
  { chain, contract: TOKEN, canDeposit: true, canWithdraw: true, fee: '1', ...change },
];
/** What each venue calls Ethereum. */
const ETHEREUM = { binance: 'ETH', bybit: 'ETH', okx: 'ERC20', mexc: 'ETH' } as const;

async function opened(place: keyof typeof ETHEREUM, chains: ReturnType<typeof on>, scanner = 'cross-venue'): Promise<void> {
  rig = await ScanRig.open({ places: [place, 'bitget'], scanners: [scanner] });
  rig.places.market(place, 'spot', 'ABC', { bid: 0.999, ask: 1, size: 10_000, chains });
  for (const at of [place, 'bitget'] as const) rig.places.market(at, 'futures', 'XYZ');
  rig.places.market('bitget', 'spot', 'ABC', { bid: 1.05, ask: 1.051, size: 10_000, chains: on('ERC20') });
}

async function told(): Promise<NonNullable<ReturnType<ScanRig['last']>>> {
  rig.start();
  await rig.until('it is told with what is known of networks', () => {
    const [bought] = rig.last('ABC', 'cross-venue')?.legs ?? [];
    return bought !== undefined && !bought.transfer?.note.includes('yet');
  });
  const signal = rig.last('ABC', 'cross-venue');
  if (signal === undefined) throw new Error('nothing was told');
  return signal;
}

describe.each(Object.keys(ETHEREUM) as (keyof typeof ETHEREUM)[])('of %s', (place) => {
  it('prove the coin and open the way, by the account of the owner', async () => {
    await opened(place, on(ETHEREUM[place]));
    await rig.nameSource(place as Place);
    const signal = await told();
    const isByItsEnd = place === 'okx';
    expect(signal).toMatchObject({ quarantine: null, warnings: [], identity: { status: isByItsEnd ? 'likely' : 'proven' } });
    expect(signal.legs[0]).toMatchObject({
      contract: { chain: 'ethereum', address: isByItsEnd ? '…c8a194' : TOKEN },
      transfer: { canDeposit: true, canWithdraw: true, withdrawFee: '1', note: '' },
    });
    expect((await rig.health()).status).toBe('ok');
  });

  it('quarantine another token of the name', async () => {
    await opened(place, on(ETHEREUM[place], { contract: '0x0000000000000000000000000000000000000bad' }));
    await rig.nameSource(place as Place);
    expect(await told()).toMatchObject({ quarantine: 'identity_conflict', identity: { status: 'conflict', evidence: [{ kind: 'other_contract' }, {}] } });
  });

  it('quarantine what cannot leave', async () => {
    await opened(place, on(ETHEREUM[place], { canWithdraw: false }));
    await rig.nameSource(place as Place);
    expect(await told()).toMatchObject({ quarantine: 'transfer_closed', legs: [{ transfer: { canWithdraw: false, withdrawFee: null } }, {}] });
  });

  it('are not known while no account is named, and the leg says so', async () => {
    await opened(place, on(ETHEREUM[place]));
    const signal = await told();
    expect(signal.warnings).toContain('transfer_unknown');
    expect(signal.legs[0].transfer).toMatchObject({
      canDeposit: null,
      canWithdraw: null,
      withdrawFee: null,
      note: expect.stringMatching(/holders of a key, and no account is named for that$/),
    });
    expect((await rig.health()).status).toBe('ok');
  });
});

describe('the way between two places', () => {
  const bsc = (fee: string) => on('BSC', { contract: '0x00000000000000000000000000000000000000b5', fee });

  it('is a network that both have, and costs what that one takes', async () => {
    await opened('binance', [...bsc('0.01'), ...on('ETH', { fee: '5' })]);
    await rig.nameSource('binance');
    const signal = await told();
    expect(signal).toMatchObject({ quarantine: null, warnings: [] });
    // 5 % of 500, less both fees of trading and five coins: the cheaper network leads nowhere.
    const trading = (Number(signal.feesPercent) / 100) * 500;
    expect(Number(signal.netQuote)).toBeCloseTo(25 - trading - 5, 0);
  });

  it('is closed where the only network of one side is shut on the other, though both move the coin', async () => {
    await opened('binance', on('ETH'));
    rig.places.market('bitget', 'spot', 'ABC', { chains: [...on('ERC20', { canDeposit: false }), ...bsc('1')] });
    await rig.nameSource('binance');
    expect(await told()).toMatchObject({ quarantine: 'transfer_closed', warnings: expect.arrayContaining(['transfer_closed']) });
  });

  it('is not known where each moves it by a network that the other does not name', async () => {
    await opened('binance', on('NEWCHAIN'));
    await rig.nameSource('binance');
    expect(await told()).toMatchObject({ quarantine: null, warnings: expect.arrayContaining(['transfer_unknown']) });
  });
});

it('tell pools apart by the chain that MEXC leaves out of its public list', async () => {
  rig = await ScanRig.open({ places: ['mexc', 'dexscreener', 'geckoterminal'], scanners: ['cex-dex'] });
  const chains = [...on('ETH'), ...on('BSC', { contract: '0x00000000000000000000000000000000000000b5' })];
  rig.places.market('mexc', 'spot', 'ABC', { bid: 1.06, ask: 1.061, size: 10_000, contract: TOKEN, chains });
  rig.places.market('mexc', 'futures', 'XYZ');
  const pool = { pool: 'Poo1', token: TOKEN, symbol: 'ABC', priceUsd: 1, liquidityUsd: 400_000, labels: ['v2'], isQuote: false };
  rig.places.pools.push({ ...pool, chain: 'ethereum' });
  await rig.nameSource('mexc');
  rig.start();
  await rig.until('it is proven', () => rig.last('ABC', 'cex-dex')?.identity.status === 'proven');
  expect(rig.last('ABC', 'cex-dex')?.legs.map(({ contract }) => contract)).toEqual([
    { chain: 'ethereum', address: TOKEN },
    { chain: 'ethereum', address: TOKEN },
  ]);
});
