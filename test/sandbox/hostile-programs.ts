/** Programs that mean no good, and what becomes of each. Names are put together at run time, so that looking at the text finds nothing. */

export interface Hostile {
  readonly name: string;
  readonly before?: string;
  readonly start?: string;
  readonly on?: string;
  readonly result?: string;
  /** How its run ends; left out, it goes on and has gained nothing. */
  readonly ends?: RegExp;
  /** What it had to tell. */
  readonly tells?: string;
  /** Orders it may have placed. */
  readonly orders?: number;
  /** Events it gets; 4 where not given. */
  readonly quotes?: number;
  /** It takes its process with it, so it has one for itself. */
  readonly isDeadly?: boolean;
  /** Its run has two instruments. */
  readonly hasLegs?: boolean;
}

const SYNCHRONOUS = /A strategy is synchronous/;
const NO_CODE = /^threw: .*code made of texts is not possible/;
const TIME = /^time: your strategy was stopped: .*took longer than it may/;
/** However the machine puts it: the heap, an allocation, or the process itself. */
const MEMORY = /^(memory|crashed|time|threw|state|output): your strategy was stopped: /;

const REACH = `const k = 'const' + 'ructor'; const q = 'pro' + 'totype';`;

const ESCAPES: readonly Hostile[] = [
  { name: 'reaches Function by the constructor of a function', start: `${REACH} (() => 0)[k]('return 1')()`, ends: NO_CODE },
  { name: 'reaches it by the constructor of a class', start: `${REACH} (class {})[k]('return 1')()`, ends: NO_CODE },
  { name: 'reaches it by the constructor of a constructor', start: `${REACH} ({})[k][k]('return process')()`, ends: NO_CODE },
  { name: 'reaches it by an async function', start: `${REACH} (async () => 0)[k]('return 1')`, ends: SYNCHRONOUS },
  { name: 'reaches it by a generator function', start: `${REACH} (function* () {})[k]('yield 1')`, ends: NO_CODE },
  { name: 'reaches it by an async generator function', start: `${REACH} (async function* () {})[k]('yield 1')`, ends: SYNCHRONOUS },
  { name: 'reaches it by a method of the context', start: `${REACH} context.submit[k]('return 1')()`, ends: NO_CODE },
  { name: 'reaches it by a method of an indicator', start: `${REACH} ema.update[k]('return 1')()`, ends: NO_CODE },
  { name: 'reaches it by a bound function', start: `${REACH} (() => 0).bind(null)[k]('return 1')()`, ends: NO_CODE },
  { name: 'reaches it by a proxy', start: `${REACH} new Proxy(function () {}, {})[k]('return 1')()`, ends: NO_CODE },
  { name: 'calls eval under another name', start: `tell(context, typeof globalThis['ev' + 'al'])`, tells: 'undefined' },
  { name: 'looks for the process', start: `tell(context, typeof globalThis['pro' + 'cess'])`, tells: 'undefined' },
  { name: 'looks for require', start: `tell(context, typeof globalThis['req' + 'uire'])`, tells: 'undefined' },
  { name: 'looks for fetch', start: `tell(context, typeof globalThis['fe' + 'tch'])`, tells: 'undefined' },
  {
    name: "looks for the isolate's keeper",
    start: `tell(context, Reflect.ownKeys(globalThis).filter((n) => /ivm|isolat|node|^Buffer/i.test(String(n))).join())`,
    tells: '',
  },
  {
    name: 'looks for timers',
    start: `tell(context, ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((n) => typeof globalThis[n]).join())`,
    tells: 'undefined,undefined,undefined,undefined',
  },
  { name: 'compiles WebAssembly', start: `tell(context, typeof globalThis['Web' + 'Assembly'])`, tells: 'undefined' },
  {
    name: 'shares memory',
    start: `tell(context, typeof globalThis['SharedArray' + 'Buffer'] + typeof globalThis['Atom' + 'ics'])`,
    tells: 'undefinedundefined',
  },
  { name: 'gets shared memory by the species of a buffer', start: `${REACH} tell(context, new ArrayBuffer(8)[k].name)`, tells: 'ArrayBuffer' },
  {
    name: 'watches garbage being collected',
    start: `tell(context, typeof globalThis['Weak' + 'Ref'] + typeof globalThis['Finalization' + 'Registry'])`,
    tells: 'undefinedundefined',
  },
  {
    name: 'sets prepareStackTrace to catch call sites',
    start: `Error.prepareStackTrace = (_, sites) => sites; const sites = new Error().stack; tell(context, Array.isArray(sites) && sites.some((s) => typeof s.getThis() === 'object' && s.getThis() !== null))`,
    tells: 'false',
  },
  {
    name: 'reads a function off a call site',
    start: `Error.prepareStackTrace = (_, sites) => sites; const sites = new Error().stack; tell(context, Array.isArray(sites) ? sites.map((s) => typeof s.getFunction()).filter((t) => t === 'function').length : 0)`,
    tells: '0',
  },
  {
    name: 'asks a stranger for its caller',
    before: `function f() { return f['call' + 'er']; }`,
    start: `tell(context, (() => { try { return typeof f(); } catch (e) { return e.name; } })())`,
    tells: 'TypeError',
  },
  { name: 'replaces then on promises', start: `${REACH} Promise[q].then = () => { throw new Error('no'); }; tell(context, 'still here')`, tells: 'still here' },
  {
    name: 'overflows the stack to reach another realm',
    start: `${REACH} const f = () => f(); try { f(); } catch (e) { e[k][k]('return 1')(); }`,
    ends: NO_CODE,
  },
  { name: 'reaches by a symbol of an error', start: `${REACH} try { Symbol()['x'].y; } catch (e) { e[k][k]('return globalThis')(); }`, ends: NO_CODE },
  {
    name: 'reaches by a SuppressedError',
    start: `${REACH} tell(context, (() => { try { return typeof new SuppressedError(1, 2)[k][k]('return 1'); } catch (e) { return e.message.includes('code made of texts'); } })())`,
    tells: 'true',
  },
];

