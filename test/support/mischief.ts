/** What may happen to any run of a strategy, drawn at random: prices, thin books, refusals, lost answers, cancels, pauses, restarts. */
import fc from 'fast-check';
import type { StrategyRun } from './strategy-run.ts';

export const mischief = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('price' as const), ticks: fc.integer({ min: 9_000, max: 11_000 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('thin' as const), ticks: fc.integer({ min: 9_500, max: 10_500 }), lots: fc.integer({ min: 0, max: 5_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('faults' as const),
      faults: fc.array(fc.constantFrom('reject' as const, 'loseAnswer' as const), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 400_000 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'pause' as const,
        'halt' as const,
        'restart' as const,
        'reconcile' as const,
        'cancel' as const,
        'hold' as const,
        'cancelByHand' as const,
      ),
    }),
  },
);

export type Mischief = typeof mischief extends fc.Arbitrary<infer Value> ? Value : never;

/** Lets it happen. */
export function perform(run: StrategyRun, step: Mischief): void {
  const [first] = run.orders;
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
      return void run.pause().resume();
    case 'halt':
      run.tell({ type: 'tradingStateChanged', at: run.at, tradingState: 'halted' });
      return void run.tell({ type: 'tradingStateChanged', at: run.at, tradingState: 'active' });
    case 'restart':
      return void run.restart();
    case 'reconcile':
      return void run.reconcile();
    case 'cancel':
      return void (first !== undefined && run.cancelAtVenue(first.clientOrderId));
    case 'cancelByHand':
      return void (first !== undefined && run.tell({ type: 'cancelRequested', at: run.at, clientOrderId: first.clientOrderId }));
    case 'hold':
      run.isHolding = !run.isHolding;
      if (!run.isHolding) run.flush();
      return;
  }
}
