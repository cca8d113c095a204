/** What Bybit answers when it refuses: its codes and texts, nearly all of them with HTTP 200. */
import type { Refusal } from '#core/simulated-exchange.ts';

/** Thrown anywhere in the dialect; becomes the envelope `{retCode, retMsg, result, retExtInfo, time}`. */
export class BybitRefusal extends Error {
  readonly code: number;
  readonly status: number;

  constructor(code: number, message: string, status = 200) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** An address that asks too often meets a page at the door, not the venue's envelope. */
export class Banned extends Error {}

export function wrongParameter(name: string): BybitRefusal {
  return new BybitRefusal(10001, `params error: ${name} invalid`);
}

export function noSuchOrder(): BybitRefusal {
  return new BybitRefusal(170213, 'Order does not exist.');
}

export function notPermitted(): BybitRefusal {
  return new BybitRefusal(10005, 'Permission denied, please check your API key permissions.');
}

const PLACING: Readonly<Record<Exclude<Refusal, 'priceFilter' | 'lotSize'>, readonly [code: number, message: string]>> = {
  unknownSymbol: [170121, 'Invalid symbol.'],
  marketHalted: [170151, 'The trading pair is not open yet.'],
  notAllowed: [170115, 'Invalid timeInForce.'],
  minNotional: [170140, 'Order value exceeded lower limit.'],
  maxNotional: [170124, 'Order amount too large.'],
  duplicateClientOrderId: [170141, 'Duplicate clientOrderId'],
  tooManyOrders: [170810, 'Cannot exceed maximum of 500 conditional, TP/SL and active orders.'],
  insufficientBalance: [170131, 'Insufficient balance.'],
  wouldTake: [170218, 'The LIMIT-MAKER order is rejected due to invalid price.'],
  // The venue would wait for the price to come back; the exchange behind this dialect knows stops in their own direction only.
  wouldTrigger: [170210, 'New order rejected.'],
  reduceOnly: [110017, 'Reduce-only rule not satisfied.'],
  leverage: [110013, 'Cannot set leverage due to risk limit level.'],
  marginModeInUse: [110024, 'You have an existing position, so the position mode cannot be switched.'],
  unknownOrder: [170213, 'Order does not exist.'],
};

/** The exchange's reason not to place, in Bybit's words; what is wrong with a price or a size is told by their values. */
export function placingRefusal(reason: Exclude<Refusal, 'priceFilter' | 'lotSize'>): BybitRefusal {
  const [code, message] = PLACING[reason];
  return new BybitRefusal(code, message);
}
