/** What every queue of jobs must do, whatever keeps it: cases that each adapter runs against its own real server. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import type { JobsWorld } from '#adapters/jobs/_jobs.ts';
import type { JobHandler, JobInHand, JobState, Jobs, NewJob } from '#core/jobs.ts';
import type { Bus, Clock } from '#core/ports.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { until } from '#test/support/until.ts';

/** How soon the death of a worker is noticed in these cases. */
export const LOCK_MS = 1_000;

export interface JobsRig {
  readonly bus: Bus;
  /** One more process with the same queues. */
  open(world: JobsWorld): Jobs;
  /** A worker in a process of its own that takes jobs of `tasks` and never ends one; hears the id of each. */
  doomedWorker(lockMs: number, onTaken: (id: string) => void): { kill(): Promise<void> };
  close(): Promise<void>;
}

interface Stage {
  rig: JobsRig;
  jobs: Jobs;
  /** One more process; `lockMs` only where a death is to be noticed soon: a living worker that a busy machine holds up so long counts as dead. */
  open(lockMs?: number): Jobs;
}

export function jobsConformance(name: string, start: () => Promise<JobsRig>): void {
  describe(`jobs on ${name}`, () => {
    const stage = {} as Stage;
    let opened: Jobs[] = [];
    beforeEach(async () => {
      opened = [];
      stage.rig = await start();
      stage.open = (lockMs) => {
        const jobs = stage.rig.open({ bus: stage.rig.bus, clock: systemClock, log: quietLog(), ...(lockMs === undefined ? {} : { lockMs }) });
        opened.push(jobs);
        return jobs;
      };
      stage.jobs = stage.open();
    });
    afterEach(async () => {
      await Promise.all(opened.map((jobs) => jobs.close()));
      await stage.rig.close();
    });
    workingCases(stage);
    orderCases(stage);
    failingCases(stage);
    retryCases(stage);
    cancelCases(stage);
    scheduleCases(stage);
    crashCases(stage);
  });
}

const job = (change: Partial<NewJob> = {}): NewJob => ({ kind: 'count', data: { to: 3 }, ...change });

/** Waits until a job is in the state. */
async function inState(jobs: Jobs, id: string, state: JobState): Promise<void> {
  await until(async () => (await jobs.get('tasks', id))?.state === state, `the job is ${state}`);
}

/** A handler that waits for its signal, and what it has in hand. */
function patient(): { readonly handler: JobHandler; readonly inHand: JobInHand[]; readonly reasons: unknown[] } {
  const inHand: JobInHand[] = [];
  const reasons: unknown[] = [];
  const handler: JobHandler = (taken) =>
    new Promise((_, reject) => {
      inHand.push(taken);
      taken.onStop((reason) => {
        reasons.push(reason);
        reject(new Error('told to end'));
      });
    });
  return { handler, inHand, reasons };
}

function workingCases(stage: Stage): void {
  it('J1 keeps a job until a worker of any process takes it, and shows its progress and result to all', async () => {
    const [asking, working] = [stage.jobs, stage.open()];
    const { id, isNew } = await asking.enqueue('tasks', job());
    expect(isNew).toBe(true);
    expect(await asking.get('tasks', id)).toMatchObject({ id, kind: 'count', data: { to: 3 }, state: 'waiting', progress: {}, result: null, failure: null });
    expect(await asking.depth('tasks')).toEqual({ waiting: 1, active: 0 });
    const mayEnd = Promise.withResolvers<void>();
    working.work('tasks', async ({ data, progress }) => {
      await progress({ done: 1 });
      await mayEnd.promise;
      return { counted: data['to'] };
    });
    await until(async () => (await asking.get('tasks', id))?.progress['done'] === 1, 'its progress is seen');
    expect(await asking.get('tasks', id)).toMatchObject({ state: 'active', attemptsMade: 0 });
    expect(await asking.depth('tasks')).toEqual({ waiting: 0, active: 1 });
    mayEnd.resolve();
    await inState(asking, id, 'completed');
    const record = await asking.get('tasks', id);
    expect(record).toMatchObject({ result: { counted: 3 }, failure: null, attemptsMade: 1 });
    expect(record?.finishedAt ?? 0).toBeGreaterThanOrEqual(record?.createdAt ?? Number.NaN);
    expect(await asking.get('tasks', 'no-such-job')).toBeNull();
  });

  it('J2 keeps queues apart', async () => {
    const seen: string[] = [];
    stage.jobs.work('notification_queue', async ({ kind }) => {
      seen.push(kind);
      return {};
    });
    const { id } = await stage.jobs.enqueue('tasks', job({ kind: 'other' }));
    await stage.jobs.enqueue('notification_queue', job({ kind: 'mine' }));
    await until(() => seen.length > 0, 'its own is done');
    expect(seen).toEqual(['mine']);
    expect(await stage.jobs.get('tasks', id)).toMatchObject({ state: 'waiting' });
  });

  it('J3 gives one job for one dedupe id while it waits or runs, and a new one after that', async () => {
    const first = await stage.jobs.enqueue('tasks', job({ dedupeId: 'bot-1' }));
    expect(await stage.jobs.enqueue('tasks', job({ dedupeId: 'bot-1' }))).toEqual({ id: first.id, isNew: false });
    expect((await stage.jobs.enqueue('tasks', job({ dedupeId: 'bot-2' }))).isNew).toBe(true);
    const mayEnd = Promise.withResolvers<void>();
    stage.jobs.work(
      'tasks',
      async () => {
        await mayEnd.promise;
        return {};
      },
      { concurrency: 2 },
    );
    await inState(stage.jobs, first.id, 'active');
    expect(await stage.jobs.enqueue('tasks', job({ dedupeId: 'bot-1' }))).toEqual({ id: first.id, isNew: false });
    mayEnd.resolve();
    await inState(stage.jobs, first.id, 'completed');
    expect((await stage.jobs.enqueue('tasks', job({ dedupeId: 'bot-1' }))).isNew).toBe(true);
  });
}

