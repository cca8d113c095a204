/** What Binance answers when it refuses: its codes, texts and HTTP statuses. */
import type { Refusal } from '#core/simulated-exchange.ts';

/** Thrown anywhere in the dialect; becomes `{code, msg}` with its HTTP status. */
export class BinanceRefusal extends Error {
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

export function missing(parameter: string): BinanceRefusal {
  return new BinanceRefusal(-1102, `Mandatory parameter '${parameter}' was not sent, was empty/null, or malformed.`);
}

const PLACING: Readonly<Record<Refusal, readonly [code: number, message: string]>> = {
  unknownSymbol: [-1121, 'Invalid symbol.'],
  marketHalted: [-1013, 'Market is closed.'],
  notAllowed: [-1106, "Parameter 'timeInForce' sent when not required."],
  priceFilter: [-1013, 'Filter failure: PRICE_FILTER'],
  lotSize: [-1013, 'Filter failure: LOT_SIZE'],
  minNotional: [-1013, 'Filter failure: NOTIONAL'],
  maxNotional: [-1013, 'Filter failure: MAX_NOTIONAL'],
  duplicateClientOrderId: [-2010, 'Duplicate order sent.'],
  tooManyOrders: [-1013, 'Filter failure: MAX_NUM_ORDERS'],
  insufficientBalance: [-2010, 'Account has insufficient balance for requested action.'],
  wouldTake: [-2010, 'Order would immediately match and take.'],
  wouldTrigger: [-2010, 'Stop price would trigger immediately.'],
  reduceOnly: [-2022, 'ReduceOnly Order is rejected.'],
  leverage: [-4028, 'Leverage is not valid'],
  marginModeInUse: [-4048, 'Margin type cannot be changed if there exists position.'],
  unknownOrder: [-2011, 'Unknown order sent.'],
};

/** The exchange's reason not to place, in Binance's words. */
export function placingRefusal(reason: Refusal): BinanceRefusal {
  const [code, message] = PLACING[reason];
  return new BinanceRefusal(code, message);
}
