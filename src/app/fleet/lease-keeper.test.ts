import { describe, expect, it } from 'vitest';
import type { Lease } from '#core/store/leases.ts';
import type { Store } from '#core/store/store.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { BEHIND_MS, LEASE_RENEWAL_MS, LEASE_TERM_MS, LeaseKeeper } from './lease-keeper.ts';

/** Leases in memory on the test's clock, with the rules of the real ones. */
class MemoryLeases implements Pick<Store['leases'], 'acquire' | 'renew' | 'renewAll' | 'release'> {
  readonly rows = new Map<string, Lease & { readonly expiresAt: number }>();
  isDown = false;
  renewals = 0;
  /** How many leases were renewed by each statement for many. */
  readonly rounds: number[] = [];
  /** Subjects whose rows a commit holds. */
  readonly locked = new Set<string>();
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  async acquire(subject: string, owner: string, ttlMs: number): Promise<Lease | null> {
    const row = this.rows.get(subject);
    if (row !== undefined && row.owner !== owner && row.expiresAt > this.#clock.now()) return null;
    const lease = { subject, owner, epoch: (row?.epoch ?? 0) + 1 };
    this.rows.set(subject, { ...lease, expiresAt: this.#clock.now() + ttlMs });
    return lease;
  }

  async renew(lease: Lease, ttlMs: number): Promise<boolean> {
    if (this.isDown) throw new Error('the database is away');
    this.renewals += 1;
    const row = this.rows.get(lease.subject);
    if (row?.owner !== lease.owner || row.epoch !== lease.epoch) return false;
    this.rows.set(lease.subject, { ...row, expiresAt: this.#clock.now() + ttlMs });
    return true;
  }

  async renewAll(leases: readonly Lease[], ttlMs: number): Promise<ReadonlySet<string>> {
    if (this.isDown) throw new Error('the database is away');
    this.rounds.push(leases.length);
    const renewed = new Set<string>();
    for (const lease of leases) if (!this.locked.has(lease.subject) && (await this.renew(lease, ttlMs))) renewed.add(lease.subject);
    return renewed;
  }

  async release(lease: Lease): Promise<void> {
    this.rows.delete(lease.subject);
  }
}

function setUp() {
  const clock = new ManualClock();
  const leases = new MemoryLeases(clock);
  const keeper = (owner: string) => new LeaseKeeper({ store: { leases } as unknown as Store, clock, log: quietLog(), owner });
  return { clock, leases, keeper };
}

describe('a held lease', () => {
  it('is renewed every five seconds and stays valid a term beyond the moment of asking', async () => {
    const { clock, leases, keeper } = setUp();
    const held = await keeper('a').acquire('bot:1', () => undefined);
    await clock.advance(LEASE_RENEWAL_MS * 4);
    expect(leases.renewals).toBe(4);
    expect(held?.validUntil).toBe(clock.now() + LEASE_TERM_MS);
  });

  it('cannot be taken by another owner while it is renewed', async () => {
    const { clock, keeper } = setUp();
    await keeper('a').acquire('bot:1', () => undefined);
    await clock.advance(60_000);
    expect(await keeper('b').acquire('bot:1', () => undefined)).toBeNull();
  });

  it('survives a database that is away for less than its term', async () => {
    const { clock, leases, keeper } = setUp();
    let losses = 0;
    const held = await keeper('a').acquire('bot:1', () => (losses += 1));
    leases.isDown = true;
    await clock.advance(LEASE_TERM_MS - 1);
    leases.isDown = false;
    await clock.advance(LEASE_RENEWAL_MS);
    expect(losses).toBe(0);
    expect(held?.validUntil).toBeGreaterThan(clock.now());
  });

  it('is given up when the database stays away for its whole term, before another may begin', async () => {
    const { clock, leases, keeper } = setUp();
    let lostAt = 0;
    const began = clock.now();
    const held = await keeper('a').acquire('bot:1', () => (lostAt = clock.now()));
    leases.isDown = true;
    await clock.advance(LEASE_TERM_MS * 2);
    expect(lostAt).toBe(began + LEASE_TERM_MS);
    expect(held?.validUntil).toBe(0);
  });

  it('is lost once when another owner has taken it', async () => {
    const { clock, leases, keeper } = setUp();
    let losses = 0;
    const held = await keeper('a').acquire('bot:1', () => (losses += 1));
    leases.rows.set('bot:1', { subject: 'bot:1', owner: 'b', epoch: 2, expiresAt: clock.now() + 1 });
    await clock.advance(LEASE_RENEWAL_MS * 3);
    expect(losses).toBe(1);
    expect(await held?.holdUntil(clock.now() + 1)).toBe(false);
  });

  it('renews at once when it would not last long enough for what is asked', async () => {
    const { clock, leases, keeper } = setUp();
    const held = await keeper('a').acquire('bot:1', () => undefined);
    await clock.advance(LEASE_RENEWAL_MS - 1);
    expect(await held?.holdUntil(clock.now() + LEASE_TERM_MS)).toBe(true);
    expect(leases.renewals).toBe(1);
  });
});

describe('many held leases', () => {
  it('are renewed together, two hundred by a statement', async () => {
    const { clock, leases, keeper } = setUp();
    const one = keeper('a');
    const held = await Promise.all(Array.from({ length: 450 }, (_, index) => one.acquire(`bot:${index}`, () => undefined)));
    await clock.advance(LEASE_RENEWAL_MS);
    expect(leases.rounds).toEqual([200, 200, 50]);
    expect(held.every((lease) => lease?.validUntil === clock.now() + LEASE_TERM_MS)).toBe(true);
  });

  it('are renewed a little later where a commit held the row, keeping their term until then', async () => {
    const { clock, leases, keeper } = setUp();
    const one = keeper('a');
    const began = clock.now();
    const held = await Promise.all(['1', '2', '3'].map((name) => one.acquire(name, () => expect.unreachable('nothing is lost'))));
    leases.locked.add('2').add('3');
    await clock.advance(LEASE_RENEWAL_MS);
    expect(held.map((lease) => lease?.validUntil)).toEqual([clock.now() + LEASE_TERM_MS, began + LEASE_TERM_MS, began + LEASE_TERM_MS]);
    leases.locked.clear();
    await clock.advance(1_000);
    expect(leases.rounds).toEqual([3, 2]);
    expect(held.slice(1).map((lease) => lease?.validUntil)).toEqual([clock.now() + LEASE_TERM_MS, clock.now() + LEASE_TERM_MS]);
  });

  it('are asked for one by one when little is left of their term: a row that is always held, and a lease of another', async () => {
    const { clock, leases, keeper } = setUp();
    const one = keeper('a');
    const lost: string[] = [];
    const began = clock.now();
    const held = await Promise.all(['1', '2', '3'].map((name) => one.acquire(name, () => lost.push(name))));
    leases.locked.add('2');
    leases.rows.set('3', { subject: '3', owner: 'b', epoch: 2, expiresAt: clock.now() + 60_000 });
    await clock.advance(LEASE_TERM_MS - 1);
    expect(lost).toEqual(['3']);
    expect(held[1]?.validUntil).toBeGreaterThan(began + LEASE_TERM_MS);
    expect(held[2]?.validUntil).toBe(0);
  });

  it('are behind while a round takes longer than it may, and not any more when it is done', async () => {
    const { clock, leases, keeper } = setUp();
    const one = keeper('a');
    await Promise.all(Array.from({ length: 600 }, (_, index) => one.acquire(`bot:${index}`, () => undefined)));
    const renewAll = leases.renewAll.bind(leases);
    const gates: (() => void)[] = [];
    leases.renewAll = async (many, ttlMs) => {
      await new Promise<void>((resolve) => void gates.push(resolve));
      return await renewAll(many, ttlMs);
    };
    await clock.advance(LEASE_RENEWAL_MS);
    expect([gates.length, one.isBehind]).toEqual([2, false]);
    await clock.advance(BEHIND_MS);
    for (const open of gates.splice(0)) open();
    await settle();
    expect([gates.length, one.isBehind]).toEqual([1, true]);
    for (const open of gates.splice(0)) open();
    await settle();
    expect([leases.rounds, one.isBehind]).toEqual([[200, 200, 200], false]);
  });

  it('are all given up at the end of their terms when the database stays away', async () => {
    const { clock, leases, keeper } = setUp();
    const one = keeper('a');
    const lostAt: number[] = [];
    for (let index = 0; index < 3; index += 1) {
      await one.acquire(`bot:${index}`, () => lostAt.push(clock.now()));
      await clock.advance(1_000);
    }
    const began = clock.now();
    leases.isDown = true;
    await clock.advance(LEASE_TERM_MS * 2);
    expect(lostAt).toHaveLength(3);
    expect(Math.max(...lostAt)).toBeLessThanOrEqual(began + LEASE_TERM_MS);
  });
});
