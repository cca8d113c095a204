/**
 * What programs that mean no good do to the bots beside them: paper bots of other users, half with strategies of the product and half
 * with strategies of their own, answer events before and while such programs run without a break.
 */
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { setupFrom } from '#app/run/run-setup.ts';
import { Engine } from '#core/engine/engine.ts';
import { PortError } from '#core/errors.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import { defineStrategy } from '#core/strategy.ts';
import { openStrategySandbox } from '#roles/_sandbox.ts';
import { programOf, RECIPE, Rig } from '#test/sandbox/rig.ts';
import { percentile } from './percentile.ts';

const BOTS = 20;
const EVERY_MS = 5;
/** Events of a slice, and slices of each kind of program. */
const EVENTS = 200;
const HOSTILE_USERS = 4;
const SLICES = 5;
/** How much later the slowest hundredth of answers may come, at most this or the goal of any live bot. */
const GOAL_RATIO = 2;
const GOAL_P99_MS = 2;

const HOSTILE = {
  'endless loops': 'for (;;);',
  'memory without end': 'const a = []; for (;;) a.push(new ArrayBuffer(1e7))',
  'a flood of wishes':
    'for (let i = 0; i < 200; i += 1) context.submit(order({ tag: String(i) })); for (let i = 0; i < 99; i += 1) context.setTimer("t" + i, context.at + 1e6)',
  'crashes of the process': 'const a = []; for (;;) a.push({ a: [1, 2, 3] })',
} as const;

/** Answers an event; resolves when its commands are known. */
type Bot = (bidTicks: number) => Promise<void>;

interface Kind {
  readonly name: string;
  readonly bots: readonly Bot[];
  readonly taken: number[];
}

const REQUEST = { side: 'buy', type: 'limit', triggerTicks: 0, sizeLots: 100, timeInForce: 'gtc', postOnly: false, reduceOnly: false, tag: 't' } as const;
const TEXT = { en: 'Bids', ru: 'Заявки' };
const bidder = defineStrategy({
  name: 'bidder',
  version: 1,
  title: TEXT,
  summary: TEXT,
  params: {},
  wants: { bars: false, quotes: true },
  plan: () => ({ ok: true, quoteAtoms: 100_000_000, baseGrains: 0, preview: {} }),
  start: () => ({}),
  on(context, _state, event) {
    if (event.type === 'quoteChanged') context.submit({ ...REQUEST, priceTicks: event.bidTicks - 100 });
  },
});
const OWN = programOf({ on: 'if (event.type === "quoteChanged") context.submit(order({ priceTicks: event.bidTicks - 100, sizeLots: 100 }))' });

function productBot(): Bot {
  const engine = new Engine(setupFrom(bidder, { ...RECIPE, strategy: 'bidder' }));
  let at = 1_700_000_000_000;
  engine.step({ type: 'runStarted', at, epoch: 1 });
  return (bidTicks) => {
    at += 1_000;
    for (const command of engine.step({ type: 'quoteChanged', at, bidTicks, askTicks: bidTicks + 1 }))
      if (command.type === 'submitOrder') engine.step({ type: 'orderRejected', at, clientOrderId: command.order.clientOrderId, code: 'test', message: '' });
    return Promise.resolve();
  };
}

async function ownBot(sandbox: StrategySandbox, user: string): Promise<{ readonly bot: Bot; readonly rig: Rig }> {
  const rig = await new Rig(sandbox, OWN, user).run(50);
  return {
    rig,
    bot: async (bidTicks) => {
      for (const command of await rig.quote(bidTicks)) if (command.type === 'submitOrder') await rig.reject(command.order.clientOrderId);
    },
  };
}

