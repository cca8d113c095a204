/** What Bitget answers when it refuses: its codes, texts and HTTP statuses. */
import type { Refusal } from '#core/simulated-exchange.ts';

/** Thrown anywhere in the dialect; becomes `{code, msg, requestTime, data: null}` with its HTTP status. */
export class BitgetRefusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export function missing(parameter: string): BitgetRefusal {
  return new BitgetRefusal('40019', `Parameter ${parameter} cannot be empty`);
}

export function wrongParameter(parameter: string): BitgetRefusal {
  return new BitgetRefusal('40017', `Parameter verification failed ${parameter}`);
}

const PLACING: Readonly<Record<Refusal, readonly [code: string, message: string]>> = {
  unknownSymbol: ['40034', 'Parameter symbol does not exist'],
  marketHalted: ['41114', 'The current trading pair is under maintenance, please refer to the official announcement for the opening time'],
  notAllowed: ['40017', 'Parameter verification failed force'],
  priceFilter: ['40808', 'Parameter verification exception price checkBDScale error value'],
  lotSize: ['40808', 'Parameter verification exception size checkBDScale error value'],
  minNotional: ['45110', 'less than the minimum amount 5 USDT'],
  maxNotional: ['43041', 'Maximum transaction amount'],
  duplicateClientOrderId: ['40786', 'Duplicate clientOid'],
  tooManyOrders: ['43005', 'Exceed the maximum number of orders'],
  insufficientBalance: ['43012', 'Insufficient balance'],
  wouldTake: ['40017', 'Parameter verification failed force'],
  wouldTrigger: ['43035', 'The trigger price should be ≥ the current market price'],
  reduceOnly: ['22002', 'No position to close'],
  leverage: ['40797', 'Exceeded the maximum settable leverage'],
  marginModeInUse: ['45117', 'Currently holding positions or orders, the margin mode cannot be adjusted'],
  unknownOrder: ['43001', 'The order does not exist'],
};

/** The exchange's reason not to place or cancel, in Bitget's words. */
export function exchangeRefusal(reason: Refusal): BitgetRefusal {
  const [code, message] = PLACING[reason];
  return new BitgetRefusal(code, message);
}
