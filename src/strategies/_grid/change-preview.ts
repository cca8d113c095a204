/** What users see before they change a grid that runs: which orders stay, go and come, what is traded in between, and what the grid is then. */
import type { LaidCell, Layout, LayoutInput } from './layout.ts';
import type { Grid } from './orders.ts';
import type { GridParams } from './params.ts';
import { gridPreview } from './preview.ts';
import type { Rebuild } from './rebuild.ts';
import { type Cell, openingSide, orderOn, ticksOn } from './state.ts';

/** What a preview says of a start that is none here. */
const OF_A_START: ReadonlySet<string> = new Set(['needed_quote', 'needed_base', 'opening_purchase', 'opening_sale', 'starts_at', 'held_for_higher_lines']);

/** Amounts are plain decimals. */
export function changePreview(
  grid: Grid,
  input: LayoutInput,
  layout: Layout,
  { kept, freed, fresh, trade }: Rebuild,
  settings: Partial<GridParams>,
): Readonly<Record<string, unknown>> {
  const { scale } = grid.context;
  const { side, lots, ticks } = trade;
  const value = scale.quote(lots * ticks);
  const whole = Object.entries(gridPreview(input, layout, layout.quoteAtoms)).filter(([name]) => !OF_A_START.has(name));
  return {
    settings: changedIn(settings, grid.params),
    kept: ordersOf(grid, [...kept.byPlace.values()]),
    cancelled: ordersOf(grid, freed),
    placed: fresh.map((cell) => freshOrder(grid, cell)),
    trade: lots === 0 ? null : { side, size: scale.size(lots), ...(side === 'buy' ? { at_most_quote: value } : { at_least_quote: value }) },
    ...Object.fromEntries(whole),
  };
}

/** Of the settings that are kept those that are others than now. */
export function changedIn(settings: Partial<GridParams>, present: GridParams): Partial<GridParams> {
  return Object.fromEntries(Object.entries(settings).filter(([name, value]) => value !== present[name as keyof GridParams]));
}

function freshOrder({ context: { scale } }: Grid, cell: LaidCell): Readonly<Record<string, string>> {
  const opens = openingSide(cell);
  const side = cell.isLoaded === (opens === 'buy') ? 'sell' : 'buy';
  return { side, price: scale.price(ticksOn(cell, side)), size: scale.size(cell.lots) };
}

/** The orders that cells have at the exchange. */
export function ordersOf({ context }: Grid, cells: readonly Cell[]): readonly Readonly<Record<string, string>>[] {
  const { scale } = context;
  return cells.flatMap((cell) =>
    (['buy', 'sell'] as const).flatMap((side) => {
      const order = context.order(orderOn(cell, side) ?? '');
      return order === undefined ? [] : [{ side, price: scale.price(order.priceTicks), size: scale.size(order.sizeLots - order.filledLots) }];
    }),
  );
}
