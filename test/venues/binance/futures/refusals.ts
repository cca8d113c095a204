/** What Binance's futures API answers when it refuses: codes of its own where spot has others. */
import type { Refusal } from '#core/simulated-exchange.ts';
import { BinanceRefusal } from '../refusals.ts';

const REFUSALS: Readonly<Record<Refusal, readonly [code: number, message: string]>> = {
  unknownSymbol: [-1121, 'Invalid symbol.'],
  marketHalted: [-4141, 'Symbol is closed.'],
  notAllowed: [-1106, "Parameter 'timeInForce' sent when not required."],
  priceFilter: [-4014, 'Price not increased by tick size.'],
  lotSize: [-1111, 'Precision is over the maximum defined for this asset.'],
  minNotional: [-4164, "Order's notional must be no smaller than 5.0 (unless you choose reduce only)"],
  maxNotional: [-4005, 'Quantity greater than max quantity.'],
  duplicateClientOrderId: [-4116, 'ClientOrderId is duplicated.'],
  tooManyOrders: [-2025, 'Reach max open order limit.'],
  insufficientBalance: [-2019, 'Margin is insufficient.'],
  wouldTake: [
    -5022,
    'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history',
  ],
  wouldTrigger: [-2021, 'Order would immediately trigger.'],
  reduceOnly: [-2022, 'ReduceOnly Order is rejected.'],
  leverage: [-4028, 'Leverage is not valid'],
  marginModeInUse: [-4048, 'Margin type cannot be changed if there exists position.'],
  unknownOrder: [-2011, 'Unknown order sent.'],
};

/** The exchange's reason in the words of the futures API. */
export function futuresRefusal(reason: Refusal): BinanceRefusal {
  const [code, message] = REFUSALS[reason];
  return new BinanceRefusal(code, message);
}
