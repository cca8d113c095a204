/** Wire shapes of signals. */
import { z } from 'zod';
import type { SignalList, SignalView } from '#app/signal-views/signal-views.ts';
import { POST_SCANNER } from '#core/posts/claim-signal.ts';
import type { SignalLeg, SignalPoint } from '#core/signals/signal.ts';
import { decimalOutput, isoTime, isoTimeOrNull, timeOutput } from './shared-pieces.ts';
import { SIGNAL_EXAMPLE } from './signal-example.ts';

const percent = decimalOutput.describe('Percent.');
const contract = z
  .object({ chain: z.string().describe('Chain.'), address: z.string().describe('Address on it.') })
  .describe('Chain and contract of the token.');

const LegFunding = z.object({
  rate_percent: decimalOutput.describe('Of the next settlement; longs pay shorts when positive.'),
  interval_hours: z.number().describe('Hours of this settlement.'),
  next_at: timeOutput.describe('When it is settled.'),
  per8_hours_percent: decimalOutput.describe('The rate over eight hours.'),
  year_percent: decimalOutput.describe('Of a year, if the rate stayed.'),
  is_at_limit: z.boolean().nullable().describe('Whether it stands at its cap or floor.'),
  interval_changed_at: timeOutput.nullable().describe('When the interval was last seen to change.'),
  interval_hours_before: z.number().nullable().describe('What it was before.'),
});

const Leg = z.object({
  venue: z.string().describe('Where.'),
  market: z.string().describe('`spot`, `futures` or `dex`.'),
  symbol: z.string().describe('The instrument there.'),
  pool: contract.nullable().describe('Where to find a pool; `null` for an instrument of an exchange.'),
  side: z.enum(['buy', 'sell']).describe('What is done there to begin.'),
  multiplier: z.number().describe('Coins in one unit; prices are for one coin.'),
  bid: decimalOutput.nullable().describe('Best bid; `null` in a delayed view.'),
  ask: decimalOutput.nullable().describe('Best ask; `null` in a delayed view.'),
  fee_percent: decimalOutput.describe('Fee of the taker.'),
  price_age_ms: z.number().describe('How old its newest price was.'),
  depth_age_ms: z.number().nullable().describe('How old its newest depth was; `null` without one.'),
  is_stale: z.boolean().describe('Whether its price is too old to act on.'),
  contract: contract.nullable().describe('Identity of the token; `null` where it is not known.'),
  transfer: z
    .object({
      can_deposit: z.boolean().nullable().describe('Whether coins can be sent there; `null` where it is not known.'),
      can_withdraw: z.boolean().nullable().describe('Whether they can be taken from there.'),
      withdraw_fee: decimalOutput.nullable().describe('In the coin.'),
      note: z.string().describe('Why something of it is not known; empty otherwise.'),
    })
    .nullable()
    .describe('Whether coins can be moved; `null` where it is not known.'),
  funding: LegFunding.nullable().describe('The upcoming settlement of a perpetual.'),
});

const Outcome = z.object({
  minutes: z.number().describe('Minutes after the signal opened.'),
  at: timeOutput.describe('When it was looked at.'),
  net_percent: decimalOutput.nullable().describe('What acting on it would have paid after costs; `null` where that cannot be said.'),
  problem: z.string().describe('Why not; empty otherwise.'),
});

