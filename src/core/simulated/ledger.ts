/**
 * Who holds what at a simulated exchange: free and locked amounts per account and asset, exact, and the two counterparts
 * (the outside market and the venue's fee purse) that make every sum come out. Amounts are bigints of 10^-24 units.
 */
import { type Decimal, type DecimalString, decimal, plain } from '../money.ts';

/** Digits after the point that a ledger keeps; an instrument whose products need more is refused. */
export const LEDGER_DIGITS = 24;

export interface Holding {
  free: bigint;
  locked: bigint;
}

/** An amount in ledger units; throws when it has more digits than {@link LEDGER_DIGITS}. */
export function unitsOf(amount: DecimalString | Decimal): bigint {
  const value = decimal(amount);
  if (value.decimalPlaces() > LEDGER_DIGITS) throw new RangeError(`${plain(value)} has more than ${LEDGER_DIGITS} digits after the point`);
  const [whole, fraction = ''] = value.toFixed(LEDGER_DIGITS).split('.');
  return BigInt(`${whole}${fraction}`);
}

/** A ledger amount in plain notation. */
export function amountOf(units: bigint): DecimalString {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(LEDGER_DIGITS + 1, '0');
  const fraction = digits.slice(-LEDGER_DIGITS).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -LEDGER_DIGITS)}${fraction === '' ? '' : `.${fraction}`}`;
}

export class Ledger {
  /** Whether anybody asks what has changed. */
  readonly #isWatched: boolean;
  readonly #accounts = new Map<string, Map<string, Holding>>();
  readonly #outside = new Map<string, bigint>();
  readonly #fees = new Map<string, bigint>();
  readonly #funding = new Map<string, bigint>();
  readonly #insurance = new Map<string, bigint>();
  readonly #changed = new Map<string, Set<string>>();

  constructor(isWatched = true) {
    this.#isWatched = isWatched;
  }

  /** Net of what the outside market gave (negative) and took in trades, by asset. */
  get outside(): ReadonlyMap<string, bigint> {
    return this.#outside;
  }

  /** Fees taken, by asset. */
  get fees(): ReadonlyMap<string, bigint> {
    return this.#fees;
  }

  /** Net of the funding that positions paid (positive) and received, by asset. */
  get funding(): ReadonlyMap<string, bigint> {
    return this.#funding;
  }

  /** What the insurance gave (negative) for accounts that could not pay their losses, by asset. */
  get insurance(): ReadonlyMap<string, bigint> {
    return this.#insurance;
  }

  get accounts(): Iterable<string> {
    return this.#accounts.keys();
  }

  holding(account: string, asset: string): Readonly<Holding> {
    return this.#accounts.get(account)?.get(asset) ?? EMPTY;
  }

  holdings(account: string): ReadonlyMap<string, Readonly<Holding>> {
    return this.#accounts.get(account) ?? NONE;
  }

  /** Adds to (or with a negative amount takes from) what is free; `false` and no change when less is free. */
  adjust(account: string, asset: string, units: bigint): boolean {
    if (this.holding(account, asset).free + units < 0n) return false;
    const holding = this.#holding(account, asset);
    holding.free += units;
    this.#touch(account, asset);
    return true;
  }

  /** Moves from free to locked; `false` and no change when less is free. */
  lock(account: string, asset: string, units: bigint): boolean {
    if (this.holding(account, asset).free < units) return false;
    if (units === 0n) return true;
    const holding = this.#holding(account, asset);
    holding.free -= units;
    holding.locked += units;
    this.#touch(account, asset);
    return true;
  }

  /** Moves from locked back to free. */
  release(account: string, asset: string, units: bigint): void {
    if (units === 0n) return;
    const holding = this.#holding(account, asset);
    if (holding.locked < units) throw new Error(`${account} has ${amountOf(holding.locked)} ${asset} locked, ${amountOf(units)} were to be released`);
    holding.locked -= units;
    holding.free += units;
    this.#touch(account, asset);
  }

  /** One leg of a trade against the outside market; two accounts that trade with each other cancel out there. */
  trade(account: string, asset: string, units: bigint): void {
    if (!this.adjust(account, asset, units)) throw new Error(`${account} cannot pay ${amountOf(-units)} ${asset} for a trade`);
    add(this.#outside, asset, -units);
  }

  /**
   * Profit, loss, fee or funding of a position. The account pays out of what is free, at most `most` where that is given;
   * the insurance pays the rest.
   */
  settle(account: string, asset: string, units: bigint, counterpart: 'outside' | 'fees' | 'funding', most?: bigint): void {
    if (units === 0n) return;
    const { free } = this.holding(account, asset);
    const payable = most === undefined || most > free ? free : most;
    const own = units < -payable ? -payable : units;
    this.adjust(account, asset, own);
    add(counterpart === 'outside' ? this.#outside : counterpart === 'fees' ? this.#fees : this.#funding, asset, -units);
    if (own !== units) add(this.#insurance, asset, units - own);
  }

  charge(account: string, asset: string, units: bigint): void {
    if (units === 0n) return;
    if (!this.adjust(account, asset, -units)) throw new Error(`${account} cannot pay a fee of ${amountOf(units)} ${asset}`);
    add(this.#fees, asset, units);
  }

  /** Forgets what an account holds. */
  forget(account: string): void {
    this.#accounts.delete(account);
    this.#changed.delete(account);
  }

  /** Assets whose holdings changed since the last call, by account. */
  takeChanged(): ReadonlyMap<string, ReadonlySet<string>> {
    const changed = new Map(this.#changed);
    this.#changed.clear();
    return changed;
  }

  #holding(account: string, asset: string): Holding {
    let assets = this.#accounts.get(account);
    if (assets === undefined) this.#accounts.set(account, (assets = new Map()));
    let holding = assets.get(asset);
    if (holding === undefined) assets.set(asset, (holding = { free: 0n, locked: 0n }));
    return holding;
  }

  #touch(account: string, asset: string): void {
    if (!this.#isWatched) return;
    const assets = this.#changed.get(account);
    if (assets === undefined) this.#changed.set(account, new Set([asset]));
    else assets.add(asset);
  }
}

function add(amounts: Map<string, bigint>, asset: string, units: bigint): void {
  amounts.set(asset, (amounts.get(asset) ?? 0n) + units);
}

const EMPTY: Readonly<Holding> = { free: 0n, locked: 0n };
const NONE: ReadonlyMap<string, Readonly<Holding>> = new Map();
