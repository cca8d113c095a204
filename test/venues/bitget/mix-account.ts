/** Bitget's private answers about an account of perpetuals: its wallet, how positions are held, positions, and funding among its bills. */
import { decimal, plain } from '#core/money.ts';
import type { MarginMode } from '#core/perpetual-ports.ts';
import type { Refusal } from '#core/simulated-exchange.ts';
import type { World } from '../_world.ts';
import { mixSymbol, mixSymbols } from './mix-market.ts';
import { billShape, marginModeName, paymentId, positionShape } from './mix-shapes.ts';
import { BitgetRefusal, exchangeRefusal, wrongParameter } from './refusals.ts';
import { symbolId } from './shapes.ts';
import { type Call, mayTrade, page } from './trading.ts';

const DAY_MS = 86_400_000;
const LONGEST_BILLS_MS = 30 * DAY_MS;
const DEFAULT_LEVERAGE = 20;
const leverages = new WeakMap<World, Map<string, number>>();

function leveragesOf(world: World): Map<string, number> {
  const known = leverages.get(world) ?? new Map<string, number>();
  leverages.set(world, known);
  return known;
}

function nameOf(account: string, symbol: string, mode: MarginMode): string {
  return `${account} ${symbol} ${mode}`;
}

function leverageOf(world: World, account: string, symbol: string, mode: MarginMode): number {
  return leveragesOf(world).get(nameOf(account, symbol, mode)) ?? DEFAULT_LEVERAGE;
}

/** Needed by everything that is about perpetuals. */
export function mayTradeContracts({ key }: Pick<Call, 'key'>): void {
  mayTrade(key);
  if (key.canTradePerpetuals === false) throw new BitgetRefusal('40014', 'Incorrect permissions, need contract order write permissions');
}

function readMode(call: Call): MarginMode {
  const mode = call.parameters.need('marginMode');
  if (mode !== 'crossed' && mode !== 'isolated') throw wrongParameter('marginMode');
  return mode === 'crossed' ? 'cross' : 'isolated';
}

function check(refusal: Refusal | null): void {
  if (refusal !== null) throw exchangeRefusal(refusal);
}

/** Has a position held as an order says. */
export function useMode(call: Call, symbol: string): void {
  const { world, key } = call;
  const mode = readMode(call);
  check(world.exchange.perpetuals.setLeverage(key.account, symbol, leverageOf(world, key.account, symbol, mode), mode, world.now()));
}

function walletOf(world: World, account: string): Record<string, string> {
  const held = world.exchange.balances(account, 'perpetual').find(({ asset }) => asset === 'USDT') ?? { free: '0', locked: '0' };
  const floating = world.exchange.perpetuals.positions(account).reduce((sum, { unrealisedProfit }) => sum.plus(unrealisedProfit), decimal('0'));
  const free = decimal(held.free).plus(floating.isNegative() ? floating : 0);
  const available = plain(free.isNegative() ? decimal('0') : free);
  const equity = plain(decimal(held.free).plus(held.locked).plus(floating));
  return {
    marginCoin: 'USDT',
    locked: '0',
    available: plain(decimal(held.free).plus(held.locked)),
    crossedMaxAvailable: available,
    isolatedMaxAvailable: available,
    maxTransferOut: available,
    accountEquity: equity,
    usdtEquity: equity,
    btcEquity: '0',
    crossedRiskRate: '0',
    unrealizedPL: plain(floating),
    coupon: '0',
    assetMode: 'single',
  };
}

export function mixAccounts(call: Call): unknown {
  mayTradeContracts(call);
  mixSymbols(call.world, call.parameters);
  return [walletOf(call.world, call.key.account)];
}

export function mixAccount(call: Call): unknown {
  mayTradeContracts(call);
  const { world, key, parameters } = call;
  const symbol = mixSymbol(world, parameters);
  const { account } = key;
  const isolated = leverageOf(world, account, symbol, 'isolated');
  return {
    ...walletOf(world, account),
    crossedMarginLeverage: leverageOf(world, account, symbol, 'cross'),
    isolatedLongLever: isolated,
    isolatedShortLever: isolated,
    marginMode: marginModeName(world.exchange.perpetuals.position(account, symbol).marginMode),
    posMode: world.hedged.has(account) ? 'hedge_mode' : 'one_way_mode',
  };
}

export function setMixLeverage(call: Call): unknown {
  mayTradeContracts(call);
  const { world, key, parameters } = call;
  const symbol = mixSymbol(world, parameters);
  const { marginMode } = world.exchange.perpetuals.position(key.account, symbol);
  const leverage = Number(parameters.need('leverage'));
  check(world.exchange.perpetuals.setLeverage(key.account, symbol, leverage, marginMode, world.now()));
  leveragesOf(world).set(nameOf(key.account, symbol, marginMode), leverage);
  const told = String(leverage);
  return {
    symbol: symbolId(symbol),
    marginCoin: 'USDT',
    longLeverage: told,
    shortLeverage: told,
    crossMarginLeverage: told,
    marginMode: marginModeName(marginMode),
  };
}

export function setMarginMode(call: Call): unknown {
  mayTradeContracts(call);
  const symbol = mixSymbol(call.world, call.parameters);
  useMode(call, symbol);
  return { symbol: symbolId(symbol), marginCoin: 'USDT', longLeverage: '20', shortLeverage: '20', marginMode: marginModeName(readMode(call)) };
}

export function mixPositions(call: Call): unknown {
  mayTradeContracts(call);
  const ours = mixSymbols(call.world, call.parameters);
  return call.world.exchange.perpetuals
    .positions(call.key.account)
    .filter(({ symbol, lots }) => lots !== 0 && ours.includes(symbol))
    .map((position) => positionShape(call.world, position));
}

/** Of no more than thirty days at once. */
export function mixBills(call: Call): unknown {
  mayTradeContracts(call);
  const { world, key, parameters } = call;
  const from = parameters.integer('startTime') ?? world.now() - LONGEST_BILLS_MS;
  const to = Math.min(parameters.integer('endTime') ?? world.now(), world.now());
  if (to - from > LONGEST_BILLS_MS) throw new BitgetRefusal('40705', 'The start and end time cannot exceed 30 days');
  const business = parameters.get('businessType') ?? 'contract_settle_fee';
  const symbols = business === 'contract_settle_fee' ? mixSymbols(world, parameters) : [];
  const paid = symbols.flatMap((symbol) => [...world.exchange.perpetuals.fundingSince(key.account, symbol, 0)]);
  paid.sort((one, other) => Number(BigInt(paymentId(one)) - BigInt(paymentId(other))));
  const shown = page(world, paid, paymentId, ({ at }) => at, parameters).map(billShape);
  return { bills: shown, endId: shown.at(-1)?.['billId'] ?? null };
}
