/**
 * Makes the realm of a sandbox poor and repeatable before a program of a user is let in: no dynamic code, no shared
 * memory, no WebAssembly, nothing that tells one run from another; time and chance follow from the event in hand.
 */

/** What is taken away for good. */
const TAKEN = [
  'eval',
  'Function',
  'WebAssembly',
  'SharedArrayBuffer',
  'Atomics',
  'WeakRef',
  'FinalizationRegistry',
  'Intl',
  'console',
  'escape',
  'unescape',
  'AsyncDisposableStack',
  'DisposableStack',
  'gc',
] as const;

/** Kept before a program can put its own in their place. */
const RealDate = Date;
const { defineProperty, getPrototypeOf } = Object;

let nowMs = 0;
let tellNumber = 0;
/** Where chance stands; 0 until it is asked for at the event in hand. */
let seed = 0;

/** Time and chance of the event in hand: the same event gives the same. */
export function enterEvent(at: number, tell: number): void {
  nowMs = at;
  tellNumber = tell;
  seed = 0;
}

/** Numbers in [0, 1) that follow from the seed. @see https://en.wikipedia.org/wiki/Xorshift */
function seededRandom(): number {
  if (seed === 0) seed = ((nowMs % 4_294_967_291) ^ Math.imul(tellNumber + 1, 2_654_435_761)) >>> 0 || 1;
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  seed >>>= 0;
  return seed / 4_294_967_296;
}

/** To be called once, before anything of a program is evaluated. */
export function impoverish(): void {
  const realm = globalThis as unknown as Record<string, unknown>;
  for (const name of TAKEN) delete realm[name];
  // Dynamic code hides behind the constructor of any function, of each of the four kinds.
  const kinds = [
    () => 0,
    async () => 0,
    function* (): Generator<number> {
      yield 0;
    },
    async function* (): AsyncGenerator<number> {
      yield 0;
    },
  ];
  for (const kind of kinds) defineProperty(getPrototypeOf(kind), 'constructor', { value: refuseCode, writable: false, configurable: false });
  defineProperty(Math, 'random', { value: seededRandom, writable: false, configurable: false });
  defineProperty(realm, 'Date', { value: eventDate(), writable: false, configurable: false });
  Error.stackTraceLimit = 20;
}

function refuseCode(): never {
  throw new TypeError('code made of texts is not possible in a strategy');
}

/** A Date whose present is the event in hand; by itself it knows neither clock nor time zone. */
function eventDate(): DateConstructor {
  const EventDate = new Proxy(RealDate, {
    construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [nowMs] : args, self) as object,
    apply: () => new RealDate(nowMs).toISOString(),
    get: (target, key, self) => (key === 'now' ? () => nowMs : (Reflect.get(target, key, self) as unknown)),
  });
  defineProperty(RealDate.prototype, 'constructor', { value: EventDate, writable: false, configurable: false });
  return EventDate;
}
