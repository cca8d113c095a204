/**
 * A whole simulated world of one seed: two runners that contend for the same bots and account, one database, one venue,
 * a user and the human at the venue; faults for some minutes, then healing, after which everything must agree.
 */
import { Supervisor } from '#app/fleet/supervisor.ts';
import type { Strategy } from '#core/strategy.ts';
import { grid } from '#strategies/grid.ts';
import { type Random, seeded } from '../venues/_random.ts';
import { actionTapeFaults, runRuleFaults } from './action-invariants.ts';
import { buyer } from './buyer.ts';
import { Scheduler, type SimulatedProcess, START } from './clock.ts';
import { type Connected, Connections } from './connections.ts';
import { differences, rebuildFaults, untold } from './convergence.ts';
import { Database } from './database.ts';
import { type FaultPlan, Faults, type KnobName } from './faults.ts';
import { INSTRUMENT, SYMBOL } from './instrument.ts';
import { Invariants } from './invariants.ts';
import { type Mutant, NO_MUTANT } from './mutant.ts';
import { INSTALLATION } from './store.ts';
import { Trace } from './trace.ts';
import { User } from './user.ts';
import { ABSENCE_MARGIN_MS, WINDOW_MS } from './venue.ts';
import { ACCOUNT, VenueTruth } from './venue-truth.ts';
import type { Violation } from './violation.ts';

/** After healing the world has this long, and what proves the absence of an order on top. */
export const CONVERGENCE_MS = 60_000 + WINDOW_MS + ABSENCE_MARGIN_MS;
const SHORTEST_MS = 60_000;
const LONGEST_MS = 180_000;
const PRICE_MS = 500;
const PROCESS_WEATHER_MS = 200;
const WORLD_WEATHER_MS = 1_000;

export interface Outcome {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly hash: string;
  readonly orders: number;
  readonly fills: number;
  readonly fired: ReadonlyMap<KnobName, number>;
  readonly firings: readonly string[];
  readonly active: readonly KnobName[];
  readonly steps: number;
  /** How long after healing everything agreed. */
  readonly convergedMs: number;
  readonly timeline: readonly string[];
}

/** Runs one seed from beginning to end. */
export async function simulate(seed: number, plan: FaultPlan = {}, mutant: Mutant = NO_MUTANT): Promise<Outcome> {
  const undo = mutant.patch?.() ?? (() => undefined);
  try {
    return await new World(seed, plan, mutant).run();
  } finally {
    undo();
  }
}

interface Runner {
  process: SimulatedProcess;
  supervisor: Supervisor;
}

export class World {
  readonly seed: number;
  readonly scheduler = new Scheduler();
  readonly trace = new Trace();
  readonly faults: Faults;
  readonly invariants = new Invariants((text) => this.note(text));
  readonly database: Database;
  readonly truth: VenueTruth;
  readonly random: Random;
  readonly strategies: ReadonlyMap<string, Strategy> = new Map([
    ['grid', grid as Strategy],
    ['buyer', buyer as Strategy],
  ]);
  readonly #connections: Connections;
  readonly #runners: (Runner | null)[] = [null, null];
  readonly #incarnations = [0, 0];
  readonly #user: User;
  readonly #databaseOffset: number;
  readonly #withdrawn: { readonly asset: string; readonly amount: string }[] = [];
  #priceTicks = 600_000;
  #convergedMs = -1;

  constructor(seed: number, plan: FaultPlan, mutant: Mutant) {
    this.seed = seed;
    this.faults = new Faults(seed, plan);
    this.random = seeded(seed);
    this.faults.onFired = (firing) => this.note(`fault ${firing}`);
    this.#databaseOffset = this.faults.strikes('databaseClock') ? this.faults.length('databaseClock') : 0;
    this.database = new Database(() => this.#databaseNow, this.invariants);
    Object.assign(this.database.rules, mutant.rules ?? {});
    this.truth = new VenueTruth(INSTRUMENT, this.scheduler, Math.round(this.random() * 4_000 - 2_000), this.invariants);
    this.invariants.database = this.database;
    this.invariants.truth = this.truth;
    const { scheduler, faults, database, truth, invariants, random } = this;
    const note = (text: string): void => this.note(text);
    this.#connections = new Connections({ scheduler, faults, database, truth, invariants, random, mutant, note });
    const connect = (name: string): Connected => this.#connections.connect(name);
    this.#user = new User({ scheduler, faults, database, truth, note, connect }, seeded(seed ^ 0x0ddba11));
  }

  note(text: string): void {
    this.trace.add(this.scheduler.now, text);
  }

  get #databaseNow(): number {
    return this.scheduler.now + this.#databaseOffset;
  }

