/** What every bus must do, whatever carries it: cases that each adapter runs against its own real server. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_OUTBOX, MAX_TEXT_LENGTH } from '#adapters/bus/_remote.ts';
import { systemClock } from '#adapters/clock.ts';
import type { Clock, Log, OpenBus } from '#core/ports.ts';
import type { FaultProxy } from '#test/chaos/proxy.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { until } from '#test/support/until.ts';

export interface Member {
  readonly bus: OpenBus;
  /** Stands between this bus and its server; `null` where there is none. */
  readonly proxy: FaultProxy | null;
}

export interface BusRig {
  /** One more member of the same bus, as another process would be. */
  open(world: { readonly clock: Clock; readonly log: Log }): Promise<Member>;
  close(): Promise<void>;
}

/** Fifty times as fast, so that a silence of ten seconds is noticed in a fifth of one. */
const HASTY: Clock = { now: () => systemClock.now(), after: (ms, callback) => systemClock.after(ms / 50, callback) };

interface Stage {
  rig: BusRig;
  lines: KeptLine[];
  open(clock?: Clock): Promise<Member>;
}

export function busConformance(name: string, start: () => Promise<BusRig>): void {
  describe(`the ${name} bus`, () => {
    const stage = onStage(start);
    fanOutCases(stage);
    subscriberCases(stage);
  });
}

/** For a bus behind a network, which can fail. */
export function busNetworkConformance(name: string, start: () => Promise<BusRig>): void {
  describe(`the ${name} bus on a bad network`, () => {
    const stage = onStage(start);
    gapCases(stage);
    outageCases(stage);
  });
}

function onStage(start: () => Promise<BusRig>): Stage {
  const stage = {} as Stage;
  let members: Member[] = [];
  beforeEach(async () => {
    members = [];
    stage.lines = [];
    stage.rig = await start();
    stage.open = async (clock = systemClock) => {
      const member = await stage.rig.open({ clock, log: quietLog(stage.lines) });
      members.push(member);
      return member;
    };
  });
  afterEach(async () => {
    await Promise.all(members.map(({ bus }) => bus.close()));
    await Promise.all(members.map(({ proxy }) => proxy?.close()));
    await stage.rig.close();
  });
  return stage;
}

async function pair(stage: Stage): Promise<readonly [OpenBus, OpenBus]> {
  const [{ bus: one }, { bus: other }] = [await stage.open(), await stage.open()];
  await Promise.all([one.ready(), other.ready()]);
  return [one, other];
}

function fanOutCases(stage: Stage): void {
  it('B1 reaches every subscriber of the topic in every process, once each, after the caller has gone on', async () => {
    const [one, other] = await pair(stage);
    const heard: string[] = [];
    one.subscribe('orders', ({ n }) => heard.push(`a:${n}`));
    one.subscribe('orders', ({ n }) => heard.push(`b:${n}`));
    other.subscribe('orders', ({ n }) => heard.push(`c:${n}`));
    other.subscribe('bots', () => heard.push('wrong topic'));
    one.publish('orders', { n: 1 });
    heard.push('caller');
    await until(() => heard.length === 4, 'all have heard');
    one.publish('orders', { n: 2 });
    await until(() => heard.length >= 7, 'all have heard again');
    expect(heard[0]).toBe('caller');
    expect(heard.slice(1, 4).sort()).toEqual(['a:1', 'b:1', 'c:1']);
    expect(heard.slice(4).sort()).toEqual(['a:2', 'b:2', 'c:2']);
  });

  it('B2 keeps the order of one publisher, and messages that are equal', async () => {
    const [one, other] = await pair(stage);
    const heard: unknown[] = [];
    other.subscribe('orders', ({ n }) => heard.push(n));
    const said = Array.from({ length: 1000 }, (_, index) => Math.floor(index / 2));
    for (const n of said) one.publish('orders', { n });
    await until(() => heard.length >= said.length, 'all has been heard');
    expect(heard).toEqual(said);
  });

  it('B3 carries long messages whole, in any language', async () => {
    const [one, other] = await pair(stage);
    const heard: unknown[] = [];
    other.subscribe('orders', ({ text }) => heard.push(text));
    const texts = ['ё', 'a'.repeat(7_999), 'я'.repeat(60_000), '🚢'.repeat(50_000), '"\\\n'.repeat(3_000)];
    for (const text of texts) one.publish('orders', { text });
    await until(() => heard.length === texts.length, 'all has been heard');
    expect(heard).toEqual(texts);
  });
}

function subscriberCases(stage: Stage): void {
  it('B4 delivers nothing once the subscription has ended, not even what is on its way', async () => {
    const [one, other] = await pair(stage);
    const heard: unknown[] = [];
    const listen = ({ n }: Readonly<Record<string, unknown>>): void => void heard.push(n);
    const end = one.subscribe('orders', listen);
    one.subscribe('orders', listen);
    const endOther = other.subscribe('orders', () => heard.push('ended'));
    endOther();
    one.publish('orders', { n: 1 });
    end();
    let isOver = false;
    other.subscribe('end', () => (isOver = true));
    one.publish('end', {});
    await until(() => isOver, 'the last word has arrived');
    expect(heard).toEqual([1]);
  });

  it('B5 keeps a failing subscriber from harming the others, and says so in the log', async () => {
    const [one, other] = await pair(stage);
    const heard: unknown[] = [];
    for (const bus of [one, other]) {
      bus.subscribe('orders', () => {
        throw new Error('broken');
      });
      bus.subscribe('orders', ({ n }) => heard.push(n));
    }
    one.publish('orders', { n: 1 });
    await until(() => heard.length === 2, 'both have heard');
    expect(stage.lines.filter(({ message }) => message === 'a subscriber failed')).toHaveLength(2);
  });

  it('B6 is silent after it was closed, and may be closed twice', async () => {
    const { bus } = await stage.open();
    await bus.ready();
    const heard: unknown[] = [];
    bus.subscribe('orders', ({ n }) => heard.push(n));
    await bus.close();
    await bus.close();
    bus.publish('orders', { n: 1 });
    await Promise.resolve();
    expect(heard).toEqual([]);
    expect(bus.isUp()).toBe(false);
    await expect(bus.ready()).rejects.toThrow('closed');
  });
}