function orderCases(stage: Stage): void {
  it('J4 takes the most urgent first, and the oldest of equals', async () => {
    for (const [kind, priority] of [
      ['low', 500],
      ['first', 10],
      ['second', 10],
      ['urgent', 1],
      ['usual', undefined],
    ] as const)
      await stage.jobs.enqueue('tasks', job({ kind, ...(priority === undefined ? {} : { priority }) }));
    const order: string[] = [];
    stage.jobs.work('tasks', async ({ kind }) => {
      order.push(kind);
      return {};
    });
    await until(() => order.length === 5, 'all are done');
    expect(order).toEqual(['urgent', 'first', 'second', 'usual', 'low']);
  });

  it('J5 begins a delayed job no sooner than asked', async () => {
    const askedAt = Date.now();
    const { id } = await stage.jobs.enqueue('tasks', job({ delayMs: 400 }));
    expect(await stage.jobs.get('tasks', id)).toMatchObject({ state: 'delayed' });
    let begunAt = 0;
    stage.jobs.work('tasks', async () => {
      begunAt = Date.now();
      return {};
    });
    await inState(stage.jobs, id, 'completed');
    expect(begunAt - askedAt).toBeGreaterThanOrEqual(399);
  });

  it('J6 does as many at once as it may, over all workers each job once', async () => {
    const done: string[] = [];
    let [now, most] = [0, 0];
    const handler: JobHandler = async ({ id }) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now -= 1;
      done.push(id);
      return {};
    };
    for (const jobs of [stage.jobs, stage.open()]) jobs.work('tasks', handler, { concurrency: 2 });
    const asked = await Promise.all(Array.from({ length: 40 }, () => stage.jobs.enqueue('tasks', job())));
    await until(() => done.length >= 40, 'all are done');
    expect([...done].sort()).toEqual(asked.map(({ id }) => id).sort());
    expect(most).toBeLessThanOrEqual(4);
  });
}

function failingCases(stage: Stage): void {
  it('J7 tries again after a growing wait, as often as asked, and then says why it failed', async () => {
    const tries: { readonly at: number; readonly attemptsMade: number }[] = [];
    stage.jobs.work('tasks', async ({ attemptsMade }) => {
      tries.push({ at: Date.now(), attemptsMade });
      throw new Error(`try ${attemptsMade + 1} broke`);
    });
    const { id } = await stage.jobs.enqueue('tasks', job({ attempts: 3, backoffMs: 100 }));
    await inState(stage.jobs, id, 'failed');
    expect(tries.map(({ attemptsMade }) => attemptsMade)).toEqual([0, 1, 2]);
    const waits = tries.slice(1).map(({ at }, index) => at - (tries[index]?.at ?? 0));
    expect(waits[0]).toBeGreaterThanOrEqual(99);
    expect(waits[1]).toBeGreaterThanOrEqual(199);
    expect(await stage.jobs.get('tasks', id)).toMatchObject({ failure: 'try 3 broke', attemptsMade: 3, result: null });
  });

  it('J8 lists jobs by their state, the newest first and no more than asked for', async () => {
    stage.jobs.work('tasks', async ({ kind }) => {
      if (kind === 'bad') throw new Error('bad');
      return {};
    });
    const ids: string[] = [];
    for (const kind of ['good', 'bad', 'good', 'bad']) {
      const { id } = await stage.jobs.enqueue('tasks', job({ kind }));
      await inState(stage.jobs, id, kind === 'bad' ? 'failed' : 'completed');
      ids.push(id);
      // Which of two is newer is known to the millisecond.
      const at = Date.now();
      await until(() => Date.now() > at, 'the clock has gone on');
    }
    const list = async (states: readonly JobState[], limit = 10): Promise<readonly string[]> =>
      (await stage.jobs.list('tasks', states, limit)).map(({ id }) => id);
    expect(await list(['failed'])).toEqual([ids[3], ids[1]]);
    expect(await list(['completed', 'failed'], 3)).toEqual([ids[3], ids[2], ids[1]]);
    expect(await list(['waiting', 'delayed', 'active', 'cancelled'])).toEqual([]);
  });
}