const IMPORTS: readonly Hostile[] = [
  { name: 'imports a module of Node at the top', before: `import fs from 'node:fs';`, ends: /cannot be imported/ },
  { name: 'imports a module of the product', before: `import { Engine } from '#core/engine/engine.ts';`, ends: /cannot be imported/ },
  { name: 'imports a file by its path', before: `import x from '/etc/passwd';`, ends: /cannot be imported/ },
  { name: 'imports dynamically', start: `import('node:fs')`, ends: /Dynamic imports are not possible/ },
  { name: 'imports by a data address', before: `import x from 'data:text/javascript,export default 1';`, ends: /cannot be imported/ },
  { name: 'asks for import.meta', start: `import.meta.url`, ends: /nothing to know of a module/ },
];

const EXHAUSTION: readonly Hostile[] = [
  { name: 'never returns', start: 'for (;;);', ends: TIME },
  { name: 'never returns from an event', on: 'for (;;);', ends: TIME },
  { name: 'never returns while it is loaded', before: 'for (let i = 0; ; i += 1) if (i < 0) break;', ends: TIME },
  { name: 'never ends its microtasks', start: `const p = Promise; (function again() { p.resolve().then(again); })()`, ends: /^(time|crashed)/ },
  { name: 'backtracks in a regular expression', on: `/^(a+)+$/.test('a'.repeat(40) + 'b')`, ends: TIME },
  { name: 'sorts without end', on: `const a = Array.from({ length: 1e6 }, (_, i) => i); for (;;) a.sort((x, y) => y - x)`, ends: MEMORY },
  { name: 'recurses without end', on: 'const f = (n) => f(n + 1) + 1; f(0)', ends: /^threw: .*RangeError: Maximum call stack/ },
  { name: 'generates without end', on: 'const g = (function* () { for (;;) yield 1; })(); for (const x of g) ;', ends: TIME },
  { name: 'raises a BigInt to the sky', on: 'let n = 3n; for (;;) n *= n', ends: MEMORY },
  { name: 'doubles a text', on: `let s = 'x'; for (;;) s += s`, ends: MEMORY },
  { name: 'pads a text', on: `const s = 'x'.padEnd(5e8); for (let i = 0; i < s.length; i += 1) s.indexOf('y')`, ends: MEMORY },
  { name: 'fills its memory with objects', on: 'const a = []; for (;;) a.push({ a: [1, 2, 3] })', ends: MEMORY, isDeadly: true },
  { name: 'fills its memory with arrays', on: 'const a = []; for (;;) a.push(new Array(1000).fill(1.1))', ends: MEMORY, isDeadly: true },
  { name: 'fills its memory with buffers', on: 'const a = []; for (;;) a.push(new ArrayBuffer(1e7))', ends: MEMORY },
  {
    name: 'fills its memory bit by bit, over many events',
    before: 'const kept = [];',
    on: 'for (let i = 0; i < 3e5; i += 1) kept.push({ i })',
    ends: MEMORY,
    isDeadly: true,
    quotes: 40,
  },
  { name: 'makes a sparse array of great length', on: `const a = []; a[4e9] = 1; tell(context, new Array(1e9) + '')`, ends: MEMORY },
  { name: 'parses JSON of great depth', on: `JSON.stringify(JSON.parse('['.repeat(1e5) + ']'.repeat(1e5)))` },
];

