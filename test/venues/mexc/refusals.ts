/** What MEXC answers when it refuses: its codes and texts; almost always with HTTP status 400. */
import type { Refusal, SpotRefusal } from '#core/simulated-exchange.ts';

/** Thrown anywhere in the dialect; becomes `{code, msg}` with its HTTP status. */
export class MexcRefusal extends Error {
  readonly status: number;
  readonly code: number;
  readonly retryAfter: number | undefined;

  constructor(code: number, message: string, status = 400, retryAfter?: number) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export function missing(parameter: string): MexcRefusal {
  return new MexcRefusal(44444, `param ${parameter} cannot be null`);
}

export function illegal(parameter: string): MexcRefusal {
  return new MexcRefusal(700008, `Illegal characters found in parameter '${parameter}'`);
}

export function noPermission(): MexcRefusal {
  return new MexcRefusal(700007, 'No permission to access the endpoint.');
}

const PLACING: Readonly<Record<SpotRefusal, readonly [code: number, message: string]>> = {
  unknownSymbol: [10007, 'bad symbol'],
  marketHalted: [30016, 'Trading disabled'],
  notAllowed: [30041, 'current order type can not place order'],
  priceFilter: [400, 'price scale is invalid'],
  lotSize: [400, 'quantity scale is invalid'],
  minNotional: [30002, 'The minimum transaction volume cannot be less than'],
  maxNotional: [30003, 'The maximum transaction volume cannot be greater than'],
  // The venue documents no code for this; what counts is that ours does not take it for a certain refusal.
  duplicateClientOrderId: [-2010, 'Duplicate order sent.'],
  tooManyOrders: [30029, 'Cannot exceed the maximum order limit'],
  insufficientBalance: [30004, 'Insufficient position'],
  wouldTake: [30041, 'current order type can not place order'],
  wouldTrigger: [30041, 'current order type can not place order'],
  unknownOrder: [-2011, 'Unknown order sent.'],
};

/** The exchange's reason not to place, in MEXC's words. */
export function placingRefusal(reason: Refusal): MexcRefusal {
  const [code, message] = PLACING[reason as SpotRefusal];
  return new MexcRefusal(code, message);
}
