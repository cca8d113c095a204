/**
 * Laws of DCA deals on random prices, fees, settings, partial fills, refusals, lost answers, cancels, commands, pauses
 * and restarts. The run checks after every step: nothing sold that is not held, nothing spent above the plan, and profit
 * that equals the sum over fills.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#app/run/tape.ts';
import type { FeeAsset } from '#core/risk.ts';
import { DcaRun } from '#test/support/dca-run.ts';
import { mischiefBetween, perform } from '#test/support/mischief.ts';
import { TEST_PERPETUAL } from '#test/support/strategy-run.ts';

const settings = fc.record({
  safety_orders: fc.integer({ min: 0, max: 6 }),
  price_step_percent: fc.constantFrom('1', '2.5'),
  step_scale: fc.constantFrom('1', '1.4'),
  volume_scale: fc.constantFrom('1', '1.7'),
  active_safety_orders: fc.constantFrom(null, 1, 2),
  base_order_type: fc.constantFrom('market', 'limit'),
  trailing_take_profit_percent: fc.constantFrom(null, '0.7'),
  take_profit_basis: fc.constantFrom('average', 'base_order'),
  steps: fc.constantFrom(1, 2, 3),
  stop_loss_percent: fc.constantFrom(null, '60'),
  stop_loss_trailing: fc.boolean(),
  stop_loss_wait_seconds: fc.constantFrom(null, 3),
  isBreakEven: fc.boolean(),
  reinvest_percent: fc.constantFrom('0', '100'),
  risk_reduction_percent: fc.constantFrom('0', '100'),
  cooldown_seconds: fc.constantFrom(0, 5),
  extra_funds: fc.constantFrom('0', '300'),
  unit: fc.constantFrom('quote' as const, 'base' as const, 'percent' as const),
  feeAsset: fc.constantFrom<FeeAsset>('received', 'quote', 'other'),
  feeRate: fc.constantFrom('0', '0.00075', '0.001'),
});

const TAKE_PROFITS: Readonly<Record<number, Readonly<Record<string, unknown>>>> = {
  1: { take_profit_percent: '2' },
  2: {
    take_profits: [
      { percent: '1', share_percent: '60' },
      { percent: '3', share_percent: '40' },
    ],
  },
  3: {
    take_profits: [
      { percent: '1', share_percent: '33.4' },
      { percent: '2', share_percent: '33.3' },
      { percent: '5', share_percent: '33.3' },
    ],
  },
};

type Settings = typeof settings extends fc.Arbitrary<infer Value> ? Value : never;

const action = fc.oneof(
  { weight: 6, arbitrary: mischiefBetween(8_000, 12_000) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('command' as const), name: fc.constantFrom('start_deal', 'close_deal', 'cancel_deal') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('add' as const), amount: fc.integer({ min: 1, max: 200 }) }) },
);

type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

/** Deals of every kind: how they are directed, and what they trade. */
const KINDS = {
  'on spot': {},
  'long on a perpetual': { direction: 'long', leverage: 2, margin_mode: 'cross' },
  'short on a perpetual': { direction: 'short', leverage: 2, margin_mode: 'cross' },
} as const;

/** The first orders in each unit: about the same at a price of 100. */
const SIZES = {
  quote: { base_order_size: '60', safety_order_size: '50' },
  base: { base_order_size: '0.6', safety_order_size: '0.5', size_unit: 'base' },
  percent: { base_order_size: '2', safety_order_size: '1.6', size_unit: 'percent', investment: '3000', reinvest_percent: '0', risk_reduction_percent: '0' },
} as const;

function begin({ steps, unit, isBreakEven, feeAsset, feeRate, ...rest }: Settings, kind: (typeof KINDS)[keyof typeof KINDS] = {}): DcaRun {
  const isPerpetual = 'leverage' in kind;
  const config = {
    ...kind,
    ...rest,
    ...SIZES[unit],
    ...(rest.stop_loss_percent === null ? { stop_loss_trailing: false, stop_loss_wait_seconds: null } : {}),
    ...TAKE_PROFITS[steps],
    ...(isBreakEven && steps > 1 ? { break_even_after_step: 1 } : {}),
  };
  const instrument = { ...(isPerpetual ? TEST_PERPETUAL : {}), makerFeeRate: feeRate, takerFeeRate: feeRate };
  // A stop this wide stands beyond a leveraged position's liquidation.
  const stop = isPerpetual && rest.stop_loss_percent !== null ? { stop_loss_percent: '45' } : {};
  return new DcaRun({ config: { ...config, ...stop }, price: '100', ...(isPerpetual ? {} : { feeAsset }), instrument });
}

function act(run: DcaRun, step: Action): void {
  if (step.do === 'command') run.command(step.name);
  else if (step.do === 'add') run.command('add_funds', { amount: String(step.amount) });
  else perform(run, step);
}

describe('a DCA bot', () => {
  it.each(Object.entries(KINDS))('keeps its laws %s whatever happens, ends when told to, and its tape replays', { timeout: 120_000 }, (_name, kind) => {
    fc.assert(
      fc.property(settings, fc.array(action, { minLength: 5, maxLength: 60 }), (chosen, actions) => {
        const run = begin(chosen, kind).start();
        for (const step of actions) {
          if (run.finished !== null) break;
          act(run, step);
        }
        run.faults = [];
        run.isHolding = false;
        run.flush().reconcile();
        run.matching.liquidityLots = Number.POSITIVE_INFINITY;
        if (run.finished === null) run.stop('toQuote').pass(1).reconcile();
        expect(run.finished, 'the run ends').not.toBeNull();
        expect(run.orders).toEqual([]);
        expect(replay(run.setup, run.tape)).toBeNull();
      }),
      { numRuns: 70 },
    );
  });

  it.each(Object.entries(KINDS))(
    'comes to rest %s with a deal whose orders are as they should be, whatever happened before',
    { timeout: 120_000 },
    (_name, kind) => {
      fc.assert(
        fc.property(settings, fc.array(action, { minLength: 5, maxLength: 40 }), (chosen, actions) => {
          const run = begin(chosen, kind).start();
          for (const step of actions) {
            if (run.finished !== null) return;
            act(run, step);
          }
          run.faults = [];
          run.isHolding = false;
          run.flush().reconcile();
          run.pause().resume().price('100').pass(1_200_000).price('100').pass(1_200_000);
          if (run.finished !== null) return;
          const { deal } = run.state;
          // Whatever is held is offered, or watched by the trailing take profit.
          if (deal === null || deal.stage === 'opening') return;
          const offered = run.orders.filter(({ tag }) => tag.startsWith('profit:')).reduce((sum, order) => sum + order.sizeLots - order.filledLots, 0);
          const isFollowed = chosen.trailing_take_profit_percent !== null;
          if (!isFollowed) expect(offered, JSON.stringify({ book: run.book, deal })).toBe(Math.floor(deal.heldGrains / 10_000));
          expect(deal.stage).toBe('open');
        }),
        { numRuns: 70 },
      );
    },
  );
});
