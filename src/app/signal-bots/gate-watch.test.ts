/** Who is told what of a signal, when, and how often. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { memoryBus } from '#adapters/bus/memory.ts';
import { AppError } from '#core/errors.ts';
import { GATE_COMMAND, GATE_LIFE_MS, type ScannerSignal } from '#core/signals/scanner-gate.ts';
import { aSignal } from '#core/signals/signal.fixture.ts';
import { SIGNALS_TOPIC, type Signal } from '#core/signals/signal.ts';
import type { SignalWaiter } from '#core/signals/signal-store.ts';
import { spotFuturesArbitrage } from '#strategies/spot-futures-arbitrage.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { GATE_PAGE, GATE_SWEEP_MS, GateWatch, RENEW_MS } from './gate-watch.ts';

const CONFIG = { investment: '500', start_signal: 'mexc-spot-futures', start_signal_min_percent: '1' };
const waiter = (parts: Partial<SignalWaiter> = {}): SignalWaiter => ({
  botId: 'b1',
  userId: 'vip',
  symbol: 'ABC/USDT',
  mode: 'paper',
  exchange: 'mexc',
  config: CONFIG,
  ...parts,
});

interface Told {
  readonly botId: string;
  readonly said: ScannerSignal;
}

class World {
  readonly clock = new ManualClock();
  readonly lines: KeptLine[] = [];
  readonly bus = memoryBus(quietLog());
  readonly told: Told[] = [];
  waiters: SignalWaiter[] = [waiter()];
  signals = new Map<string, Signal>();
  /** Names of commands that bots have not taken. */
  due: { readonly botId: string; readonly name: string }[] = [];
  /** What the next telling fails with. */
  failure: Error | null = null;
  isDown = false;
  readonly #ids = new Set<string>();

  readonly watch: GateWatch;

  constructor() {
    const ask = <Value>(value: Value): Promise<Value> => (this.isDown ? Promise.reject(new Error('the database is away')) : Promise.resolve(value));
    const store = {
      signals: {
        waiters: (_strategy: string, after: string, limit: number) => ask(this.waiters.filter(({ botId }) => botId > after).slice(0, limit)),
        list: (filter: { readonly bases: readonly string[] }) =>
          ask({
            items: [...this.signals.values()].filter((each) => each.state === 'open' && each.quarantine === null && filter.bases.includes(each.base)),
            nextCursor: null,
          }),
        get: (id: string) => ask(this.signals.get(id) ?? null),
      },
      subscriptions: {
        of: (ids: readonly string[]) =>
          ask(ids.map((userId) => ({ userId, plan: userId === 'vip' ? 'vip' : 'free', source: 'grant', since: 0, expiresAt: null, changedAt: 0 }))),
      },
      commands: { due: () => ask(this.due) },
    };
    const tellOnce = (_userId: string, botId: string, name: string, said: unknown, id: string): Promise<boolean> => {
      if (this.failure !== null) return Promise.reject(this.failure);
      expect(name).toBe(GATE_COMMAND);
      const isNew = !this.#ids.has(id);
      this.#ids.add(id);
      if (isNew) this.told.push({ botId, said: said as ScannerSignal });
      return Promise.resolve(isNew);
    };
    const strategies = new Map([['spot_futures_arbitrage', spotFuturesArbitrage as never]]);
    this.watch = new GateWatch({ store: store as never, bots: { tellOnce }, strategies, bus: this.bus, clock: this.clock, log: quietLog(this.lines) });
    onTestFinished(() => this.watch.close());
  }

  signal(parts: Partial<Signal> = {}): Signal {
    const at = this.clock.now();
    const signal = aSignal({ id: 's1', openedAt: at, updatedAt: at, ...parts });
    this.signals.set(signal.id, signal);
    return signal;
  }

  publish(signal: Signal): Promise<void> {
    this.bus.publish(SIGNALS_TOPIC, { signal });
    return this.clock.advance(0);
  }

  get versions(): readonly (readonly [string, number, number])[] {
    return this.told.map(({ botId, said }) => [botId, said.version, said.valid_until === 0 ? 0 : said.valid_until - this.clock.now()]);
  }
}

async function started(change: (world: World) => void = () => undefined): Promise<World> {
  const world = new World();
  change(world);
  world.watch.start();
  await world.clock.advance(0);
  return world;
}

