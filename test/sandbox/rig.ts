/** One run of a program against the real engine, as a live run steps it: what it wished for, what it told, and how it ended. */
import { createHash } from 'node:crypto';
import { OwnRun } from '#app/own-strategies/own-run.ts';
import { playback } from '#app/own-strategies/playback.ts';
import { setupFrom } from '#app/run/run-setup.ts';
import type { Command } from '#core/commands.ts';
import { Engine } from '#core/engine/engine.ts';
import type { Event } from '#core/events.ts';
import { failureText } from '#core/sandbox/failure.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import type { Declaration, Program } from '#core/sandbox/program.ts';
import type { RunRecipe } from '#core/store/runs.ts';
import { TEST_PERPETUAL } from '#test/support/legs-run.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';

export const RECIPE: RunRecipe = {
  strategy: 'custom:test@1',
  strategyVersion: 1,
  params: {},
  instrument: TEST_INSTRUMENT,
  feeAsset: 'received',
  limits: { budgetAtoms: 100_000_000, maxOrderAtoms: 300_000_000, maxOpenOrders: 100, priceCollar: 0.1, ordersPerMinute: 600 },
  lentGrains: 0,
  installation: 1,
  botNumber: 1,
  mode: 'paper',
};

/** The same over a coin and its perpetual. */
export const LEGS_RECIPE: RunRecipe = {
  ...RECIPE,
  legName: 'here',
  otherLegs: [
    { name: 'there', instrument: TEST_PERPETUAL, feeAsset: 'quote', limits: { ...RECIPE.limits, leverage: 1 }, lentGrains: 0, marginMode: 'isolated' },
  ],
};

const TEXT = { en: 'Test', ru: 'Тест' };
export const DECLARATION: Declaration = {
  name: 'test',
  version: 1,
  title: TEXT,
  summary: TEXT,
  params: {},
  markets: ['spot'],
  wants: { bars: false, quotes: true },
  commands: {},
  choosesBars: false,
};

/** A program whose `start` and `on` are these lines; `before` stands in front of everything. The names it hides are not looked for any more. */
export function programOf({ before = '', start = '', on = '', result = '{}' }: { before?: string; start?: string; on?: string; result?: string }): Program {
  const text = `import { defineStrategy, ema } from 'argosy/strategy';
const hide = (globalThis, Promise) => 0;
${before}
export default defineStrategy({
  name: 'test', version: 1, title: 'Test', summary: 'Test', params: {}, wants: { bars: false, quotes: true },
  plan: () => ({ ok: true, quoteAtoms: 100000000, baseGrains: 0, preview: {} }),
  start(context) { ${start}; return ${result}; },
  on(context, state, event) { ${on} },
});
const order = (change) => ({ side: 'buy', type: 'limit', priceTicks: 9900, triggerTicks: 0, sizeLots: 1000, timeInForce: 'gtc', postOnly: false, reduceOnly: false, tag: 't', ...change });
const tell = (context, what) => context.report('strategy_note', String(what).slice(0, 200));
`;
  return { hash: createHash('sha256').update(text).digest('hex'), files: [{ path: 'main.js', text }] };
}

export class Rig {
  readonly engine: Engine;
  readonly own: OwnRun;
  readonly commands: Command[] = [];
  #at = 1_700_000_000_000;

  constructor(sandbox: StrategySandbox, program: Program, owner = 'rig', recipe: RunRecipe = RECIPE) {
    const own = new OwnRun(sandbox.open(owner, program, recipe, () => this.engine.snapshot()));
    this.own = own;
    this.engine = new Engine(setupFrom(playback(DECLARATION, 'custom:test@1', { plan: { ok: false, issues: [] }, bars: [] }, own), recipe));
  }

  /** Steps one event; returns its commands. */
  async step(event: Event): Promise<readonly Command[]> {
    await this.own.prepare(event);
    const commands = this.engine.step(event);
    this.own.settle(commands, this.engine.state);
    this.commands.push(...commands);
    return commands;
  }

  /** A new price of every instrument. */
  async quote(bidTicks: number): Promise<readonly Command[]> {
    for (const { name } of this.engine.legs.all.slice(1)) if (name !== null) await this.quoteOf(name, bidTicks);
    this.#at += 1_000;
    return await this.step({ type: 'quoteChanged', at: this.#at, bidTicks, askTicks: bidTicks + 1 });
  }

  /** A new price of one of several instruments. */
  quoteOf(leg: string, bidTicks: number): Promise<readonly Command[]> {
    this.#at += 1_000;
    return this.step({ type: 'quoteChanged', at: this.#at, leg, bidTicks, askTicks: bidTicks + 1 });
  }

  /** The venue does not want an order. */
  reject(clientOrderId: string): Promise<readonly Command[]> {
    return this.step({ type: 'orderRejected', at: this.#at, clientOrderId, code: 'test', message: 'refused by the test' });
  }

  /** Begins the run, then a few quotes. */
  async run(quotes = 3): Promise<this> {
    await this.step({ type: 'runStarted', at: this.#at, epoch: 1 });
    for (let count = 0; count < quotes; count += 1) await this.quote(10_000 + count);
    return this;
  }

  /** What its user has been told. */
  get told(): readonly string[] {
    return this.commands.flatMap((command) => (command.type === 'reportFact' ? [command.text] : []));
  }

  /** Why it was stopped; empty while it goes on. */
  get end(): string {
    return this.own.failure === null ? '' : `${this.own.failure.kind}: ${failureText(this.own.failure)}`;
  }

  get orders(): number {
    return this.commands.filter(({ type }) => type === 'submitOrder').length;
  }
}