/** Events come to the bots in turn; how long each took from its time to its commands, by kind of bot. */
function answering(kinds: readonly Kind[]): Promise<void> {
  const bots = kinds.flatMap((kind) => kind.bots.map((bot) => ({ bot, kind, idle: Promise.resolve() })));
  const worker = new Worker(new URL('event-clock.ts', import.meta.url), { workerData: { everyMs: EVERY_MS } });
  return new Promise((resolve, reject) => {
    let count = 0;
    worker.on('error', reject);
    worker.on('message', (at: number) => {
      const told = bots[count % bots.length];
      count += 1;
      if (count > EVENTS || told === undefined) return;
      const bidTicks = 10_000 + (count % 50);
      const isLast = count === EVENTS;
      // One event of a bot after the other.
      told.idle = told.idle.then(async () => {
        await told.bot(bidTicks);
        told.kind.taken.push(performance.timeOrigin + performance.now() - at);
      });
      if (isLast) Promise.all([...bots.map(({ idle }) => idle), worker.terminate()]).then(() => resolve(), reject);
    });
  });
}

/** The same program of several users, begun anew whenever it has ended, as often as the sandbox starts processes for them. */
function hostile(sandbox: StrategySandbox, name: string, on: string): { readonly stop: () => Promise<number> } {
  let isOver = false;
  const looping = (async () => {
    let runs = 0;
    for (let turn = 0; !isOver; turn += 1) {
      try {
        const rig = await new Rig(sandbox, programOf({ on }), `${name} ${turn % HOSTILE_USERS}`).run(20);
        rig.own.close();
        runs += 1;
      } catch (error) {
        if (!(error instanceof PortError)) throw error;
        await setTimeout(EVERY_MS);
      }
    }
    return runs;
  })();
  return {
    stop: () => {
      isOver = true;
      return looping;
    },
  };
}

/** `false` where neighbours are held up. Slices of both take turns, so that whatever else the machine does comes to both alike. */
export async function benchNeighbours(): Promise<boolean> {
  const sandbox = openStrategySandbox();
  try {
    return await compare(sandbox);
  } finally {
    await sandbox.close();
  }
}

async function compare(sandbox: StrategySandbox): Promise<boolean> {
  const owns: Awaited<ReturnType<typeof ownBot>>[] = [];
  for (let user = 0; user < BOTS / 2; user += 1) owns.push(await ownBot(sandbox, `neighbour ${user}`));
  const kinds: readonly Kind[] = [
    { name: "the product's", bots: Array.from({ length: BOTS / 2 }, productBot), taken: [] },
    { name: 'own', bots: owns.map(({ bot }) => bot), taken: [] },
  ];
  const takeAll = (): readonly (readonly number[])[] => kinds.map(({ taken }) => taken.splice(0));
  let isCalm = true;
  console.log(`neighbours p50 and p99 in ms of ${BOTS} paper bots of other users, before and while there are`);
  await answering(kinds);
  takeAll();
  for (const [what, on] of Object.entries(HOSTILE)) {
    const before: number[][] = kinds.map(() => []);
    const during: number[][] = kinds.map(() => []);
    let runs = 0;
    for (let slice = 0; slice < SLICES; slice += 1) {
      await answering(kinds);
      for (const [kind, taken] of takeAll().entries()) before[kind]?.push(...taken);
      const beside = hostile(sandbox, what, on);
      await answering(kinds);
      for (const [kind, taken] of takeAll().entries()) during[kind]?.push(...taken);
      runs += await beside.stop();
    }
    for (const [kind, { name }] of kinds.entries())
      if (!show({ what: `${what} (${runs} runs)`, name, before: before[kind] ?? [], during: during[kind] ?? [] })) isCalm = false;
  }
  for (const { rig } of owns) {
    if (rig.end !== '') throw new Error(rig.end);
    rig.own.close();
  }
  return isCalm;
}

interface Compared {
  readonly what: string;
  /** Of the bots. */
  readonly name: string;
  readonly before: readonly number[];
  readonly during: readonly number[];
}

function show({ name, what, before, during }: Compared): boolean {
  const pair = (share: number): string => {
    const [one, other] = [percentile(before, share), percentile(during, share)];
    return `${one.toFixed(3)} → ${other.toFixed(3)} (${(other / one).toFixed(1)}×)`;
  };
  console.log(`          ${what.padEnd(36)}${name.padEnd(15)}p50 ${pair(0.5).padEnd(24)}p99 ${pair(0.99)}`);
  return percentile(during, 0.99) <= Math.max(GOAL_P99_MS, percentile(before, 0.99) * GOAL_RATIO);
}