function retryCases(stage: Stage): void {
  it('J16 does a failed or cancelled job again when told to, under its id, from the first try', async () => {
    const tries: number[] = [];
    let isMended = false;
    const { handler, inHand } = patient();
    stage.jobs.work('tasks', async (taken) => {
      if (isMended) return { mended: true };
      if (taken.kind === 'endless') return await handler(taken);
      tries.push(taken.attemptsMade);
      throw new Error('broken');
    });
    const failing = await stage.jobs.enqueue('tasks', job({ attempts: 2, backoffMs: 10 }));
    await inState(stage.jobs, failing.id, 'failed');
    expect(await stage.jobs.retry('tasks', failing.id)).toBe(true);
    await until(() => tries.length === 4, 'it is tried twice again');
    expect(tries).toEqual([0, 1, 0, 1]);
    await inState(stage.jobs, failing.id, 'failed');
    const { id } = await stage.jobs.enqueue('tasks', job({ kind: 'endless' }));
    await until(() => inHand.length === 1, 'it is in hand');
    await stage.jobs.cancel('tasks', id);
    await inState(stage.jobs, id, 'cancelled');
    isMended = true;
    expect(await stage.jobs.retry('tasks', id)).toBe(true);
    await inState(stage.jobs, id, 'completed');
    expect(await stage.jobs.get('tasks', id)).toMatchObject({ result: { mended: true }, failure: null, attemptsMade: 1 });
    expect(await stage.jobs.retry('tasks', id)).toBe(false);
    expect(await stage.jobs.retry('tasks', 'no-such-job')).toBe(false);
  });
}

function cancelCases(stage: Stage): void {
  it('J9 takes a job that has not begun away for good, and frees its dedupe id', async () => {
    const waiting = await stage.jobs.enqueue('tasks', job({ dedupeId: 'once' }));
    const delayed = await stage.jobs.enqueue('tasks', job({ delayMs: 60_000 }));
    expect(await stage.jobs.cancel('tasks', waiting.id)).toBe('gone');
    expect(await stage.jobs.cancel('tasks', delayed.id)).toBe('gone');
    expect(await stage.jobs.cancel('tasks', waiting.id)).toBe('over');
    const again = await stage.jobs.enqueue('tasks', job({ dedupeId: 'once' }));
    expect(again.isNew).toBe(true);
    const done: string[] = [];
    stage.jobs.work('tasks', async ({ id }) => {
      done.push(id);
      return {};
    });
    await inState(stage.jobs, again.id, 'completed');
    expect(done).toEqual([again.id]);
    expect(await stage.jobs.cancel('tasks', again.id)).toBe('over');
    expect(await stage.jobs.get('tasks', again.id)).toMatchObject({ state: 'completed' });
  });

  it('J10 tells the worker of a running job in another process, and does not try it again', async () => {
    const { handler, inHand, reasons } = patient();
    stage.open().work('tasks', handler);
    const { id } = await stage.jobs.enqueue('tasks', job({ attempts: 5 }));
    await until(() => inHand.length === 1, 'it is in hand');
    expect(await stage.jobs.cancel('tasks', id)).toBe('asked');
    await inState(stage.jobs, id, 'cancelled');
    expect([reasons, inHand[0]?.stopReason()]).toEqual([['cancelled'], 'cancelled']);
    expect((await stage.jobs.list('tasks', ['cancelled'], 10)).map((record) => record.id)).toEqual([id]);
    expect(await stage.jobs.list('tasks', ['failed'], 10)).toEqual([]);
    expect(inHand).toHaveLength(1);
  });

  it('J11 is cancelled by its mark when the word on the bus is lost', async () => {
    const deaf: Bus = { publish: () => undefined, subscribe: () => () => undefined };
    const worker = stage.rig.open({ bus: deaf, clock: { now: () => systemClock.now(), after: (ms, act) => systemClock.after(ms / 10, act) }, log: quietLog() });
    const { handler, inHand } = patient();
    const stop = worker.work('tasks', handler);
    const { id } = await stage.jobs.enqueue('tasks', job());
    await until(() => inHand.length === 1, 'it is in hand');
    await stage.jobs.cancel('tasks', id);
    await inState(stage.jobs, id, 'cancelled');
    await stop();
    await worker.close();
  });
}