const signalFields = {
  id: z.string().describe('Id of the signal.'),
  version: z.int().describe('Grows with every change, so that a repetition rings no bell twice.'),
  scanner: z.string().describe('Which scanner has found it.'),
  origin: z.enum(['scanner', 'post']).describe('`post`: somebody claimed it in a post of yours, and live books confirmed it.'),
  strategy: z.string().describe('What kind of opportunity it is.'),
  base: z.string().describe('The coin.'),
  quote: z.string().describe('The coin it is paid with.'),
  direction: z.enum(['forward', 'reverse']).describe('`reverse`: the other way round, which needs inventory or a loan on spot.'),
  exit: z.enum(['convergence', 'transfer', 'funding']).describe('How the position is ended.'),
  state: z.enum(['open', 'closed']).describe('Whether it lasts.'),
  quarantine: z.string().nullable().describe('Why it is not to be acted on; `null` when it may be.'),
  legs: z.array(Leg).describe('What is bought, then what is sold.'),
  entry_percent: percent.describe('Spread from bid and ask, before costs.'),
  exit_percent: percent.describe('What leaving at the same instant would pay.'),
  exit_basis_percent: percent.nullable().describe('The basis at which one would leave; `null` in a delayed view.'),
  opposite_entry_percent: percent.nullable().describe('Entry of the opposite direction; `null` in a delayed view.'),
  net_percent: percent.describe('After all fees and the depth of the books, for `size_quote`.'),
  net_quote: decimalOutput.describe('The same as money.'),
  fees_percent: percent.describe('All fees together.'),
  size_quote: decimalOutput.describe('The size that the figures after costs are for.'),
  max_size_quote: decimalOutput.describe('The largest size that still reaches the threshold.'),
  is_max_size_bound: z.boolean().describe('Whether the books end before: there may be more.'),
  threshold_percent: percent.describe('Threshold of the scanner.'),
  by_size: z
    .array(
      z.object({
        size_quote: decimalOutput.describe('The size.'),
        net_percent: decimalOutput.nullable().describe('Net for it; `null` where the books end before, and in a delayed view.'),
      }),
    )
    .describe('Net for other sizes.'),
  funding: z
    .object({
      year_percent: percent.describe('Of a year, if both rates stayed; before costs.'),
      income_percent: percent.describe('Over the horizon, counted in settlements.'),
      horizon_hours: z.number().describe('The horizon.'),
      break_even_hours: decimalOutput.nullable().describe('Until settlements have paid all costs; `null` where they do not within a month.'),
      break_even_settlements: z.number().nullable().describe('Settlements of both legs until then.'),
    })
    .nullable()
    .describe('Funding of both legs together; `null` without a perpetual.'),
  identity: z
    .object({
      status: z.enum(['proven', 'likely', 'unknown', 'conflict']).describe('`conflict` is always in quarantine.'),
      evidence: z
        .array(z.object({ kind: z.string().describe('What was compared.'), detail: z.string().describe('What came of it.') }))
        .describe('Why it is so.'),
    })
    .describe('How sure it is that both legs are the same coin, and why.'),
  warnings: z.array(z.string()).describe('What else to know before acting, as codes.'),
  opened_at: timeOutput.describe('When it opened.'),
  closed_at: timeOutput.nullable().describe('When it closed.'),
  close_reason: z.string().nullable().describe('Why it closed.'),
  paid_percent: percent
    .nullable()
    .describe('What acting on it when it opened would have paid after costs, left when it closed; `null` while it is open and where that cannot be said.'),
  updated_at: timeOutput.describe('When its figures were computed.'),
  age_ms: z.number().describe('Age of the older leg at that moment.'),
  peak_net_percent: percent.describe('The best so far.'),
  peak_at: timeOutput.describe('When that was.'),
  average_net_percent: percent.describe('Average over its life.'),
  outcomes: z.array(Outcome).describe('What acting on it would have paid after 1, 5, 15 and 60 minutes, as far as that is known.'),
  is_delayed: z.boolean().describe('Whether this is how it was a while ago, because of the plan.'),
};

export const SignalItem = z.object(signalFields).meta({ id: 'Signal', description: 'An opportunity, after costs.', examples: [SIGNAL_EXAMPLE] });

export const SignalPage = z
  .object({
    items: z.array(SignalItem).describe('The items of this page.'),
    next_cursor: z.string().nullable().describe('Give it as `cursor` to get the next page; `null` at the end.'),
    delay_seconds: z.number().describe('So old is what is shown, because of the plan; 0 for VIP.'),
    is_cut: z.boolean().describe('Whether there are more that the plan does not show.'),
  })
  .meta({ id: 'SignalPage', description: 'Signals.', examples: [{ items: [SIGNAL_EXAMPLE], next_cursor: null, delay_seconds: 0, is_cut: false }] });

const Point = z.object({
  at: timeOutput.describe('When.'),
  entry_percent: percent.describe('Entry.'),
  exit_percent: percent.describe('Exit at that instant.'),
  net_percent: percent.describe('Net.'),
  max_size_quote: decimalOutput.describe('Largest size worth it.'),
});

const pointExample = { at: '2026-11-20T07:00:04.000Z', entry_percent: '2.6963', exit_percent: '-3.2167', net_percent: '2.2963', max_size_quote: '2400' };

export const SignalDetail = z
  .object({ ...signalFields, history: z.array(Point).describe('Its course, oldest first.') })
  .meta({ id: 'SignalDetail', description: 'A signal with its course.', examples: [{ ...SIGNAL_EXAMPLE, history: [pointExample] }] });

export const SignalHistory = z
  .object({ items: z.array(Point).describe('Oldest first.'), next_cursor: z.null().describe('Ask again with `after` of the last point.') })
  .meta({ id: 'SignalHistory', description: 'The course of a signal.', examples: [{ items: [pointExample], next_cursor: null }] });

