/** Binance futures' answers on the account: its wallet, positions, settings, fees and funding. */
import { decimal, plain } from '#core/money.ts';
import { symbolOf } from '../market-data.ts';
import type { Parameters } from '../parameters.ts';
import { BinanceRefusal } from '../refusals.ts';
import { fixed, symbolId } from '../shapes.ts';
import { invalidKey } from '../signing.ts';
import type { Call } from '../trading.ts';
import { futuresRefusal } from './refusals.ts';
import { incomeShape, positionShape, symbolConfigShape } from './shapes.ts';
import { type FuturesCall, windowOf } from './trading.ts';

function sum(one: string, other: string): string {
  return plain(decimal(one).plus(other));
}

/** As v3/balance: what is available counts what positions have gained, and less what they have lost. */
export function balance({ world, key }: Call): unknown {
  const profit = world.exchange.perpetuals.positions(key.account).reduce((total, { unrealisedProfit }) => sum(total, unrealisedProfit), '0');
  return world.exchange.balances(key.account, 'perpetual').map(({ asset, free, locked }) => ({
    accountAlias: 'SgsR',
    asset,
    balance: fixed(sum(free, locked)),
    crossWalletBalance: fixed(sum(free, locked)),
    crossUnPnl: fixed(profit),
    availableBalance: fixed(asset === 'USDT' ? sum(free, profit) : free),
    maxWithdrawAmount: fixed(free),
    marginAvailable: true,
    updateTime: world.now(),
  }));
}

export function account(call: Call): unknown {
  const { world, key } = call;
  const balances = balance(call) as readonly { readonly asset: string; readonly balance: string; readonly availableBalance: string }[];
  const held = balances.map(({ asset, balance: wallet, availableBalance }) => ({ asset, walletBalance: wallet, marginBalance: wallet, availableBalance }));
  const positions = world.exchange.perpetuals.positions(key.account).filter(({ lots }) => lots !== 0);
  return { assets: held, positions: positions.map((position) => positionShape(position)) };
}

export function positionRisk({ world, key, parameters, hedged }: FuturesCall): unknown {
  const id = parameters.get('symbol');
  const symbol = id === null ? null : symbolOf(world, id, 'perpetual');
  const sides = hedged.has(key.account) ? ['LONG', 'SHORT'] : ['BOTH'];
  return world.exchange.perpetuals
    .positions(key.account)
    .filter((position) => position.lots !== 0 && (symbol === null || position.symbol === symbol))
    .flatMap((position) => sides.map((positionSide) => ({ ...positionShape(position), positionSide })));
}

export function symbolConfig({ world, key, parameters }: Call): unknown {
  const id = parameters.get('symbol');
  const symbols = id === null ? world.symbolsOf('perpetual') : [symbolOf(world, id, 'perpetual')];
  return symbols.map((symbol) => symbolConfigShape(world.exchange.perpetuals.position(key.account, symbol)));
}

export function accountConfig({ world, key, hedged }: FuturesCall): unknown {
  const rights = { canTrade: key.canTrade, canDeposit: true, canWithdraw: key.canWithdraw };
  return { feeTier: 0, ...rights, dualSidePosition: hedged.has(key.account), updateTime: world.now(), multiAssetsMargin: false, tradeGroupId: -1 };
}

export function positionMode({ key, hedged }: FuturesCall): unknown {
  return { dualSidePosition: hedged.has(key.account) };
}

export function setLeverage({ world, key, parameters }: Call): unknown {
  if (!key.canTrade) throw invalidKey();
  const symbol = symbolOf(world, parameters.need('symbol'), 'perpetual');
  const leverage = parameters.integer('leverage') ?? 0;
  const held = world.exchange.perpetuals.position(key.account, symbol);
  if (held.lots !== 0 && held.marginMode === 'isolated' && leverage < held.leverage)
    throw new BinanceRefusal(-4161, 'Leverage reduction is not supported in Isolated Margin Mode with open positions.');
  const refusal = world.exchange.perpetuals.setLeverage(key.account, symbol, leverage, held.marginMode, world.now());
  if (refusal !== null) throw futuresRefusal(refusal);
  return { symbol: symbolId(symbol), leverage, maxNotionalValue: '1000000' };
}

export function setMarginType({ world, key, parameters }: Call): unknown {
  if (!key.canTrade) throw invalidKey();
  const symbol = symbolOf(world, parameters.need('symbol'), 'perpetual');
  const marginMode = modeIn(parameters);
  const held = world.exchange.perpetuals.position(key.account, symbol);
  if (held.marginMode === marginMode) throw new BinanceRefusal(-4046, 'No need to change margin type.');
  if (held.lots === 0 && world.exchange.openOrders(key.account, symbol).length > 0)
    throw new BinanceRefusal(-4047, 'Margin type cannot be changed if there exists open orders.');
  const refusal = world.exchange.perpetuals.setLeverage(key.account, symbol, held.leverage, marginMode, world.now());
  if (refusal !== null) throw futuresRefusal(refusal);
  return { code: 200, msg: 'success' };
}

function modeIn(parameters: Parameters): 'isolated' | 'cross' {
  const type = parameters.need('marginType');
  if (type !== 'ISOLATED' && type !== 'CROSSED') throw new BinanceRefusal(-4053, 'Invalid marginType.');
  return type === 'ISOLATED' ? 'isolated' : 'cross';
}

/** One bracket for all sizes. */
export function leverageBracket({ world }: Call): unknown {
  return world.symbolsOf('perpetual').map((symbol) => {
    const terms = world.scale(symbol).instrument.perpetual;
    const bounds = { bracket: 1, notionalCap: 1_000_000_000, notionalFloor: 0, cum: 0 };
    const bracket = { ...bounds, initialLeverage: terms?.maxLeverage ?? 1, maintMarginRatio: Number(terms?.maintenanceMarginRate ?? '0.005') };
    return { symbol: symbolId(symbol), brackets: [bracket] };
  });
}

export function commissionRate({ world, parameters }: Call): unknown {
  const symbol = symbolOf(world, parameters.need('symbol'), 'perpetual');
  const { makerFeeRate, takerFeeRate } = world.scale(symbol).instrument;
  return { symbol: symbolId(symbol), makerCommissionRate: makerFeeRate, takerCommissionRate: takerFeeRate, rpiCommissionRate: '0' };
}

export function income({ world, key, parameters }: Call): unknown {
  const symbol = symbolOf(world, parameters.need('symbol'), 'perpetual');
  if ((parameters.get('incomeType') ?? 'FUNDING_FEE') !== 'FUNDING_FEE') return [];
  const { from, to } = windowOf(parameters, world.now());
  const [limit, page] = [Math.min(parameters.integer('limit') ?? 100, 1_000), parameters.integer('page') ?? 1];
  const paid = world.exchange.perpetuals.fundingSince(key.account, symbol, from).filter(({ at }) => at <= to);
  return paid.slice((page - 1) * limit, page * limit).map((payment) => incomeShape(payment));
}