const OUTPUT: readonly Hostile[] = [
  { name: 'floods orders', on: 'for (let i = 0; i < 10000; i += 1) context.submit(order({}))', ends: /more than 200 orders at one event/ },
  {
    name: 'floods orders slowly, all of them refused',
    on: `if (event.type === 'quoteChanged') for (let i = 0; i < 190; i += 1) context.submit(order({ sizeLots: 0 }))`,
    ends: /500 orders in a row were refused/,
  },
  { name: 'answers its own refusals without end', on: 'context.submit(order({ sizeLots: 0 }))', ends: /^(threw|output|lied): / },
  { name: 'floods reports', on: `for (let i = 0; i < 5000; i += 1) tell(context, i)`, ends: /more than 1000 wishes/ },
  {
    name: 'floods timers',
    before: 'let n = 0;',
    on: `for (let i = 0; i < 90; i += 1) context.setTimer('t' + n++, context.at + 1e6)`,
    ends: /more than 100 timers/,
  },
  { name: 'tells a text of great length', on: `context.report('strategy_note', 'x'.repeat(1e6))`, ends: /must be a text of at most 500/ },
  { name: 'orders a size that is no number', on: 'context.submit(order({ sizeLots: NaN }))', ends: /sizeLots must be a whole number/ },
  { name: 'orders an endless size', on: 'context.submit(order({ sizeLots: Infinity }))', ends: /sizeLots must be a whole number/ },
  { name: 'orders a negative size', on: 'context.submit(order({ sizeLots: -5 }))', ends: /sizeLots must be a whole number/ },
  { name: 'orders a part of a lot', on: 'context.submit(order({ sizeLots: 1.5 }))', ends: /sizeLots must be a whole number/ },
  { name: 'orders more than can be counted', on: 'context.submit(order({ sizeLots: 2 ** 60 }))', ends: /sizeLots must be a whole number/ },
  { name: 'orders more than its budget', start: 'context.submit(order({ sizeLots: 9e15 }))', orders: 0 },
  { name: 'orders at a price of its own making', start: 'context.submit(order({ priceTicks: 20000 }))', orders: 0 },
  {
    name: 'gives a getter for a size',
    start: `let n = 0; context.submit({ ...order({}), get sizeLots() { n += 1; return n === 1 ? 1000 : 9e12; } })`,
    orders: 1,
  },
  {
    name: 'gives a proxy for an order',
    start: `let n = 0; context.submit(new Proxy(order({}), { get: (t, k) => (k === 'side' && n++ > 0 ? 'steal' : t[k]) }))`,
    orders: 1,
  },
  { name: 'gives an order that is none', start: 'context.submit(null)', ends: /^threw: .*TypeError/ },
  { name: 'invents a side', start: `context.submit(order({ side: 'both' }))`, ends: /side must be/ },
  { name: 'names an order with an object', start: `context.submit(order({ tag: { toString: () => 'x' } }))`, ends: /tag must be a text/ },
  { name: 'cancels orders of others', start: `context.cancel('ab00001000001000010000000100'); tell(context, 'asked')`, tells: 'asked' },
  { name: 'cancels with a proxy', start: `context.cancel(new Proxy({}, {}))`, ends: /clientOrderId must be a text/ },
  { name: 'sets a timer beyond all time', start: `context.setTimer('x', Infinity)`, ends: /at must be a time/ },
  { name: 'ends with a liquidation that is none', start: `context.finish('x', 'withdraw')`, ends: /liquidation must be/ },
  { name: 'reports data with depth', start: `context.report('strategy_note', 'x', { a: { b: 1 } })`, ends: /data must be an object/ },
  { name: 'keeps its context and uses it later', before: 'let kept = null;', start: 'kept = context', on: 'kept.submit(order({}))', orders: 3 },
  { name: 'returns a promise', on: `return Promise.resolve(1)`, ends: /on must return nothing/ },
  { name: 'never settles a promise', start: `tell(context, 'on it'); new (Promise)(() => 0).then(() => tell(context, 'late'))`, tells: 'on it' },
  {
    name: 'submits after it has returned, in a microtask',
    start: `Promise.resolve().then(() => context.submit(order({})))`,
    ends: /^(threw|lied)|^$/,
    orders: 1,
  },
];

