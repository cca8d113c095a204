/** Every pair that is compared, in each direction that can be taken: a slot. Columns, because each price looks at all slots of its listing. */

import { fundingIncome } from './funding.ts';
import { identityOf } from './identity.ts';
import type { ListingBoard } from './listing-board.ts';
import type { Listing } from './market-scan.ts';
import { type Route, routeOf } from './route.ts';
import type { Plan, Scanner } from './scanner.ts';
import type { SignalDirection } from './signal.ts';
import { netBound, type OtherCosts } from './spread.ts';

export interface Slot {
  readonly key: string;
  readonly scanner: Scanner;
  readonly direction: SignalDirection;
  readonly buy: Listing;
  readonly sell: Listing;
  readonly plan: Plan;
  /** Of coins that are moved; unknown where none are. */
  readonly route: Route;
}

/** More are not compared: a list of listings gone wild must not take the process with it. */
export const MAX_SLOTS = 200_000;

export class Slots {
  readonly all: readonly Slot[];
  readonly buy: Int32Array;
  readonly sell: Int32Array;
  readonly openAt: Float64Array;
  readonly slope: Float64Array;
  readonly bias: Float64Array;
  /** Slots of each listing. */
  readonly of: readonly Int32Array[];
  readonly #places: ReadonlyMap<string, number>;

  constructor(board: ListingBoard, scanners: readonly Scanner[]) {
    const all = slotsOf(board.listings, scanners).slice(0, MAX_SLOTS);
    this.all = all;
    this.buy = Int32Array.from(all, ({ buy }) => board.indexOf(buy.key));
    this.sell = Int32Array.from(all, ({ sell }) => board.indexOf(sell.key));
    this.openAt = Float64Array.from(all, ({ scanner }) => scanner.rules.openAt);
    this.slope = new Float64Array(all.length);
    this.bias = new Float64Array(all.length);
    const lists: number[][] = board.listings.map(() => []);
    for (const [slot] of all.entries()) for (const index of [this.buy[slot], this.sell[slot]]) lists[index as number]?.push(slot);
    this.of = lists.map((list) => Int32Array.from(list));
    this.#places = new Map(all.map(({ key }, slot) => [key, slot]));
  }

  /** `-1` where there is none. */
  placeOf(key: string): number {
    return this.#places.get(key) ?? -1;
  }

  /** Funding moves what a slot can be worth. */
  reckon(board: ListingBoard, slot: number, now: number): void {
    const { plan, buy, sell } = this.all[slot] as Slot;
    const { slope, bias } = netBound(plan.exit, buy.takerFeeRate + sell.takerFeeRate, this.income(board, slot, now), plan.costShare);
    this.slope[slot] = slope;
    this.bias[slot] = bias;
  }

  /** Funding over the horizon; of unknown rates nothing, and of two perpetuals one of which is unknown minus infinity: that is no spread. */
  income(board: ListingBoard, slot: number, now: number): number {
    const { scanner, plan } = this.all[slot] as Slot;
    const long = board.fundingOf(this.buy[slot] as number, now);
    const short = board.fundingOf(this.sell[slot] as number, now);
    if (plan.exit === 'funding' && (long === null || short === null)) return Number.NEGATIVE_INFINITY;
    return fundingIncome(long, short, now, scanner.rules.horizonHours);
  }
}

/** Of moving coins, of gas, and of doubt; the fee of a withdrawal that is not known is not in it. */
export function otherCosts({ buy, sell, plan, route }: Slot, price: number): OtherCosts {
  const fee = route.kind === 'open' ? route.network.withdrawFee : (buy.transfer?.withdrawFee ?? null);
  const withdrawal = plan.exit === 'transfer' ? Number(fee ?? 0) * price : 0;
  return { fixed: buy.fixedCost + sell.fixedCost + withdrawal, share: plan.costShare };
}

/** Whether the legs of a slot are one coin, by contracts and indices. */
export function identityOfSlot(board: ListingBoard, { buy, sell }: Slot, now: number): ReturnType<typeof identityOf> {
  const leg = (listing: Listing): Parameters<typeof identityOf>[0] => {
    const index = board.indexOf(listing.key);
    const indexPrice = board.fundingOf(index, now)?.indexPrice ?? null;
    const middle = ((board.bid[index] as number) + (board.ask[index] as number)) / 2;
    const own = listing.market !== 'futures' && Number.isFinite(middle) && middle > 0 ? middle : null;
    return { name: `${listing.venue} ${listing.market}`, contracts: listing.contracts, referencePrice: indexPrice ?? own, isIndex: indexPrice !== null };
  };
  return identityOf(leg(buy), leg(sell));
}

function slotsOf(listings: readonly Listing[], scanners: readonly Scanner[]): readonly Slot[] {
  const coins = Map.groupBy(listings, ({ base }) => base);
  const slots: Slot[] = [];
  for (const [base, ofCoin] of coins)
    for (const scanner of scanners)
      for (const [one, other] of scanner.pairs(ofCoin)) {
        const key = `${scanner.name} ${base} ${one.key} ${other.key}`;
        const add = (direction: SignalDirection, buy: Listing, sell: Listing): void => {
          const plan = scanner.plan(buy, sell);
          const route: Route = plan?.exit === 'transfer' ? routeOf(buy, sell) : { kind: 'unknown' };
          if (plan !== null) slots.push({ key: `${key} ${direction}`, scanner, direction, buy, sell, plan, route });
        };
        add('forward', one, other);
        add('reverse', other, one);
      }
  return slots;
}
