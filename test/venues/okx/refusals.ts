/** What OKX answers when it refuses: its codes, texts and HTTP statuses. */
import type { Refusal } from '#core/simulated-exchange.ts';

/** Thrown anywhere in the dialect. `ofOrder` puts the code beside the order it is about (`sCode`) instead of on the whole answer. */
export class OkxRefusal extends Error {
  readonly code: string;
  readonly status: number;
  readonly ofOrder: boolean;

  constructor(code: string, message: string, options: { readonly status?: number; readonly ofOrder?: boolean } = {}) {
    super(message);
    this.code = code;
    this.status = options.status ?? 200;
    this.ofOrder = options.ofOrder ?? false;
  }
}

export function ofOrder(code: string, message: string): OkxRefusal {
  return new OkxRefusal(code, message, { ofOrder: true });
}

export function missing(parameter: string): OkxRefusal {
  return new OkxRefusal('50014', `Parameter ${parameter} can not be empty.`, { status: 400 });
}

export function wrongParameter(parameter: string): OkxRefusal {
  return ofOrder('51000', `Parameter ${parameter} error`);
}

const PLACING: Readonly<Record<Refusal, readonly [code: string, message: string]>> = {
  unknownSymbol: ['51001', "Instrument ID, Instrument ID code, or Spread ID doesn't exist."],
  marketHalted: ['51022', 'Instrument suspended.'],
  notAllowed: ['51000', 'Parameter ordType error'],
  priceFilter: ['51150', 'The precision of the number of trades or the price exceeds the limit.'],
  lotSize: ['51121', 'Order quantity must be a multiple of the lot size.'],
  minNotional: ['51020', 'Your order should meet or exceed the minimum order amount.'],
  maxNotional: ['51005', 'Your order amount exceeds the max order amount.'],
  duplicateClientOrderId: ['51016', 'Duplicated client order ID.'],
  tooManyOrders: ['51025', 'Order count exceeds the limit.'],
  insufficientBalance: ['51008', 'Order failed. Insufficient balance in account.'],
  wouldTake: ['51000', 'Parameter ordType error'],
  wouldTrigger: ['51278', 'SL trigger price cannot be lower than the last price.'],
  reduceOnly: ['51169', "Order failed because you don't have any positions in this direction for this contract to reduce or close."],
  leverage: ['59102', 'Leverage exceeds the maximum limit. Please lower the leverage.'],
  marginModeInUse: ['59000', 'Setting failed. Cancel any open orders, close positions, and stop trading bots first.'],
  unknownOrder: ['51400', 'Order cancellation failed as the order has been filled, canceled or does not exist.'],
};

/** The exchange's reason not to place or cancel, in OKX's words. */
export function exchangeRefusal(reason: Refusal, side: 'buy' | 'sell' = 'buy'): OkxRefusal {
  if (reason === 'wouldTrigger' && side === 'sell') return ofOrder('51280', 'SL trigger price cannot be higher than the last price.');
  const [code, message] = PLACING[reason];
  return ofOrder(code, message);
}
