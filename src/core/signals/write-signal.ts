/** A signal as it is told: the figures of its slot at this moment in decimals, with everything that is known of its legs. */

import { breakEven, fundingIncome, yearOfFunding } from './funding.ts';
import type { LegView } from './leg-view.ts';
import type { FundingState, ListingBoard } from './listing-board.ts';
import type { LiveSignal } from './live-signal.ts';
import type { Listing } from './market-scan.ts';
import { hoursText, percentDown, percentUp, priceText, quoteDown } from './percent.ts';
import type { LegFunding, QuarantineReason, Signal, SignalFunding, SignalIdentity, SignalLeg, SignalWarning } from './signal.ts';
import type { SlotView } from './slot-view.ts';
import { identityOfSlot, otherCosts, type Slot, type Slots } from './slots.ts';
import { type AtSize, grossOf, largestSize, netAtSize, roomOf } from './spread.ts';

/** Gross spreads above this are almost never what they seem. */
const IMPLAUSIBLE = 0.3;
/** Sizes that every signal tells the net of. */
const SIZES: readonly number[] = [100, 500, 1_000, 5_000, 10_000];
/** Within this share of its cap a rate stands at it. */
const AT_LIMIT = 0.999;
/** A change of interval is a warning for so long. */
const CHANGE_NEWS_MS = 3_600_000;

/** What is told of. */
interface Told {
  readonly live: LiveSignal;
  readonly slot: Slot;
  readonly slots: Slots;
  readonly board: ListingBoard;
  readonly buy: LegView;
  readonly sell: LegView;
  readonly now: number;
}

/** The view has looked at the slot at this moment. */
export function writeSignal({
  live,
  view: { board, slots, buy, sell },
  now,
}: {
  readonly live: LiveSignal;
  readonly view: SlotView;
  readonly now: number;
}): Signal {
  const slot = slots.all[live.slot] as Slot;
  const view: Told = { live, slot, slots, board, buy, sell, now };
  const { scanner, plan } = slot;
  const legs = [legOf(view, slot.buy, 'buy'), legOf(view, slot.sell, 'sell')] as const;
  const identity = identityOfSlot(board, slot, now);
  const figures = live.figures as AtSize;
  const { sizes, largest } = sizesOf(view);
  const gross = grossTold(view);
  return {
    ...{ id: live.id, version: live.version + 1, key: slot.key, scanner: scanner.name, strategy: scanner.strategy },
    ...{ base: slot.buy.base, quote: quoteOf(slot), direction: slot.direction, exit: plan.exit },
    state: live.closedAt === null ? 'open' : 'closed',
    quarantine: quarantineOf(slot, identity, Math.abs(Number(gross.entryPercent)) / 100),
    legs,
    ...gross,
    netPercent: percentDown(figures.net),
    netQuote: quoteDown(figures.net * scanner.rules.sizeQuote),
    feesPercent: percentUp(figures.fees),
    sizeQuote: String(scanner.rules.sizeQuote),
    maxSizeQuote: largest === null ? (live.told?.maxSizeQuote ?? '0') : quoteDown(largest.quote),
    isMaxSizeBound: largest === null ? (live.told?.isMaxSizeBound ?? false) : largest.isBound,
    bySize: sizes,
    thresholdPercent: percentDown(scanner.rules.openAt),
    funding: fundingOf(view, figures),
    identity,
    warnings: warningsOf(view, identity),
    openedAt: live.openedAt,
    closedAt: live.closedAt,
    closeReason: live.closeReason,
    paidPercent: live.paidPercent,
    updatedAt: now,
    ageMs: Math.max(...legs.map(({ priceAgeMs }) => priceAgeMs)),
    peakNetPercent: percentDown(live.peakNet),
    peakAt: live.peakAt,
    averageNetPercent: percentDown(live.averageNet),
  };
}

/** Pools are counted in dollars; the other leg says in which. */
function quoteOf({ buy, sell }: Slot): string {
  return buy.market === 'dex' ? sell.quote : buy.quote;
}

/** While a leg is without prices the figures of before stay, marked as old by its age. */
function grossTold({ live, buy, sell }: Told): Pick<Signal, 'entryPercent' | 'exitPercent' | 'exitBasisPercent' | 'oppositeEntryPercent'> {
  const { told } = live;
  const isWhole = [buy, sell].every(({ bid, ask }) => bid > 0 && Number.isFinite(ask));
  if (!isWhole && told !== null) return grossIn(told);
  const { entry, exit, exitBasis, oppositeEntry } = grossOf(buy, sell);
  return {
    entryPercent: percentDown(entry),
    exitPercent: percentDown(exit),
    exitBasisPercent: percentUp(exitBasis),
    oppositeEntryPercent: percentDown(oppositeEntry),
  };
}

function grossIn({ entryPercent, exitPercent, exitBasisPercent, oppositeEntryPercent }: Signal): ReturnType<typeof grossTold> {
  return { entryPercent, exitPercent, exitBasisPercent, oppositeEntryPercent };
}

function sizesOf({ live, slot, slots, board, buy, sell, now }: Told): {
  readonly sizes: Signal['bySize'];
  readonly largest: { readonly quote: number; readonly isBound: boolean } | null;
} {
  const { plan, scanner } = slot;
  const income = slots.income(board, live.slot, now);
  const costs = otherCosts(slot, buy.ask);
  const netAt = (quote: number): number => netAtSize(buy, sell, plan.exit, quote, income, costs).net;
  const room = roomOf(buy, sell, plan.exit);
  const sizes = SIZES.map((size) => {
    const net = netAt(size);
    return { sizeQuote: String(size), netPercent: Number.isFinite(net) ? percentDown(net) : null };
  });
  if (!(room > 0) || !Number.isFinite(income)) return { sizes, largest: null };
  // A cost that does not grow with the size makes small sizes worse than larger ones: what is looked for lies above the size that was asked.
  const floor = costs.fixed > 0 ? Math.min(room, scanner.rules.sizeQuote) : 0;
  const largest = largestSize(room, scanner.rules.openAt, (quote) => netAt(Math.max(quote, floor)));
  return { sizes, largest };
}