describe('the watch', () => {
  it('tells at once what the bus says', async () => {
    const world = await started();
    await world.publish(world.signal());
    expect(world.versions).toEqual([['b1', 1, GATE_LIFE_MS]]);
    await world.publish(world.signal({ version: 2, state: 'closed', closeReason: 'spread_gone' }));
    expect(world.versions).toEqual([
      ['b1', 1, GATE_LIFE_MS],
      ['b1', 2, 0],
    ]);
  });

  it('finds in the store what the bus has lost: an opening, a close, a removal', async () => {
    const world = await started();
    world.signal();
    await world.clock.advance(GATE_SWEEP_MS);
    expect(world.told).toHaveLength(1);
    world.signal({ version: 2, state: 'closed', closeReason: 'spread_gone' });
    await world.clock.advance(GATE_SWEEP_MS);
    expect(world.told.at(-1)?.said).toMatchObject({ version: 2, valid_until: 0 });
    world.signal({ id: 's2' });
    await world.clock.advance(GATE_SWEEP_MS);
    world.signals.delete('s2');
    await world.clock.advance(GATE_SWEEP_MS);
    expect(world.told.slice(2).map(({ said }) => [said.id, said.valid_until === 0])).toEqual([
      ['s2', false],
      ['s2', true],
    ]);
  });

  it('believes the newest version, though the store is behind the bus', async () => {
    const world = await started();
    await world.publish(world.signal({ version: 2 }));
    await world.publish(world.signal({ version: 3, state: 'closed' }));
    world.signal({ version: 1 });
    await world.clock.advance(GATE_SWEEP_MS);
    expect(world.told.map(({ said }) => said.version)).toEqual([2, 3]);
  });

  it('renews while the scanner speaks, not with every word, and is silent when it is', async () => {
    const world = await started();
    for (let version = 1; version <= 13; version += 1) {
      await world.publish(world.signal({ version }));
      await world.clock.advance(1_000);
    }
    expect(world.told.map(({ said }) => said.version)).toEqual([1, GATE_LIFE_MS / 1_000 - RENEW_MS / 1_000 + 2]);
    const before = world.told.length;
    await world.clock.advance(120_000);
    // The last word is told, and after that there is nothing to renew with.
    expect(world.told.length).toBeLessThanOrEqual(before + 1);
    expect(Math.max(...world.told.map(({ said }) => said.valid_until))).toBeLessThan(world.clock.now());
  });

  it('on paper opens by whichever venue has a signal, and says no more of the others while it does', async () => {
    const world = await started((each) => (each.waiters = [waiter({ config: { ...CONFIG, start_signal: 'spot-futures' } })]));
    const at = (venue: string): Partial<Signal> => {
      const [bought, sold] = aSignal({ id: 'x' }).legs;
      return {
        id: venue,
        scanner: 'spot-futures',
        legs: [
          { ...bought, venue },
          { ...sold, venue },
        ],
      };
    };
    await world.publish(world.signal({ ...at('binance') }));
    await world.publish(world.signal({ ...at('okx') }));
    await world.publish(world.signal({ ...at('okx'), version: 2, state: 'closed' }));
    expect(world.told.map(({ said }) => said.id)).toEqual(['binance']);
    world.signal({ ...at('okx'), version: 1 });
    await world.publish(world.signal({ ...at('binance'), version: 2, state: 'closed' }));
    await world.clock.advance(GATE_SWEEP_MS);
    expect(world.told.map(({ said }) => [said.id, said.valid_until > world.clock.now()])).toEqual([
      ['binance', expect.any(Boolean)],
      ['binance', false],
      ['okx', true],
    ]);
  });

  it.each<[string, Partial<Signal>]>([
    ['below the least net', { netPercent: '0.99' }],
    ['in quarantine', { quarantine: 'implausible' }],
    ['not fresh', { updatedAt: 1 }],
  ])('lets nobody in by a signal %s, and ends by it what was open', async (_what, parts) => {
    const world = await started();
    await world.publish(world.signal(parts));
    expect(world.told).toEqual([]);
    await world.publish(world.signal({ version: 2 }));
    await world.publish(world.signal({ version: 3, ...parts }));
    expect(world.told.map(({ said }) => [said.version, said.valid_until === 0])).toEqual([
      [2, false],
      [3, true],
    ]);
  });

  it.each<[string, Partial<SignalWaiter>]>([
    ['is on the free plan', { userId: 'free' }],
    ['trades another coin', { symbol: 'XYZ/USDT' }],
    ['trades real money at another exchange', { mode: 'live', exchange: 'binance' }],
    ['has settings that cannot be read', { config: { ...CONFIG, investment: 'x' } }],
  ])('tells nothing to a bot that %s', async (_what, parts) => {
    const world = await started((each) => (each.waiters = [waiter(parts)]));
    await world.publish(world.signal());
    await world.clock.advance(GATE_SWEEP_MS);
    expect(world.told).toEqual([]);
  });

  it('gives a bot that has not taken the last word no other, but a close', async () => {
    const world = await started((each) => (each.due = [{ botId: 'b1', name: GATE_COMMAND }]));
    await world.publish(world.signal());
    expect(world.told).toEqual([]);
    world.due = [];
    await world.clock.advance(GATE_SWEEP_MS);
    expect(world.told).toHaveLength(1);
    world.due = [{ botId: 'b1', name: GATE_COMMAND }];
    await world.clock.advance(GATE_SWEEP_MS);
    await world.publish(world.signal({ version: 2, state: 'closed' }));
    expect(world.told.at(-1)?.said.valid_until).toBe(0);
  });

  it('goes on when a bot takes no commands or the database is away, and tells the others', async () => {
    const world = await started((each) => (each.waiters = [waiter(), waiter({ botId: 'b2' })]));
    world.failure = new AppError('bot_state_conflict', 'The bot is paused.');
    await world.publish(world.signal());
    world.failure = null;
    world.isDown = true;
    await world.clock.advance(GATE_SWEEP_MS);
    expect(world.lines.some(({ level }) => level === 'warn')).toBe(true);
    world.isDown = false;
    await world.clock.advance(GATE_SWEEP_MS);
    expect(world.told.map(({ botId }) => botId)).toEqual(['b1', 'b2']);
  });

  it('reads more bots than fit one page', async () => {
    const many = Array.from({ length: GATE_PAGE + 1 }, (_, index) => waiter({ botId: `b${String(index).padStart(4, '0')}` }));
    const world = await started((each) => (each.waiters = many));
    await world.publish(world.signal());
    expect(world.told).toHaveLength(GATE_PAGE + 1);
  });
});
