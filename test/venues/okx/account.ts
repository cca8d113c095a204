/** OKX's private answers about an account: its executions, balances, fees, coins, and what its key may do. */
import { decimal, plain } from '#core/money.ts';
import type { HeldBalance, SimulatedFill } from '#core/simulated-exchange.ts';
import type { VenueKey, World } from '../_world.ts';
import type { Call } from './call.ts';
import { symbolOf } from './market-data.ts';
import { billId, fillShape, instType, isStop } from './shapes.ts';
import { page } from './trading.ts';

const DAY_MS = 86_400_000;

/** Executions of the last `days`, newest first. */
export function fills({ world, key, parameters }: Call, days: number): unknown[] {
  const id = parameters.get('instId');
  const named = parameters.get('instType');
  const symbols = id === null ? world.exchange.symbols.filter((symbol) => named === null || named === instType(symbol)) : [symbolOf(world, id)];
  const order = parameters.get('ordId');
  const from = Math.max(parameters.integer('begin') ?? 0, world.now() - days * DAY_MS);
  const to = parameters.integer('end') ?? Number.POSITIVE_INFINITY;
  const found = symbols.flatMap((symbol) => world.exchange.fillsSince(key.account, symbol, from)).filter(({ at }) => at <= to);
  const shown = page(
    found.toSorted((one, other) => Number(one.tradeId) - Number(other.tradeId)),
    billId,
    parameters,
  );
  return shown.map((fill) => fillShape(world, fill, isOfStop(world, key, fill))).filter((shape) => order === null || shape['ordId'] === order);
}

function isOfStop(world: World, key: VenueKey, fill: SimulatedFill): boolean {
  const order = world.exchange.find(key.account, fill.symbol, { venueOrderId: fill.venueOrderId });
  return order !== null && isStop(order);
}

function balanceShape({ asset, free, locked }: HeldBalance, at: number): Record<string, string> {
  const total = plain(decimal(free).plus(locked));
  return {
    availBal: free,
    availEq: '',
    cashBal: total,
    ccy: asset,
    crossLiab: '',
    disEq: '0',
    eq: total,
    eqUsd: '0',
    fixedBal: '0',
    frozenBal: locked,
    interest: '',
    isoEq: '',
    liab: '',
    ordFrozen: locked,
    spotBal: total,
    stgyEq: '0',
    twap: '0',
    uTime: String(at),
    upl: '',
  };
}

/** As GET balance answers and the `account` channel pushes. */
export function balanceOf(world: World, held: readonly HeldBalance[]): Record<string, unknown> {
  const details = held.map((balance) => balanceShape(balance, world.now()));
  return { adjEq: '', details, imr: '', isoEq: '', mgnRatio: '', mmr: '', notionalUsd: '', ordFroz: '', totalEq: '0', uTime: String(world.now()) };
}

export function balance({ world, key, parameters }: Call): unknown[] {
  const named = parameters.get('ccy')?.split(',') ?? null;
  const held = world.exchange.balances(key.account).filter(({ asset, free, locked }) => (named?.includes(asset) ?? true) && (free !== '0' || locked !== '0'));
  return [balanceOf(world, held)];
}

export function config({ world, key }: Call): unknown[] {
  const permissions = ['read_only', ...(key.canTrade ? ['trade'] : []), ...(key.canWithdraw ? ['withdraw'] : [])];
  return [
    {
      acctLv: key.canTradePerpetuals === false ? '1' : '2',
      acctStpMode: 'cancel_maker',
      autoLoan: false,
      ctIsoMode: 'automatic',
      enableSpotBorrow: false,
      greeksType: 'PA',
      ip: key.isIpRestricted ? '203.0.113.7' : '',
      kycLv: '3',
      label: 'simulated',
      level: 'Lv1',
      levelTmp: '',
      mainUid: '44705892343619584',
      mgnIsoMode: 'automatic',
      perm: permissions.join(','),
      posMode: world.hedged.has(key.account) ? 'long_short_mode' : 'net_mode',
      roleType: '0',
      type: '0',
      uid: '44705892343619584',
    },
  ];
}

export function tradeFee({ world, parameters }: Call): unknown[] {
  const type = parameters.need('instType');
  // Contracts are asked for by their family; a single one is spot.
  const family = parameters.get('instFamily');
  const id = type === 'SWAP' ? family && `${family}-SWAP` : parameters.get('instId');
  const symbol = id === null ? world.exchange.symbols.find((each) => instType(each) === type) : symbolOf(world, id);
  const { makerFeeRate, takerFeeRate } = world.scale(symbol ?? '').instrument;
  const [maker, taker] = [`-${makerFeeRate}`, `-${takerFeeRate}`];
  // Rates of contracts margined in USDT stand in fields of their own; those named like the ones of spot are for coin margin.
  const rates = type === 'SWAP' ? { maker: '-0.0003', taker: '-0.0006', makerU: maker, takerU: taker } : { maker, taker, makerU: '', takerU: '' };
  return [
    {
      category: '1',
      delivery: '',
      exercise: '',
      instType: type,
      level: 'Lv1',
      ...rates,
      ts: String(world.now()),
    },
  ];
}

export function currencies({ world }: Call): unknown[] {
  const assets = new Set(world.symbolsOf('spot').flatMap((symbol) => symbol.split('/')));
  return [...assets].flatMap((ccy) =>
    world.networksOf(ccy).map(({ chain, contract, canDeposit, canWithdraw, fee }) => ({
      burningFeeRate: '',
      canDep: canDeposit,
      canInternal: true,
      canWd: canWithdraw,
      ccy,
      chain: `${ccy}-${chain}`,
      // The last characters are all that is told.
      ctAddr: contract.slice(-6),
      fee,
      mainNet: contract === '',
      maxFee: fee,
      maxWd: '1000000',
      minDep: '0.0001',
      minFee: fee,
      minWd: '0.001',
      name: ccy,
      wdTickSz: '8',
    })),
  );
}