  get #isBroken(): boolean {
    return this.invariants.violations.length > 0;
  }

  async run(): Promise<Outcome> {
    this.truth.setQuote(this.#priceTicks - 1, this.#priceTicks + 1, 10_000);
    // Some accounts hold too little for all their bots.
    this.truth.exchange.deposit(ACCOUNT, 'USDT', this.random() < 0.3 ? '16000' : '200000', START);
    this.invariants.isFundingOwn = this.faults.isOn('manualTrade') || this.faults.isOn('withdrawal');
    this.truth.exchange.deposit(ACCOUNT, 'BTC', '3', START);
    this.faults.strikes('tradesWithoutIds');
    this.#user.settle();
    for (const index of [0, 1]) this.#start(index);
    this.#walk();
    this.#strikeProcesses();
    this.#strikeWorld();
    this.#user.start();
    const isBroken = (): boolean => this.#isBroken;
    const faultsUntil = START + SHORTEST_MS + Math.round(this.random() * (LONGEST_MS - SHORTEST_MS));
    await this.scheduler.runUntil(faultsUntil, isBroken);
    if (!this.#isBroken) await this.#healAndConverge(isBroken);
    return this.#outcome();
  }

  async #healAndConverge(isBroken: () => boolean): Promise<void> {
    this.#heal();
    const healedAt = this.scheduler.now;
    await this.scheduler.runUntil(healedAt + 10_000, isBroken);
    for (;;) {
      const left = this.#isBroken ? [] : differences(this.database, this.truth, this.#databaseNow);
      if (this.#isBroken) return;
      if (left.length === 0) break;
      if (this.scheduler.now >= healedAt + CONVERGENCE_MS) {
        for (const { id, text } of left) this.invariants.violate(id, text);
        return;
      }
      await this.scheduler.runUntil(this.scheduler.now + 1_000, isBroken);
    }
    this.#convergedMs = this.scheduler.now - healedAt;
    for (const { id, text } of [
      ...rebuildFaults(this.database, this.strategies),
      ...untold(this.database),
      ...actionTapeFaults(this.database),
      ...runRuleFaults(this.database),
    ])
      this.invariants.violate(id, text);
  }

  #outcome(): Outcome {
    const { seed, faults, invariants, trace, scheduler } = this;
    this.note(`end: ${invariants.orders} orders, ${this.database.fills.values().length} fills`);
    return {
      seed,
      violations: invariants.violations,
      hash: trace.hash,
      orders: invariants.orders,
      fills: this.database.fills.values().length,
      fired: faults.fired,
      firings: faults.firings,
      active: faults.active,
      steps: scheduler.steps,
      convergedMs: this.#convergedMs,
      timeline: trace.lines,
    };
  }

  // Processes.

  #start(index: number): void {
    const incarnation = (this.#incarnations[index] = (this.#incarnations[index] ?? 0) + 1);
    const name = `${index === 0 ? 'a' : 'b'}${incarnation}`;
    const { process, store, bus, ids, venue, log } = this.#connections.connect(name);
    if (this.faults.strikes('clockOffset')) process.offsetMs = Math.round((this.faults.draw('clockOffset') * 2 - 1) * 1_500);
    const vault = { seal: () => ({ sealed: '', keyVersion: 1 }), open: () => '', fingerprint: () => '' };
    const venues = new Map([[venue.id, venue]]);
    const supervisor = new Supervisor(
      {
        store,
        clock: process.clock,
        ids,
        log,
        bus,
        vault,
        venues,
        strategies: this.strategies,
        botTypes: null,
        owner: name,
        self: { host: 'test', pid: 1, version: 'test', roles: ['bots'] },
      },
      INSTALLATION,
    );
    this.#runners[index] = { process, supervisor };
    this.note(`${name} starts`);
    void supervisor.start();
  }

  #stop(index: number, restartMs: number): void {
    const runner = this.#runners[index];
    if (!runner) return;
    runner.process.isAlive = false;
    this.#runners[index] = null;
    this.note(`${runner.process.name} is gone`);
    this.scheduler.schedule(restartMs, () => {
      if (this.#runners[index] === null) this.#start(index);
    });
  }

  // What goes on in the world.

  #walk(): void {
    this.scheduler.schedule(PRICE_MS, () => {
      const pull = (600_000 - this.#priceTicks) * 0.01;
      const step = (this.random() + this.random() + this.random() - 1.5) * 2_600;
      this.#priceTicks = Math.round(Math.min(660_000, Math.max(540_000, this.#priceTicks + pull + step)));
      const liquidity = this.faults.strikes('partialFills') ? 1 + Math.floor(this.faults.draw('partialFills') * 600) : 1_000_000;
      this.truth.setQuote(this.#priceTicks - 1, this.#priceTicks + 1, liquidity);
      this.#walk();
    });
  }

  #strikeProcesses(): void {
    this.scheduler.schedule(PROCESS_WEATHER_MS, () => {
      if (this.faults.isHealed) return;
      for (const [index, runner] of this.#runners.entries()) if (runner !== null) this.#strike(index, runner);
      this.#strikeProcesses();
    });
  }

  #strike(index: number, { process, supervisor }: Runner): void {
    const { faults } = this;
    if (faults.strikes('pause')) process.pause(faults.length('pause'));
    if (faults.strikes('clockJump')) process.offsetMs += Math.round((faults.draw('clockJump') * 2 - 1) * 800);
    if (faults.strikes('drain')) {
      this.note(`${process.name} closes`);
      void supervisor.close();
      this.scheduler.schedule(1_000 + faults.length('drain'), () => {
        if (this.#runners[index]?.process === process) this.#stop(index, 100);
      });
    } else if (faults.strikes('crash')) this.#stop(index, 200 + faults.length('crash'));
  }

  #strikeWorld(): void {
    this.scheduler.schedule(WORLD_WEATHER_MS, () => {
      if (this.faults.isHealed) return;
      const { faults, scheduler, truth } = this;
      if (faults.strikes('rateLimited')) this.#connections.closed.limitedUntil = scheduler.now + faults.length('rateLimited');
      if (faults.strikes('maintenance')) this.#connections.closed.maintenanceUntil = scheduler.now + faults.length('maintenance');
      if (faults.strikes('databaseDown')) this.#connections.databaseDownUntil = scheduler.now + faults.length('databaseDown');
      if (faults.strikes('rulesChanged'))
        truth.instrument = { ...INSTRUMENT, ...(faults.draw('rulesChanged') < 0.5 ? { sizeIncrement: '0.001' } : { minNotional: '500' }) };
      if (faults.strikes('halted')) {
        truth.exchange.setHalted(SYMBOL, true);
        scheduler.schedule(faults.length('halted'), () => truth.exchange.setHalted(SYMBOL, false));
      }
      this.#user.strikeByHand();
      if (faults.strikes('withdrawal')) this.#withdraw();
      this.#strikeWorld();
    });
  }

  #withdraw(): void {
    const asset = this.faults.draw('withdrawal') < 0.5 ? 'USDT' : 'BTC';
    const free = this.truth.exchange.balances(ACCOUNT).find((balance) => balance.asset === asset)?.free ?? '0';
    const amount = (Number(free) * 0.95).toFixed(4);
    if (Number(amount) > 0 && this.truth.exchange.deposit(ACCOUNT, asset, `-${amount}`, this.truth.now)) this.#withdrawn.push({ asset, amount });
  }

  #heal(): void {
    this.note('everything heals');
    this.faults.isHealed = true;
    this.#connections.closed.limitedUntil = 0;
    this.#connections.closed.maintenanceUntil = 0;
    this.#connections.databaseDownUntil = 0;
    this.truth.instrument = INSTRUMENT;
    this.truth.exchange.setHalted(SYMBOL, false);
    for (const { asset, amount } of this.#withdrawn) this.truth.exchange.deposit(ACCOUNT, asset, amount, this.truth.now);
    this.#user.rest();
    for (const [index, runner] of this.#runners.entries()) {
      if (runner === null) this.#start(index);
      else runner.process.resume();
    }
  }
}
