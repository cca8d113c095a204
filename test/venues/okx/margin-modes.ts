/**
 * How OKX has a position held: the margin mode is each order's own word, and each mode of an instrument has a leverage. The real venue
 * can hold one position in either mode at the same time; this one refuses what would open the second.
 */
import { isPerpetualSymbol } from '#core/instrument.ts';
import type { MarginMode } from '#core/perpetual-ports.ts';
import type { VenueKey, World } from '../_world.ts';
import type { Call } from './call.ts';
import { symbolOf } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import { exchangeRefusal, OkxRefusal, ofOrder, wrongParameter } from './refusals.ts';
import { instId } from './shapes.ts';

/** Of an instrument whose leverage was never set. */
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

/** Refuses accounts in spot mode, which hold no positions. */
export function mayHold(key: VenueKey): void {
  if (key.canTradePerpetuals === false) throw new OkxRefusal('51010', "You can't complete this request under your current account mode.");
}

function modeIn(parameters: Parameters, name: 'tdMode' | 'mgnMode'): MarginMode {
  const mode = parameters.need(name);
  if (mode !== 'isolated' && mode !== 'cross') throw wrongParameter(name);
  return mode;
}

/** Accounts that keep longs and shorts apart must say which; others must not. */
function checkSide(world: World, key: VenueKey, parameters: Parameters): void {
  const side = parameters.get('posSide');
  const isInOrder = world.hedged.has(key.account) ? side === 'long' || side === 'short' : side === null || side === 'net';
  if (!isInOrder) throw wrongParameter('posSide');
}

/** Takes the trade mode of an order, and has the position held so. */
export function readMode(world: World, key: VenueKey, symbol: string, parameters: Parameters): void {
  if (!isPerpetualSymbol(symbol)) {
    if (parameters.need('tdMode') !== 'cash') throw wrongParameter('tdMode');
    return;
  }
  if (key.canTradePerpetuals === false) throw ofOrder('51010', "You can't complete this request under your current account mode.");
  const mode = modeIn(parameters, 'tdMode');
  checkSide(world, key, parameters);
  const { account } = key;
  const refusal = world.exchange.perpetuals.setLeverage(account, symbol, leverageOf(world, account, symbol, mode), mode, world.now());
  if (refusal === 'marginModeInUse') throw ofOrder('59999', 'This simulator holds no second position in another margin mode.');
  if (refusal !== null) throw exchangeRefusal(refusal);
}

function leverageShape(world: World, account: string, symbol: string, mode: MarginMode): Record<string, string> {
  return { ccy: '', instId: instId(symbol), lever: String(leverageOf(world, account, symbol, mode)), mgnMode: mode, posSide: 'net' };
}

export function leverageInfo({ world, key, parameters }: Call): unknown[] {
  mayHold(key);
  return [leverageShape(world, key.account, symbolOf(world, parameters.need('instId')), modeIn(parameters, 'mgnMode'))];
}

/** Holds for what is held in that mode, and for orders that open it later. */
export function setLeverage({ world, key, parameters }: Call): unknown[] {
  mayHold(key);
  const { account } = key;
  const symbol = symbolOf(world, parameters.need('instId'));
  const mode = modeIn(parameters, 'mgnMode');
  const leverage = Number(parameters.need('lever'));
  if (mode === 'isolated') checkSide(world, key, parameters);
  const refusal = world.exchange.perpetuals.setLeverage(account, symbol, leverage, mode, world.now());
  if (refusal === 'leverage') throw new OkxRefusal('59102', 'Leverage exceeds the maximum limit. Please lower the leverage.');
  if (refusal === 'insufficientBalance') throw new OkxRefusal('59103', 'Leverage is too low and no sufficient margin in your account.');
  leveragesOf(world).set(nameOf(account, symbol, mode), leverage);
  return [leverageShape(world, account, symbol, mode)];
}
