/** A strategy that carries one amount to its end through an executor and stops: what ladder, TWAP and iceberg have in common. */
import { buyCost } from '#core/executors/amounts.ts';
import type { Execution, ExecutionIntent } from '#core/executors/execution.ts';
import type { Executor } from '#core/executors/executor.ts';
import { GRAINS_PER_LOT, MAX_ATOMS } from '#core/instrument.ts';
import type { Issue, ParamsOf, ParamsSpec } from '#core/params.ts';
import { type BarsWanted, type Context, defineStrategy, type Plan, type PlanInput, type PlanLeg, type Strategy } from '#core/strategy.ts';
import { EXECUTION_FIELDS } from './_execution-fields.ts';

type Shared = typeof EXECUTION_FIELDS;

/** What makes one of these strategies differ from another. */
export interface ExecutionKind<Spec extends ParamsSpec, Intent extends ExecutionIntent, State extends Execution> {
  readonly name: string;
  readonly title: Strategy['title'];
  readonly summary: Strategy['summary'];
  readonly params: Spec;
  readonly executor: Executor<Intent, State>;
  bars?(params: ParamsOf<Spec>): readonly BarsWanted[];
  /** What the executor is asked for when it begins now. */
  intentOf(params: ParamsOf<Spec>, amount: Amount, market: PlanLeg, at: number): Intent;
  issues(params: ParamsOf<Spec>, intent: Intent, market: PlanLeg): readonly Issue[];
  /** What a purchase costs at most, before the fee, in atoms. */
  worth(intent: Intent): number;
  preview(intent: Intent, market: PlanLeg): Readonly<Record<string, unknown>>;
}

export type Amount = Pick<ExecutionIntent, 'side' | 'lots'>;

interface State<Intent, Inner> {
  readonly intent: Intent;
  readonly execution: Inner;
}

export function executionStrategy<const Spec extends ParamsSpec, Intent extends ExecutionIntent, Inner extends Execution>(
  kind: ExecutionKind<Spec, Intent, Inner>,
): Strategy<Shared & Spec, State<Intent, Inner>> {
  type All = ParamsOf<Shared & Spec>;
  // The merged settings hold both; the compiler cannot see that through the mapped type.
  const own = (params: All) => params as unknown as ParamsOf<Spec>;
  const shared = (params: All) => params as unknown as ParamsOf<Shared>;
  const { executor, bars } = kind;
  const intentOf = (params: All, market: PlanLeg, at: number) =>
    kind.intentOf(own(params), { side: shared(params).side, lots: market.scale.lots(shared(params).size, 'down') }, market, at);
  return defineStrategy<Shared & Spec, State<Intent, Inner>>({
    name: kind.name,
    version: 1,
    title: kind.title,
    summary: kind.summary,
    params: { ...EXECUTION_FIELDS, ...kind.params },
    wants: { bars: bars !== undefined, quotes: false },
    ...(bars === undefined ? {} : { bars: (params: All) => bars(own(params)) }),
    plan: ({ params, ...market }) => planExecution(kind, shared(params), own(params), () => intentOf(params, market, 0), market),
    start(context, params) {
      const intent = intentOf(params, context, context.at);
      const state = { intent, execution: executor.start(context, intent) };
      finishIfDone(context, executor, state);
      return state;
    },
    on(context, state, event) {
      executor.on(context, state.execution, event, state.intent);
      finishIfDone(context, executor, state);
    },
    figures: ({ intent, execution }, scale) => executor.figures(execution, scale, intent),
  });
}

function finishIfDone<Intent extends ExecutionIntent, Inner extends Execution>(
  context: Context,
  executor: Executor<Intent, Inner>,
  { intent, execution }: State<Intent, Inner>,
): void {
  if (!executor.isDone(execution)) return;
  const { scale } = context;
  const { filledLots, reason } = execution;
  const text = `${scale.size(filledLots)} of ${scale.size(intent.lots)} ${scale.instrument.base} traded: ${reason}.`;
  context.report('target_reached', text, { filled: scale.size(filledLots), unfilled: scale.size(intent.lots - filledLots), reason });
  context.finish(reason, 'keep');
}

function planExecution<Spec extends ParamsSpec, Intent extends ExecutionIntent, Inner extends Execution>(
  kind: ExecutionKind<Spec, Intent, Inner>,
  { side, size }: ParamsOf<Shared>,
  params: ParamsOf<Spec>,
  intentNow: () => Intent,
  market: PlanInput<Spec> | PlanLeg,
): Plan {
  const { scale, feeAsset, bidTicks, askTicks } = market;
  const { base, quote, makerFeeRate, takerFeeRate } = scale.instrument;
  const refused = (field: string, message: string): Plan => ({ ok: false, issues: [{ field, message }] });
  if (bidTicks <= 0 || askTicks <= 0) return refused('size', 'cannot be planned: no market price is known; try again when the market answers');
  if (!scale.isSizeAligned(size)) return refused('size', `must be a multiple of ${scale.instrument.sizeIncrement} ${base}, got ${size}`);
  const intent = intentNow();
  const worth = kind.worth(intent);
  if (worth > MAX_ATOMS / 2) return refused('size', 'makes amounts that cannot be computed exactly; use less');
  const issues = kind.issues(params, intent, market);
  if (issues.length > 0) return { ok: false, issues };
  // Each fill rounds its fee up by itself.
  const need = side === 'buy' ? buyCost(1, worth, scale.takerFee, feeAsset) + (feeAsset === 'quote' ? MOST_FILLS : 0) : 0;
  return {
    ok: true,
    quoteAtoms: need,
    baseGrains: side === 'sell' ? intent.lots * GRAINS_PER_LOT : 0,
    preview: {
      side,
      size: scale.size(intent.lots),
      needed: side === 'buy' ? `${scale.quote(need)} ${quote}` : `${scale.size(intent.lots)} ${base}`,
      ...kind.preview(intent, market),
      fees: { maker_rate: makerFeeRate, taker_rate: takerFeeRate, taken_in: feeAsset },
    },
  };
}

/** Fills whose fees may each be rounded up by an atom. */
const MOST_FILLS = 10_000;
