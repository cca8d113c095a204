/** What may happen to any run of a strategy, drawn at random: prices, thin books, refusals, lost answers, cancels, pauses, restarts. */
import fc from 'fast-check';
import type { StrategyRun } from './strategy-run.ts';

/** With prices between two bounds in ticks, and thin books in the inner half of them. */
export function mischiefBetween(min: number, max: number) {
  const quarter = Math.floor((max - min) / 4);
  return fc.oneof(
    { weight: 7, arbitrary: fc.record({ do: fc.constant('price' as const), ticks: fc.integer({ min, max }) }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('thin' as const),
        ticks: fc.integer({ min: min + quarter, max: max - quarter }),
        lots: fc.integer({ min: 0, max: 5_000 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('faults' as const),
        faults: fc.array(fc.constantFrom('reject' as const, 'loseAnswer' as const), { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 700_000 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('cancel' as const, 'cancelByHand' as const), index: fc.nat(20) }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'halt' as const, 'restart' as const, 'reconcile' as const, 'hold' as const) }),
    },
  );
}

export const mischief = mischiefBetween(9_000, 11_000);

export type Mischief = typeof mischief extends fc.Arbitrary<infer Value> ? Value : never;

/** Lets it happen. */
export function perform(run: StrategyRun, step: Mischief): void {
  switch (step.do) {
    case 'price':
      return void run.price(run.setup.scale.price(step.ticks));
    case 'thin':
      return void run.price(run.setup.scale.price(step.ticks), step.lots);
    case 'faults':
      run.faults = [...step.faults];
      return;
    case 'pass':
      return void run.pass(step.ms);
    case 'pause':
      return void run.pause().pass(5_000).resume();
    case 'halt':
      run.tell({ type: 'tradingStateChanged', at: run.at, tradingState: 'halted' });
      return void run.tell({ type: 'tradingStateChanged', at: run.at, tradingState: 'active' });
    case 'restart':
      return void run.restart();
    case 'reconcile':
      return void run.reconcile();
    case 'cancel':
    case 'cancelByHand':
      return cancelOne(run, step.index, step.do === 'cancelByHand');
    case 'hold':
      run.isHolding = !run.isHolding;
      if (!run.isHolding) run.flush();
      return;
  }
}

function cancelOne(run: StrategyRun, index: number, isByHand: boolean): void {
  const { orders } = run;
  const order = orders[index % Math.max(1, orders.length)];
  if (order === undefined) return;
  if (isByHand) run.tell({ type: 'cancelRequested', at: run.at, clientOrderId: order.clientOrderId });
  else run.cancelAtVenue(order.clientOrderId);
}
