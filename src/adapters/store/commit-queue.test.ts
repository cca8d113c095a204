import { beforeEach, describe, expect, it, vi } from 'vitest';
import { PortError } from '#core/errors.ts';
import type { Commit } from '#core/store/commit.ts';
import { CommitQueue, GROUPS_AT_ONCE, MAX_GROUP } from './commit-queue.ts';

const PATIENCE_MS = 1_000;

function commitOf(name: string, subject = `bot:${name}`): Commit {
  return { lease: { subject, owner: 'one', epoch: 1 }, userId: name } as unknown as Commit;
}

/** A database that ends a transaction when it is told to. */
class Desk {
  readonly groups: { readonly names: readonly string[]; end: (error?: unknown) => void }[] = [];
  readonly alone: string[] = [];
  refuses: (name: string) => unknown = () => null;

  readonly queue = new CommitQueue({
    together: (commits) =>
      new Promise((resolve, reject) => {
        const end = (error?: unknown): void => (error === undefined ? resolve() : reject(error));
        this.groups.push({ names: commits.map(({ userId }) => userId), end });
      }),
    alone: async ({ userId }) => {
      this.alone.push(userId);
      const refusal = this.refuses(userId);
      if (refusal !== null) throw refusal;
    },
    patienceMs: PATIENCE_MS,
  });

  add(name: string, subject?: string): Promise<unknown> {
    return this.queue.add(commitOf(name, subject)).then(
      () => 'durable',
      (error: unknown) => error,
    );
  }
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(() => setImmediate(resolve)));
const conflict = (): PortError => new PortError('store_conflict', 'a fill is there already', { outcome: 'failed' });

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});

describe('commits of one turn', () => {
  it('go together, and all are durable when their transaction is', async () => {
    const added = ['a', 'b', 'c'].map((name) => desk.add(name));
    await turn();
    expect(desk.groups.map(({ names }) => names)).toEqual([['a', 'b', 'c']]);
    desk.groups[0]?.end();
    expect(await Promise.all(added)).toEqual(['durable', 'durable', 'durable']);
    expect(desk.alone).toEqual([]);
  });

  it('are told nothing before their transaction has ended', async () => {
    let isTold = false;
    void desk.add('a').then(() => {
      isTold = true;
    });
    await turn();
    expect(isTold).toBe(false);
    desk.groups[0]?.end();
    await turn();
    expect(isTold).toBe(true);
  });

  it('are tried alone when their transaction is refused, and only the one at fault is refused', async () => {
    desk.refuses = (name) => (name === 'b' ? conflict() : null);
    const added = ['a', 'b', 'c'].map((name) => desk.add(name));
    await turn();
    desk.groups[0]?.end(conflict());
    expect(await Promise.all(added)).toEqual(['durable', conflict(), 'durable']);
    expect(desk.alone).toEqual(['a', 'b', 'c']);
  });

  it('are not tried again when nobody knows whether their transaction was carried out', async () => {
    const lost = new PortError('store_unavailable', 'the connection broke at the commit', { outcome: 'unknown' });
    const added = ['a', 'b'].map((name) => desk.add(name));
    await turn();
    desk.groups[0]?.end(lost);
    expect(await Promise.all(added)).toEqual([lost, lost]);
    expect(desk.alone).toEqual([]);
  });

  it('are not tried twice when there is only one of them', async () => {
    const added = desk.add('a');
    await turn();
    desk.groups[0]?.end(conflict());
    expect(await added).toEqual(conflict());
    expect(desk.alone).toEqual([]);
  });

  it('wait for the group before when they are of one lease', async () => {
    void desk.add('first', 'bot:1');
    void desk.add('second', 'bot:1');
    await turn();
    expect(desk.groups.map(({ names }) => names)).toEqual([['first'], ['second']]);
  });
});

describe('limits', () => {
  it('of a group: what is beyond goes with the next', async () => {
    for (let index = 0; index <= MAX_GROUP; index += 1) void desk.add(`c${index}`);
    await turn();
    expect(desk.groups.map(({ names }) => names.length)).toEqual([MAX_GROUP, 1]);
  });

  it('of groups at once: what comes meanwhile goes together when one has ended', async () => {
    for (let index = 0; index < GROUPS_AT_ONCE; index += 1) {
      void desk.add(`early${index}`);
      await turn();
    }
    void desk.add('late1');
    void desk.add('late2');
    await turn();
    expect(desk.groups).toHaveLength(GROUPS_AT_ONCE);
    desk.groups[0]?.end();
    await turn();
    expect(desk.groups.at(-1)?.names).toEqual(['late1', 'late2']);
  });

  it('of waiting: what has waited too long is refused and never tried', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    for (let index = 0; index < GROUPS_AT_ONCE; index += 1) {
      void desk.add(`early${index}`);
      await turn();
    }
    const late = desk.add('late');
    now.mockReturnValue(PATIENCE_MS + 1);
    desk.groups[0]?.end();
    expect(await late).toMatchObject({ code: 'store_unavailable', outcome: 'failed' });
    expect(desk.groups).toHaveLength(GROUPS_AT_ONCE);
    now.mockRestore();
  });
});