/** In a run over a coin and its perpetual, `here` and `there`. */
const LEGS: readonly Hostile[] = (
  [
    { name: 'asks for a leg that is not there', start: `context.leg('elsewhere')`, ends: /the run has no leg "elsewhere"/ },
    { name: 'asks for a leg by the name of what every object has', start: `context.leg('const' + 'ructor')`, ends: /the run has no leg/ },
    { name: 'asks for a leg by an object', start: `context.leg({ toString: () => 'there' })`, ends: /the run has no leg/ },
    { name: 'puts a leg of its own among the legs', start: `context.legs.push({ name: 'mine' })`, ends: /^threw: .*TypeError/ },
    { name: 'takes a leg away', start: `context.legs.length = 0`, ends: /^threw: .*TypeError/ },
    { name: 'reaches Function by a leg', start: `${REACH} context.leg('there').submit[k]('return 1')()`, ends: NO_CODE },
    {
      name: 'floods orders over all legs',
      on: `for (let i = 0; i < 150; i += 1) for (const leg of context.legs) leg.submit(order({}))`,
      ends: /more than 200 orders/,
    },
    { name: 'orders more of a leg than its budget', start: `context.leg('there').submit(order({ sizeLots: 9e15 }))`, orders: 0 },
    {
      name: 'changes the position it is shown of a leg',
      start: `context.leg('there').position.quoteAtoms = 1e15; context.leg('there').submit(order({ sizeLots: 90000 }))`,
      orders: 0,
    },
    { name: 'takes margin for coins', start: `context.moveQuote('there', 'here', 1000)`, ends: /this is not possible between these legs/ },
    { name: 'moves less than nothing', start: `context.moveQuote('here', 'there', -1000)`, ends: /atoms must be a whole number/ },
    { name: 'moves a proxy', start: `context.moveQuote(new Proxy({}, {}), 'there', 5)`, ends: /from must be a text/ },
    {
      name: 'watches the distance to nowhere',
      start: `context.watchSpread({ long: 'here', short: 'nowhere', above: 1, below: null })`,
      ends: /this is not possible between these legs/,
    },
    {
      name: 'watches a distance that is none',
      start: `context.watchSpread({ long: 'here', short: 'there', above: NaN, below: null })`,
      ends: /above must be a finite number/,
    },
    {
      name: 'gives a getter for the end of a distance',
      start: `let n = 0; context.watchSpread({ long: 'here', get short() { n += 1; return n === 1 ? 'there' : 'nowhere'; }, above: 1, below: null }); tell(context, 'on')`,
      tells: 'on',
    },
    { name: 'keeps a leg and uses it later', before: 'let kept = null;', start: `kept = context.leg('there')`, on: 'kept.submit(order({}))', orders: 8 },
    {
      name: 'replaces what lists have, to wish for a leg that is not there',
      start: `Array.prototype.push = function (...a) { for (const w of a) this[this.length] = Array.isArray(w) && w[0] === 'submitAt' ? ['submitAt', 'elsewhere', ...w.slice(2)] : w; return this.length; }; context.leg('there').submit(order({}))`,
      ends: /^(lied|threw|output): /,
      orders: 0,
    },
  ] satisfies readonly Hostile[]
).map((each) => ({ ...each, hasLegs: true }));

const STATES: readonly Hostile[] = [
  { name: 'has a state that is too big', result: `{ x: 'y'.repeat(100000) }`, ends: /^state: .*at most 65536/ },
  { name: 'has a state in a circle', result: '(() => { const a = {}; a.a = a; return a; })()', ends: /^threw: .*circular/i },
  { name: 'has a state that is no JSON', result: '{ toJSON: () => undefined }', ends: /^state: .*cannot be written/ },
  { name: 'has a state of great depth', result: `{ d: JSON.parse('['.repeat(3e4) + ']'.repeat(3e4)) }` },
  { name: 'has a BigInt in its state', result: '{ n: 1n }', ends: /^threw: .*BigInt/ },
  { name: 'has no state', result: 'undefined', ends: /start must return its state/ },
  { name: 'has a state with a prototype in it', result: `JSON.parse('{"__proto__":{"isAdmin":true}}')`, on: `tell(context, ({}).isAdmin)`, tells: 'undefined' },
  { name: 'has a state that throws when it is read', result: `{ get x() { throw new Error('gotcha'); } }`, ends: /gotcha/ },
];

