import { beforeEach, describe, expect, it } from 'vitest';
import type { DueBot } from '#core/store/bots.ts';
import type { RunnerRecord } from '#core/store/runners.ts';
import type { Store } from '#core/store/store.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { FleetPicture, WHOLE_PICTURE_MS } from './picture.ts';

const MINE = { owner: 'me', isLive: true };

function runner(id: string, bots: number): RunnerRecord {
  return { id, host: 'here', pid: 1, version: '1', roles: ['bots'], botTypes: null, startedAt: 0, seenAt: 0, bots, accounts: 0 };
}

function bot(id: string, changes: Partial<DueBot> = {}): DueBot {
  return { id, strategy: 'grid', desired: 'running', status: 'running', lease: MINE, ...changes } as DueBot;
}

let bots: DueBot[];
let asked: string[];
let clock: ManualClock;

beforeEach(() => {
  bots = [bot('1'), bot('2')];
  asked = [];
  clock = new ManualClock();
});

function newPicture(botTypes: readonly string[] | null = null): FleetPicture {
  const due = async (which: 'all' | 'restless' = 'all') => {
    asked.push(which);
    return which === 'all' ? bots : bots.filter(({ desired, status, lease }) => desired !== 'running' || status !== 'running' || lease?.isLive !== true);
  };
  return new FleetPicture({ store: { bots: { due } as unknown as Store['bots'] }, clock, owner: 'me', botTypes });
}

describe('a runner by itself', () => {
  it('reads all bots at first, then only the restless, and all again after a while', async () => {
    const picture = newPicture();
    expect(await picture.read([runner('me', 2)], 2)).toHaveLength(2);
    expect(await picture.read([runner('me', 2)], 2)).toEqual([]);
    await clock.advance(WHOLE_PICTURE_MS);
    expect(await picture.read([runner('me', 2)], 2)).toHaveLength(2);
    expect(asked).toEqual(['all', 'restless', 'all']);
  });

  it('sees a wish, and a bot that nobody holds, with the restless', async () => {
    const picture = newPicture();
    await picture.read([runner('me', 2)], 2);
    bots = [bot('1', { desired: 'paused' }), bot('2', { lease: null })];
    expect(await picture.read([runner('me', 2)], 2)).toEqual(bots);
    expect(asked).toEqual(['all', 'restless']);
  });

  it('reads all when the database knows of another number of leases than it has in hand', async () => {
    const picture = newPicture();
    await picture.read([runner('me', 2)], 2);
    await picture.read([runner('me', 2)], 1);
    expect(asked).toEqual(['all', 'all']);
  });

  it('leaves out the bots of strategies it does not run', async () => {
    bots = [bot('1'), bot('2', { strategy: 'dca' })];
    expect((await newPicture(['dca']).read([runner('me', 1)], 1)).map(({ id }) => id)).toEqual(['2']);
  });
});

describe('one of several runners', () => {
  it('reads all when somebody comes, goes, or holds another number than before', async () => {
    const picture = newPicture();
    for (const others of [[runner('other', 5)], [runner('other', 5)], [runner('other', 4)], [runner('other', 4), runner('third', 0)]]) {
      await picture.read([runner('me', 2), ...others], 2);
    }
    expect(asked).toEqual(['all', 'restless', 'all', 'all']);
  });

  it('knows which bots others hold, until it reads that they do not', async () => {
    const picture = newPicture(['grid']);
    bots = [bot('1'), bot('2', { strategy: 'dca', lease: { owner: 'other', isLive: true } }), bot('3', { lease: { owner: 'other', isLive: true } })];
    const fleet = [runner('me', 1), runner('other', 2)];
    await picture.read(fleet, 1);
    expect(['1', '2', '3'].map((id) => picture.isElsewhere(id))).toEqual([false, true, true]);
    bots = [bot('1'), bot('2', { strategy: 'dca', lease: { owner: 'other', isLive: true } }), bot('3', { lease: { owner: 'other', isLive: false } })];
    await picture.read(fleet, 1);
    expect(['1', '2', '3'].map((id) => picture.isElsewhere(id))).toEqual([false, true, false]);
  });

  it('reads all while a bot is free: to whom it goes depends on where the others are', async () => {
    const picture = newPicture();
    const fleet = [runner('me', 2), runner('other', 5)];
    await picture.read(fleet, 2);
    bots = [...bots, bot('3', { lease: { owner: 'other', isLive: false } })];
    expect(await picture.read(fleet, 2)).toHaveLength(3);
    expect(asked).toEqual(['all', 'restless', 'all']);
  });
});
