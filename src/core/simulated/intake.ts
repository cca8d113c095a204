/**
 * The checks of a simulated exchange on an order before it reaches the book: decimals to ticks and lots, and the
 * instrument's own limits.
 */
import { MAX_ATOMS, type Scale } from '../instrument.ts';
import { isStop } from '../matching/order-kinds.ts';
import { type Decimal, type DecimalString, parseDecimal } from '../money.ts';
import type { OrderRequest } from '../order.ts';
import type { AskedOrder, Refusal } from './orders.ts';

/** The request in ticks and lots, or the reason to refuse it. `marketTicks` values an order that has no price of its own (0: no price known). */
export function intake(asked: AskedOrder, scale: Scale, marketTicks: number): OrderRequest | Refusal {
  const { side, type, timeInForce, postOnly, reduceOnly = false } = asked;
  if (!isAllowed(asked)) return 'notAllowed';
  const priceTicks = readTicks(asked.price, scale);
  const triggerTicks = readTicks(asked.triggerPrice, scale);
  if (priceTicks === null || triggerTicks === null) return 'priceFilter';
  const sizeLots = readLots(asked.size, scale) ?? 0;
  return admit({ side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag: '' }, scale, marketTicks);
}

/** The same of a request that is in ticks and lots already. */
export function admit(request: OrderRequest, scale: Scale, marketTicks: number): OrderRequest | Refusal {
  const { side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly } = request;
  const reduceOnly = request.reduceOnly && scale.isPerpetual;
  if (!isAllowed(request)) return 'notAllowed';
  const isPriced = isWithin(priceTicks, type === 'limit' || type === 'stopLimit', scale) && isWithin(triggerTicks, isStop(request), scale);
  if (!isPriced) return 'priceFilter';
  if (sizeLots < scale.minLots || sizeLots > scale.maxLots) return 'lotSize';
  const atoms = (priceTicks || triggerTicks || marketTicks) * sizeLots;
  if (atoms > MAX_ATOMS) return 'maxNotional';
  if (atoms < scale.minAtoms && !reduceOnly && (atoms > 0 || type !== 'market')) return 'minNotional';
  return { side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag: '' };
}

function isAllowed({ postOnly, type, timeInForce }: Pick<OrderRequest, 'postOnly' | 'type' | 'timeInForce'>): boolean {
  return !postOnly || (type === 'limit' && timeInForce === 'gtc');
}

/** A price in its range where one is needed, none where it is not. */
function isWithin(ticks: number, isNeeded: boolean, scale: Scale): boolean {
  return isNeeded ? ticks >= scale.minTicks && ticks <= scale.maxTicks : ticks === 0;
}

/** 0 for none; `null` for one that is misaligned or beyond all. */
function readTicks(price: DecimalString | null, scale: Scale): number | null {
  if (price === null) return 0;
  const value = positive(price);
  if (value === null || !scale.isPriceAligned(value) || value.gt(scale.price(scale.maxTicks))) return null;
  return scale.ticks(value, 'nearest');
}

function readLots(size: DecimalString, scale: Scale): number | null {
  const value = positive(size);
  if (value === null || !scale.isSizeAligned(value) || value.gt(scale.size(scale.maxLots))) return null;
  return scale.lots(value, 'nearest');
}

function positive(text: DecimalString): Decimal | null {
  const parsed = parseDecimal(text);
  return parsed.ok && parsed.value.gt(0) ? parsed.value : null;
}
