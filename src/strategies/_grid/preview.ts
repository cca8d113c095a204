/** What users see before they start a grid: its levels, what each trade earns after fees, what it needs, and where it would be liquidated. */

import { type DecimalString, decimal, plain } from '#core/money.ts';
import { liquidationsAfter } from '../_perpetuals.ts';
import { completedTrade, entriesOf, type Layout, type LayoutInput, lentGrains } from './layout.ts';
import { isInfinite, orderCap } from './lines.ts';
import { openingSide, ticksOn } from './state.ts';

/** Amounts are plain decimals; `quoteAtoms` is what the run is given. */
export function gridPreview(input: LayoutInput, layout: Layout, quoteAtoms: number): Readonly<Record<string, unknown>> {
  const { params, scale, feeAsset } = input;
  const { base, quote, makerFeeRate, takerFeeRate } = scale.instrument;
  const trades = layout.cells.map((cell) => ({ cell, ...completedTrade(cell, scale.makerFee, scale.makerFee, feeAsset) }));
  const profits = trades.map((trade) => trade.profitAtoms);
  const shares = trades.map((trade) => trade.profitAtoms / trade.costAtoms);
  const steps = layout.cells.map((cell) => cell.sellTicks / cell.buyTicks - 1);
  const isInBase = params.profit_currency === 'base' || (params.profit_currency === null && params.direction === 'reverse');
  const { opening } = layout;
  const isBuying = opening.side === 'buy';
  return {
    base,
    quote,
    price: scale.price(Math.floor((input.bidTicks + input.askTicks) / 2)),
    direction: params.direction,
    levels: layout.cells.length + 1,
    cells: layout.cells.length,
    spacing: isInfinite(params) ? 'geometric' : params.spacing,
    step_percent: { min: percentOf(Math.min(...steps)), max: percentOf(Math.max(...steps)) },
    profit_per_grid: {
      currency: isInBase ? base : quote,
      min_quote: scale.quote(Math.min(...profits)),
      max_quote: scale.quote(Math.max(...profits)),
      min_percent: percentOf(Math.min(...shares)),
      max_percent: percentOf(Math.max(...shares)),
    },
    break_even_percent: breakEvenPercent(input),
    fees: { maker_rate: makerFeeRate, taker_rate: takerFeeRate, taken_in: feeAsset },
    needed_quote: scale.quote(layout.quoteAtoms),
    needed_base: scale.base(scale.isPerpetual ? 0 : Math.min(lentGrains(params, scale), layout.baseGrains)),
    reserve: params.reserve,
    [isBuying ? 'opening_purchase' : 'opening_sale']: {
      size: scale.size(opening.lots),
      [isBuying ? 'at_most_quote' : 'at_least_quote']: scale.quote(opening.lots * opening.ticks),
    },
    starts_at: params.start_price,
    orders_at_exchange: Math.min(orderCap(params) ?? layout.cells.length, layout.cells.length),
    ...(isInfinite(params) ? { held_for_higher_lines: scale.base(layout.poolGrains) } : {}),
    ...(scale.isPerpetual ? { margin: marginPreview(input, layout, quoteAtoms) } : {}),
    // Levels from the lowest up; a loaded cell begins with the order that closes, the others with the one that opens.
    orders: trades.map(({ cell, profitAtoms }) => {
      const opens = openingSide(cell);
      const side = cell.isLoaded === (opens === 'buy') ? 'sell' : 'buy';
      return {
        side,
        price: scale.price(ticksOn(cell, side)),
        buy_price: scale.price(cell.buyTicks),
        sell_price: scale.price(cell.sellTicks),
        size: scale.size(cell.lots),
        value: scale.quote(cell.lots * cell.buyTicks),
        profit_quote: scale.quote(profitAtoms),
      };
    }),
  };
}

/** The largest position to either side, and the prices at which the exchange would close it; `null` where it never would. */
function marginPreview(input: LayoutInput, layout: Layout, quoteAtoms: number): Readonly<Record<string, unknown>> {
  const { params, scale, bidTicks } = input;
  const sides = [false, true].map((isShort) => {
    const entries = entriesOf(layout, isShort);
    const ticks = liquidationsAfter(entries, isShort, params, scale, quoteAtoms).at(-1) ?? null;
    return {
      value: entries.reduce((sum, { ticks: at, lots }) => sum + at * lots, 0),
      price: ticks === null ? null : scale.price(ticks),
      distance: ticks === null ? null : percentOf(Math.abs(ticks / bidTicks - 1)),
    };
  });
  const [long, short] = sides;
  return {
    leverage: params.leverage,
    margin_mode: params.margin_mode,
    largest_position: scale.quote(Math.max(long?.value ?? 0, short?.value ?? 0)),
    liquidation_price_below: long?.price ?? null,
    liquidation_distance_below_percent: long?.distance ?? null,
    liquidation_price_above: short?.price ?? null,
    liquidation_distance_above_percent: short?.distance ?? null,
  };
}

/** The rise from line to line at which fees eat the whole profit, in per cent. */
export function breakEvenPercent(input: LayoutInput): DecimalString {
  const { instrument } = input.scale;
  const maker = decimal(instrument.makerFeeRate);
  // In the received coin: (1 - f)(1 - f) S = B; in quote or a third coin: (1 - f) S = (1 + f) B.
  const buy = input.feeAsset === 'received' ? decimal('1').div(decimal('1').minus(maker)) : decimal('1').plus(maker);
  return plain(buy.div(decimal('1').minus(maker)).minus(1).times(100).toDecimalPlaces(4));
}

/** A share in per cent. */
export function percentOf(share: number): DecimalString {
  return (share * 100).toFixed(4).replace(/\.?0+$/, '');
}
