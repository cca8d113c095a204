/** What a strategy is told of its markets before a run, and what one in a sandbox is asked. */
import { type Instrument, Scale } from '#core/instrument.ts';
import type { PlanMarket, PlanQuestion } from '#core/sandbox/port.ts';
import type { PlanLeg } from '#core/strategy.ts';
import type { Quote } from '#core/venue-ports.ts';
import type { LegMarket } from '../legs/leg-markets.ts';

export type PricedMarket = Omit<LegMarket, 'name'>;

/** What a strategy is asked before a run. */
export function planQuestion(params: PlanQuestion['params'], first: PricedMarket, others: readonly LegMarket[]): PlanQuestion {
  const otherLegs = others.map((leg) => ({ name: leg.name, ...planMarket(leg) }));
  return { params, ...planMarket(first), ...(otherLegs.length === 0 ? {} : { otherLegs }) };
}

/** What it is asked before any price is known: which bars and which other instruments it wants. */
export function unpricedQuestion(params: PlanQuestion['params'], instrument: Instrument): PlanQuestion {
  return { params, instrument, feeAsset: feeAssetOf(instrument), bidTicks: 0, askTicks: 0 };
}

function planMarket({ instrument, quote }: PricedMarket): PlanMarket {
  const { scale: _, ...priced } = planLeg(instrument, quote);
  return { instrument, ...priced };
}

/** One market as a plan has it. */
export function planLeg(instrument: Instrument, quote: Pick<Quote, 'bid' | 'ask'>): PlanLeg {
  const scale = new Scale(instrument);
  return { scale, feeAsset: feeAssetOf(instrument), bidTicks: scale.ticks(quote.bid, 'down'), askTicks: scale.ticks(quote.ask, 'up') };
}

/** Spot venues take the fee out of what a trade receives unless the account pays it in the venue's own coin; perpetuals pay in their settle coin. */
export function feeAssetOf({ kind }: Instrument): 'received' | 'quote' {
  return kind === 'perpetual' ? 'quote' : 'received';
}