function legOf({ board, now, slot, buy, sell }: Told, listing: Listing, side: 'buy' | 'sell'): SignalLeg {
  const index = board.indexOf(listing.key);
  const { bid, ask } = side === 'buy' ? buy : sell;
  const hasDepth = board.depthOf(index, now) !== null;
  const funding = board.fundingOf(index, now);
  return {
    ...{ venue: listing.venue, market: listing.market, symbol: listing.symbol, pool: listing.pool, side, multiplier: listing.multiplier },
    bid: priceText(bid),
    ask: priceText(ask),
    feePercent: percentUp(listing.takerFeeRate),
    priceAgeMs: now - (board.topAt[index] as number),
    depthAgeMs: hasDepth ? now - (board.depthAt[index] as number) : null,
    isStale: board.isStale(index, now),
    contract: sharedContract(listing, side === 'buy' ? slot.sell : slot.buy),
    transfer: listing.transfer,
    funding: funding === null ? null : legFunding(funding),
  };
}

/** Of several networks the one that the other leg names, too. */
function sharedContract({ contracts }: Listing, other: Listing): SignalLeg['contract'] {
  return contracts.find(({ chain }) => other.contracts.some((each) => each.chain === chain)) ?? contracts[0] ?? null;
}

function legFunding({ rate, intervalHours, nextAt, maxRate, minRate, changedAt, hoursBefore }: FundingState): LegFunding {
  const isKnown = maxRate !== null || minRate !== null;
  const isAtLimit = (maxRate !== null && rate >= maxRate * AT_LIMIT && rate > 0) || (minRate !== null && rate <= minRate * AT_LIMIT && rate < 0);
  return {
    ratePercent: percentDown(rate),
    intervalHours,
    nextAt,
    per8HoursPercent: percentDown((rate * 8) / intervalHours),
    yearPercent: percentDown((rate * 24 * 365) / intervalHours),
    isAtLimit: isKnown ? isAtLimit : null,
    intervalChangedAt: changedAt,
    intervalHoursBefore: hoursBefore,
  };
}

function fundingOf({ live, slot, slots, board, now }: Told, figures: AtSize): SignalFunding | null {
  const at = live.slot;
  const long = board.fundingOf(slots.buy[at] as number, now);
  const short = board.fundingOf(slots.sell[at] as number, now);
  if (long === null && short === null) return null;
  const { horizonHours } = slot.scanner.rules;
  const income = fundingIncome(long, short, now, horizonHours);
  // All that is not funding: fees, both books, what else it costs.
  const cost = slot.plan.exit === 'funding' ? income - figures.net : figures.fees;
  const even = breakEven(long, short, now, cost);
  return {
    yearPercent: percentDown(yearOfFunding(long, short)),
    incomePercent: percentDown(income),
    horizonHours,
    breakEvenHours: even === null ? null : hoursText(even.hours),
    breakEvenSettlements: even === null ? null : even.settlements,
  };
}

function quarantineOf({ buy, sell, plan, route }: Slot, identity: SignalIdentity, spread: number): QuarantineReason | null {
  if (identity.status === 'conflict') return 'identity_conflict';
  if (![buy, sell].every(({ isQuotable }) => isQuotable)) return 'unquotable_pool';
  if (plan.exit === 'transfer' && (route.kind === 'closed' || buy.transfer?.canWithdraw === false || sell.transfer?.canDeposit === false))
    return 'transfer_closed';
  return spread > IMPLAUSIBLE && identity.status !== 'proven' ? 'implausible' : null;
}

function warningsOf({ live, slot, board, now, slots }: Told, identity: SignalIdentity): readonly SignalWarning[] {
  const { buy, sell, plan, route } = slot;
  const found = new Set<SignalWarning>(plan.warnings);
  if (plan.exit === 'transfer') {
    const canMove = [buy.market === 'dex' ? true : (buy.transfer?.canWithdraw ?? null), sell.market === 'dex' ? true : (sell.transfer?.canDeposit ?? null)];
    if (canMove.includes(false) || route.kind === 'closed') found.add('transfer_closed');
    // Both move it, and it is not known to be on one network.
    else if (canMove.includes(null) || (route.kind === 'unknown' && buy.networks !== undefined && sell.networks !== undefined)) found.add('transfer_unknown');
    const fee = route.kind === 'open' ? route.network.withdrawFee : (buy.transfer?.withdrawFee ?? null);
    if (canMove[0] !== false && buy.market !== 'dex' && fee === null) found.add('withdrawal_fee_unknown');
  }
  const at = live.slot;
  for (const [listing, index] of [
    [buy, slots.buy[at] as number],
    [sell, slots.sell[at] as number],
  ] as const) {
    if (listing.market !== 'futures') continue;
    const funding = board.fundingOf(index, now);
    if (funding === null) found.add('funding_unknown');
    else {
      if (funding.changedAt !== null && now - funding.changedAt < CHANGE_NEWS_MS) found.add('interval_changed');
      if (legFunding(funding).isAtLimit === true) found.add('rate_at_limit');
    }
  }
  if (identity.status === 'unknown') found.add('identity_unknown');
  return [...found];
}
