/**
 * The checks of a simulated exchange on an order before it reaches the book: decimals to ticks and lots, and the
 * instrument's own limits.
 */
import { MAX_ATOMS, type Scale } from '../instrument.ts';
import { type Decimal, type DecimalString, parseDecimal } from '../money.ts';
import type { OrderRequest } from '../order.ts';
import type { AskedOrder, Refusal } from './orders.ts';

/** The request in ticks and lots, or the reason to refuse it. `marketTicks` values an order that has no price of its own (0: no price known). */
export function intake(asked: AskedOrder, scale: Scale, marketTicks: number): OrderRequest | Refusal {
  const reduceOnly = asked.reduceOnly === true && scale.isPerpetual;
  if (asked.postOnly && asked.type !== 'limit') return 'notAllowed';
  if (asked.postOnly && asked.timeInForce !== 'gtc') return 'notAllowed';
  const hasLimit = asked.type === 'limit' || asked.type === 'stopLimit';
  const hasTrigger = asked.type === 'stopMarket' || asked.type === 'stopLimit';
  const priceTicks = readTicks(asked.price, hasLimit, scale);
  const triggerTicks = readTicks(asked.triggerPrice, hasTrigger, scale);
  if (priceTicks === null || triggerTicks === null) return 'priceFilter';
  const sizeLots = readLots(asked.size, scale);
  if (sizeLots === null) return 'lotSize';
  const atoms = (priceTicks || triggerTicks || marketTicks) * sizeLots;
  if (atoms > MAX_ATOMS) return 'maxNotional';
  if (atoms < scale.minAtoms && !reduceOnly && (atoms > 0 || asked.type !== 'market')) return 'minNotional';
  const { side, type, timeInForce, postOnly } = asked;
  return { side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag: '' };
}

/** `null` when the price is missing where it is needed, given where it is not, misaligned or out of range. */
function readTicks(price: DecimalString | null, isNeeded: boolean, scale: Scale): number | null {
  if (price === null || !isNeeded) return price === null && !isNeeded ? 0 : null;
  const value = positive(price);
  if (value === null || !scale.isPriceAligned(value) || value.gt(scale.price(scale.maxTicks))) return null;
  const ticks = scale.ticks(value, 'nearest');
  return ticks < scale.minTicks ? null : ticks;
}

function readLots(size: DecimalString, scale: Scale): number | null {
  const value = positive(size);
  if (value === null || !scale.isSizeAligned(value) || value.gt(scale.size(scale.maxLots))) return null;
  const lots = scale.lots(value, 'nearest');
  return lots < scale.minLots ? null : lots;
}

function positive(text: DecimalString): Decimal | null {
  const parsed = parseDecimal(text);
  return parsed.ok && parsed.value.gt(0) ? parsed.value : null;
}