function scheduleCases(stage: Stage): void {
  it('J12 repeats a schedule until it is taken away, once however many have set it', async () => {
    const [one, other] = [stage.jobs, stage.open()];
    const schedule = { name: 'sweep', repeat: { everyMs: 150 }, job: { kind: 'sweep', data: { deep: true } } };
    await one.schedule('tasks', schedule);
    await other.schedule('tasks', schedule);
    await one.schedule('tasks', { name: 'nightly', repeat: { cron: '0 3 * * *' }, job: { kind: 'nightly', data: {} } });
    expect(await other.schedules('tasks')).toEqual(['nightly', 'sweep']);
    const begun: number[] = [];
    one.work('tasks', async ({ kind, data }) => {
      expect([kind, data]).toEqual(['sweep', { deep: true }]);
      begun.push(Date.now());
      return {};
    });
    const since = Date.now();
    await until(() => begun.length >= 4, 'it has been done four times');
    expect(begun.length).toBeLessThanOrEqual((Date.now() - since) / 150 + 2);
    expect(await one.unschedule('tasks', 'sweep')).toBe(true);
    expect(await one.unschedule('tasks', 'sweep')).toBe(false);
    expect(await other.schedules('tasks')).toEqual(['nightly']);
  });
}

function crashCases(stage: Stage): void {
  it('J13 gives the job of a killed worker to another', async () => {
    const taken: string[] = [];
    const doomed = stage.rig.doomedWorker(LOCK_MS, (id) => taken.push(id));
    const { id } = await stage.jobs.enqueue('tasks', job({ attempts: 1 }));
    await until(() => taken.length > 0, 'the doomed worker has it');
    await doomed.kill();
    expect(await stage.jobs.get('tasks', id)).toMatchObject({ state: 'active' });
    stage.open(LOCK_MS).work('tasks', async () => ({ by: 'the other' }));
    await until(async () => (await stage.jobs.get('tasks', id))?.state === 'completed', 'the other has done it');
    expect(await stage.jobs.get('tasks', id)).toMatchObject({ result: { by: 'the other' } });
  });

  it('J14 waits for no job that does not end when its worker is closed, and says so', async () => {
    const lines: KeptLine[] = [];
    const clock: Clock = { now: () => systemClock.now(), after: (ms, act) => systemClock.after(ms / 20, act) };
    const hasty = stage.rig.open({ bus: stage.rig.bus, clock, log: quietLog(lines), lockMs: LOCK_MS });
    const mayEnd = Promise.withResolvers<void>();
    let isTaken = false;
    const stop = hasty.work('tasks', async () => {
      isTaken = true;
      await mayEnd.promise;
      return {};
    });
    const { id } = await stage.jobs.enqueue('tasks', job());
    await until(() => isTaken, 'it is in hand');
    await stop();
    expect(lines.map(({ fields, message }) => [fields['jobs'], message.slice(0, 15)])).toEqual([[[id], 'jobs did not en']]);
    mayEnd.resolve();
    await hasty.close();
  });

  it('J15 puts what a closing worker has in hand back, untried', async () => {
    const hasty = stage.rig.open({
      bus: stage.rig.bus,
      clock: { now: () => systemClock.now(), after: (ms, act) => systemClock.after(ms / 20, act) },
      log: quietLog(),
      lockMs: 30_000,
    });
    const { handler, inHand, reasons } = patient();
    const stop = hasty.work('tasks', handler);
    const { id } = await stage.jobs.enqueue('tasks', job());
    await until(() => inHand.length === 1, 'it is in hand');
    await stop();
    await hasty.close();
    expect(reasons).toEqual(['closing']);
    expect(await stage.jobs.get('tasks', id)).toMatchObject({ state: 'waiting', failure: null });
    stage.jobs.work('tasks', async ({ attemptsMade }) => ({ attemptsMade }));
    await inState(stage.jobs, id, 'completed');
    expect(await stage.jobs.get('tasks', id)).toMatchObject({ result: { attemptsMade: 0 } });
  });
}