/** A member whose proxy is known. */
async function openFaulty(stage: Stage, clock?: Clock): Promise<{ readonly bus: OpenBus; readonly proxy: FaultProxy }> {
  const { bus, proxy } = await stage.open(clock);
  if (proxy === null) throw new Error('a bus on a network needs a proxy');
  return { bus, proxy };
}

function countGaps(bus: OpenBus): { readonly count: () => number } {
  let count = 0;
  bus.subscribe(
    'gaps',
    () => undefined,
    () => {
      count += 1;
    },
  );
  return { count: () => count };
}

function gapCases(stage: Stage): void {
  it('B7 tells its own subscribers of a gap after every connect, the first too', async () => {
    const { bus, proxy } = await openFaulty(stage);
    const gaps = countGaps(bus);
    await bus.ready();
    await until(() => gaps.count() === 1, 'the first connect was told');
    await proxy.begin({ kind: 'reset' });
    await until(() => !bus.isUp(), 'it noticed');
    await proxy.heal();
    await until(() => gaps.count() === 2, 'the second connect was told');
  });

  it('B8 tells the others of a gap when it could not send what was published', async () => {
    const [faulty, { bus: other }] = [await openFaulty(stage), await stage.open()];
    await Promise.all([faulty.bus.ready(), other.ready()]);
    const gaps = countGaps(other);
    const heard: unknown[] = [];
    other.subscribe('orders', ({ n }) => heard.push(n));
    await faulty.proxy.begin({ kind: 'refuse' });
    await until(() => !faulty.bus.isUp(), 'it noticed');
    faulty.bus.publish('orders', { n: 1 });
    expect(gaps.count()).toBe(0);
    await faulty.proxy.heal();
    await until(() => gaps.count() === 1, 'the other was told');
    faulty.bus.publish('orders', { n: 2 });
    await until(() => heard.length > 0, 'messages pass again');
    expect(heard).toEqual([2]);
  });

  it('B9 leaves the others in peace when nothing was lost to them', async () => {
    const [faulty, { bus: other }] = [await openFaulty(stage), await stage.open()];
    await Promise.all([faulty.bus.ready(), other.ready()]);
    const gaps = countGaps(other);
    await faulty.proxy.begin({ kind: 'reset' });
    await until(() => !faulty.bus.isUp(), 'it noticed');
    await faulty.proxy.heal();
    await until(() => faulty.bus.isUp(), 'it is back');
    let isOver = false;
    other.subscribe('end', () => (isOver = true));
    faulty.bus.publish('end', {});
    await until(() => isOver, 'the last word has arrived');
    expect(gaps.count()).toBe(0);
  });

  it('B10 tells the others of a gap instead of a message that is too long', async () => {
    const [one, other] = await pair(stage);
    const gaps = countGaps(other);
    const heard: unknown[] = [];
    other.subscribe('orders', ({ text }) => heard.push(text));
    one.publish('orders', { text: 'x'.repeat(MAX_TEXT_LENGTH) });
    one.publish('orders', { text: 'short' });
    await until(() => gaps.count() === 1 && heard.length === 1, 'the gap was told and the next message arrived');
    expect(heard).toEqual(['short']);
  });
}

function outageCases(stage: Stage): void {
  it('B13 tells the others of a gap when more is said at once than may wait', async () => {
    const [one, other] = await pair(stage);
    const gaps = countGaps(other);
    let heard = 0;
    other.subscribe('orders', () => {
      heard += 1;
    });
    for (let n = 0; n <= MAX_OUTBOX; n += 1) one.publish('orders', { n });
    await until(() => gaps.count() === 1, 'the gap was told');
    expect(heard).toBe(MAX_OUTBOX);
  });

  it('B11 opens while its server is away, delivers inside the process meanwhile, and comes up by itself', async () => {
    const { bus: witness, proxy } = await openFaulty(stage);
    await witness.ready();
    await proxy.begin({ kind: 'refuse' });
    await until(() => !witness.isUp(), 'it noticed');
    const heard: unknown[] = [];
    witness.subscribe('orders', ({ n }) => heard.push(n));
    witness.publish('orders', { n: 1 });
    await Promise.resolve();
    expect(heard).toEqual([1]);
    await proxy.heal();
    await until(() => witness.isUp(), 'it is back');
    const lines = stage.lines.filter(({ message }) => message.startsWith('the bus is down'));
    expect(lines).toHaveLength(1);
  });

  it('B12 gives up a connection on which nothing arrives any more', async () => {
    const { bus, proxy } = await openFaulty(stage, HASTY);
    await bus.ready();
    const gaps = countGaps(bus);
    await proxy.begin({ kind: 'blackHole' });
    await until(() => !bus.isUp(), 'it noticed the silence');
    await proxy.heal();
    // An attempt to connect that began in the silence has its own five seconds.
    await until(() => bus.isUp() && gaps.count() > 0, 'it is back and told of the gap');
  });
}