export function presentSignal({ signal, outcomes, isDelayed }: SignalView): z.output<typeof SignalItem> {
  const { funding } = signal;
  return {
    id: signal.id,
    version: signal.version,
    scanner: signal.scanner,
    origin: signal.scanner === POST_SCANNER ? 'post' : 'scanner',
    strategy: signal.strategy,
    base: signal.base,
    quote: signal.quote,
    direction: signal.direction,
    exit: signal.exit,
    state: signal.state,
    quarantine: signal.quarantine,
    legs: signal.legs.map((leg) => presentLeg(leg, isDelayed)),
    entry_percent: signal.entryPercent,
    exit_percent: signal.exitPercent,
    exit_basis_percent: isDelayed ? null : signal.exitBasisPercent,
    opposite_entry_percent: isDelayed ? null : signal.oppositeEntryPercent,
    net_percent: signal.netPercent,
    net_quote: signal.netQuote,
    fees_percent: signal.feesPercent,
    size_quote: signal.sizeQuote,
    max_size_quote: signal.maxSizeQuote,
    is_max_size_bound: signal.isMaxSizeBound,
    threshold_percent: signal.thresholdPercent,
    by_size: signal.bySize.map(({ sizeQuote, netPercent }) => ({ size_quote: sizeQuote, net_percent: isDelayed ? null : netPercent })),
    funding:
      funding === null
        ? null
        : {
            year_percent: funding.yearPercent,
            income_percent: funding.incomePercent,
            horizon_hours: funding.horizonHours,
            break_even_hours: funding.breakEvenHours,
            break_even_settlements: funding.breakEvenSettlements,
          },
    identity: { status: signal.identity.status, evidence: signal.identity.evidence.map(({ kind, detail }) => ({ kind, detail })) },
    warnings: [...signal.warnings],
    opened_at: isoTime(signal.openedAt),
    closed_at: isoTimeOrNull(signal.closedAt),
    close_reason: signal.closeReason,
    // Signals kept by earlier versions do not have it.
    paid_percent: signal.paidPercent ?? null,
    updated_at: isoTime(signal.updatedAt),
    age_ms: signal.ageMs,
    peak_net_percent: signal.peakNetPercent,
    peak_at: isoTime(signal.peakAt),
    average_net_percent: signal.averageNetPercent,
    outcomes: outcomes.map(({ minutes, at, netPercent, problem }) => ({ minutes, at: isoTime(at), net_percent: netPercent, problem })),
    is_delayed: isDelayed,
  };
}

function presentLeg(leg: SignalLeg, isDelayed: boolean): z.output<typeof Leg> {
  const { transfer, funding } = leg;
  return {
    venue: leg.venue,
    market: leg.market,
    symbol: leg.symbol,
    pool: leg.pool,
    side: leg.side,
    multiplier: leg.multiplier,
    bid: isDelayed ? null : leg.bid,
    ask: isDelayed ? null : leg.ask,
    fee_percent: leg.feePercent,
    price_age_ms: leg.priceAgeMs,
    depth_age_ms: leg.depthAgeMs,
    is_stale: leg.isStale,
    contract: leg.contract,
    transfer:
      transfer === null
        ? null
        : { can_deposit: transfer.canDeposit, can_withdraw: transfer.canWithdraw, withdraw_fee: transfer.withdrawFee, note: transfer.note },
    funding:
      funding === null
        ? null
        : {
            rate_percent: funding.ratePercent,
            interval_hours: funding.intervalHours,
            next_at: isoTime(funding.nextAt),
            per8_hours_percent: funding.per8HoursPercent,
            year_percent: funding.yearPercent,
            is_at_limit: funding.isAtLimit,
            interval_changed_at: isoTimeOrNull(funding.intervalChangedAt),
            interval_hours_before: funding.intervalHoursBefore,
          },
  };
}

export function presentSignals({ items, nextCursor, delayMs, isCut }: SignalList): z.output<typeof SignalPage> {
  return { items: items.map(presentSignal), next_cursor: nextCursor, delay_seconds: delayMs / 1_000, is_cut: isCut };
}

export function presentPoint({ at, entryPercent, exitPercent, netPercent, maxSizeQuote }: SignalPoint): z.output<typeof Point> {
  return { at: isoTime(at), entry_percent: entryPercent, exit_percent: exitPercent, net_percent: netPercent, max_size_quote: maxSizeQuote };
}