const LIES: readonly Hostile[] = [
  { name: 'changes the position it is shown', start: 'context.position.quoteAtoms = 1e15; context.submit(order({ sizeLots: 90000 }))', orders: 0 },
  {
    name: 'changes an order it is shown',
    before: 'let id;',
    start: 'id = context.submit(order({}))',
    on: `const o = context.order(id); if (o) { o.state = 'filled'; o.sizeLots = 1; }`,
    orders: 1,
  },
  { name: 'changes what numbers are', start: `${REACH} Number[q].toString = () => '7'; context.submit(order({}))`, orders: 1 },
  {
    name: 'puts its own push into arrays',
    start: `${REACH} Array[q].push = function () { return 0; }; context.submit(order({}))`,
    ends: /^(lied|threw): /,
    orders: 0,
  },
  {
    name: 'puts its own stringify into JSON',
    start: `JSON.stringify = () => '{"ok":true,"value":{"tells":[[["submit"]]],"state":null,"figures":null,"fault":null}}'; tell(context, 'x')`,
    tells: 'x',
  },
  { name: 'teaches every object toJSON', start: `${REACH} Object[q].toJSON = () => 'gone'; tell(context, 'x')`, ends: /^(lied|state): / },
  {
    name: 'makes up an answer by toJSON',
    start: `${REACH} Object[q].toJSON = function () { return this && this.ok ? { ok: true, value: { tells: [[['finish', 'x', 'toQuote']], [['submit', 'buy', 'market', 0, 0, 5, 'ioc', false, false, 'x']]], state: null, figures: null, fault: null } } : this; };`,
    ends: /^lied: /,
    orders: 0,
  },
  {
    name: 'puts its own iterator into arrays',
    start: `${REACH} Array[q][Symbol.iterator] = function* () { yield 'stolen'; }; context.submit(order({}))`,
    ends: /^(lied|threw): /,
    orders: 0,
  },
  {
    name: 'sets a getter on every object',
    start: `${REACH} Object.defineProperty(Object[q], 'ok', { get: () => true, set: () => 0, configurable: true }); tell(context, 'x')`,
    tells: 'x',
  },
  {
    name: 'species of an array',
    start: `${REACH} Array[Symbol.species]; Object.defineProperty(Array, Symbol.species, { value: class { } , configurable: true}); context.submit(order({}))`,
    orders: 1,
  },
  {
    name: 'freezes what the product works with',
    start: `${REACH} Object.freeze(Array[q]); Object.freeze(Map[q]); Object.freeze(Object[q]); context.submit(order({}))`,
    orders: 1,
  },
  {
    name: 'replaces Map beneath the engine',
    start: `${REACH} Map[q].get = () => undefined; Map[q].set = () => 0; context.submit(order({}))`,
    ends: /^(lied|threw): |^$/,
    orders: 1,
  },
];

const ERRORS: readonly Hostile[] = [
  { name: 'throws an error with getters', on: `throw { get name() { for (;;); }, get message() { return 'x'; } }`, ends: TIME },
  { name: 'throws an error whose message throws', on: `throw { get message() { throw new Error('again'); } }`, ends: /an error that cannot be read/ },
  { name: 'throws a proxy', on: `throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } })`, ends: /an error that cannot be read/ },
  { name: 'throws nothing', on: 'throw undefined', ends: /^threw: .*undefined/ },
  { name: 'throws a text of great length', on: `throw 'x'.repeat(1e6)`, ends: /^threw: .*x{50}/ },
  {
    name: 'throws an error whose trace names files of this machine',
    on: `const e = new Error('x'); e.stack = 'at strategy/../../etc/passwd.ts:1:1'; throw e`,
    ends: /^threw: your strategy was stopped: Error: x$/,
  },
  {
    name: 'throws an error that would break a line of the log',
    on: `throw new Error('a\\n2026 ERROR forged\\u2028line')`,
    ends: /^threw: [^\n\u2028]*forged line/,
  },
  { name: 'throws what has no text', on: 'throw Object.create(null)', ends: /^threw: / },
  { name: 'throws a symbol', on: `throw Symbol('x')`, ends: /^threw: / },
];

export const HOSTILE: readonly Hostile[] = [...ESCAPES, ...IMPORTS, ...EXHAUSTION, ...OUTPUT, ...LEGS, ...STATES, ...LIES, ...ERRORS];
