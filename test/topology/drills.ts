/** What is done to a running topology, and how long it takes until all is as it should be again. */
import { sleep } from '../crash/processes.ts';
import type { Books, HeldBot } from './books.ts';
import { type Figure, quantile, seconds, tableOf } from './figures.ts';
import type { RoleProcess } from './role-process.ts';
import type { Topology } from './topology.ts';

const POLL_MS = 200;
/** Promises of the project. */
const TAKE_OVER_MS = 25_000;
const TAKE_OVER_P50_MS = 18_000;
const AT_ONCE_MS = 5_000;
const WAKE_UP_MS = 30_000;
const AFTER_DATABASE_MS = 15_000;
const START_PATIENCE_MS = 180_000;
const SPREAD_PATIENCE_MS = 120_000;
const SETTLE_PATIENCE_MS = 180_000;
/** A wake-up that came by the bus is faster than the sweep. */
const PROMPT_MS = 1_000;
const WISH_PATIENCE_MS = 20_000;

export class Drills {
  readonly violations: string[] = [];
  readonly #topology: Topology;
  readonly #books: Books;
  readonly #bots: readonly string[];
  readonly #say: (line: string) => void;
  readonly #figures: Figure[] = [];

  /** `tell` hears of every figure as soon as there is one. */
  constructor(topology: Topology, books: Books, bots: readonly string[], tell: (line: string) => void) {
    this.#topology = topology;
    this.#books = books;
    this.#bots = bots;
    this.#say = tell;
  }

  table(): string {
    return tableOf(this.#figures);
  }

  /** All bots trade, and are spread evenly. */
  async awaitStart(): Promise<void> {
    const beganAt = performance.now();
    await this.#until('all bots run', START_PATIENCE_MS, async () => (await this.#running()).length === this.#bots.length);
    this.#tell('start: all bots run', performance.now() - beganAt, null);
    await this.#awaitSpread('start: spread over the runners');
  }

  /** SIGKILL of one runner. */
  async killRunner(): Promise<void> {
    const [victim] = this.#topology.gridRunners;
    if (victim === undefined) throw new RangeError('there is no runner to kill');
    const { pid } = victim;
    await victim.kill();
    const times = await this.#takeOver(pid, performance.now(), TAKE_OVER_MS * 3);
    this.#tell(`killed runner: ${times.length} bots trade elsewhere, p50`, quantile(times, 0.5), TAKE_OVER_P50_MS);
    this.#tell('killed runner: p95', quantile(times, 0.95), TAKE_OVER_MS);
    this.#tell('killed runner: last one', quantile(times, 1), TAKE_OVER_MS);
    await this.#report('spread after the kill');
  }

  /** SIGTERM of another. */
  async leavePolitely(): Promise<void> {
    const leaver = this.#topology.gridRunners.find((each) => each.isRunning);
    if (leaver === undefined) throw new RangeError('there is no runner to leave');
    const { pid } = leaver;
    const beganAt = performance.now();
    const leaving = leaver.stop();
    const times = await this.#takeOver(pid, beganAt, TAKE_OVER_MS * 3);
    this.#tell(`polite leave: ${times.length} bots trade elsewhere, p50`, quantile(times, 0.5), AT_ONCE_MS);
    this.#tell('polite leave: last one', quantile(times, 1), TAKE_OVER_MS);
    this.#tell('polite leave: the process was gone', await leaving, TAKE_OVER_MS);
  }

  /** The stopped ones come back and get their share. */
  async newcomer(): Promise<void> {
    for (const runner of this.#topology.gridRunners) if (!runner.isRunning) await runner.start();
    await this.#awaitSpread('newcomers: have their share');
  }

  /** Every runner is replaced, one after the other, and the API after them, while prices move. */
  async rollingRestart(): Promise<void> {
    const { gridRunners, api } = this.#topology;
    const fillsBefore = await this.#books.fills();
    const beganAt = performance.now();
    const pauses: number[] = [];
    for (const runner of gridRunners) {
      const { pid } = runner;
      const from = performance.now();
      const leaving = runner.stop();
      pauses.push(...(await this.#takeOver(pid, from, TAKE_OVER_MS * 3)));
      await leaving;
      await runner.start();
    }
    this.#tell(`rolling restart: ${gridRunners.length} runners replaced`, performance.now() - beganAt, null);
    this.#tell(`rolling restart: ${pauses.length} times a bot moved and traded elsewhere, p50`, quantile(pauses, 0.5), AT_ONCE_MS);
    this.#tell('rolling restart: longest that a bot stood still', quantile(pauses, 1), TAKE_OVER_MS);
    const apiFrom = performance.now();
    await api.stop();
    await api.start();
    this.#tell('rolling restart: the API was away', performance.now() - apiFrom, null);
    const wakeUpMs = await this.#wakeUp();
    this.#tell('rolling restart: wake-up by the new API', wakeUpMs, WAKE_UP_MS);
    await this.#awaitSpread('rolling restart: spread again');
    this.#add('rolling restart: executions meanwhile', String((await this.#books.fills()) - fillsBefore), '', true);
  }

  async flushRedis(): Promise<void> {
    this.#add('wake-up before the flush', seconds(await this.#wakeUp()), '', true);
    await this.#topology.redis.flush();
    this.#tell('wake-up after FLUSHALL', await this.#promptAgain(), WAKE_UP_MS);
  }

  async killRedis(): Promise<void> {
    const { redis } = this.#topology;
    const fills = await this.#books.fills();
    await redis.kill();
    this.#tell('wake-up while Redis is dead', await this.#wakeUp(), WAKE_UP_MS);
    await this.#until('trading goes on without Redis', SETTLE_PATIENCE_MS, async () => (await this.#books.fills()) > fills);
    const running = (await this.#running()).length;
    this.#add('bots that run while Redis is dead', String(running), String(this.#bots.length), running === this.#bots.length);
    await redis.start();
    this.#tell('wake-ups are prompt after its return', await this.#promptAgain(), WAKE_UP_MS);
  }

  /** The server dies and stays away for longer than leases last. */
  async killPostgres(awayMs: number): Promise<void> {
    const before = new Map((await this.#books.held()).map((bot) => [bot.id, bot]));
    await this.#topology.takeDatabaseAway(awayMs);
    const resumedAt = performance.now();
    await this.#until('the database answers', SETTLE_PATIENCE_MS, async () => (await this.#books.rows('select 1')).length === 1);
    const backAt = performance.now();
    this.#tell('PostgreSQL: recovery of the server itself', backAt - resumedAt, null);
    const lost = (await this.#books.rows<{ id: string; sequence: number }>('select bot_id as id, sequence::int from runs where ended_at is null')).filter(
      ({ id, sequence }) => sequence < (before.get(id)?.sequence ?? 0),
    );
    for (const { id } of lost) this.violations.push(`the run of ${id} is behind where it was committed before the server died`);
    const times = new Map<string, number>();
    const isBack = async (): Promise<boolean> => {
      for (const bot of await this.#books.held()) {
        const former = before.get(bot.id);
        const hasGoneOn = former !== undefined && bot.status === 'running' && bot.sequence > former.sequence;
        if (hasGoneOn && !times.has(bot.id)) times.set(bot.id, performance.now() - backAt);
      }
      return times.size === before.size;
    };
    await this.#until('every bot trades after the return', SETTLE_PATIENCE_MS, isBack);
    const all = [...times.values()];
    this.#tell('PostgreSQL killed: trading resumes after its return, p50', quantile(all, 0.5), AFTER_DATABASE_MS);
    this.#tell('PostgreSQL killed: last bot', quantile(all, 1), AFTER_DATABASE_MS);
  }

  /** Prices stand still until the books and the venues tell the same story. */
  async settle(): Promise<void> {
    const { venues } = this.#topology;
    for (const venue of venues) await venue.tell('walk', { ms: 0 });
    const beganAt = performance.now();
    let found: readonly string[] = [];
    let [orders, fills] = [0, 0];
    const agree = async (): Promise<boolean> => {
      const looks = await Promise.all(venues.map((venue) => this.#books.differences(venue)));
      found = looks.flatMap((look) => look.found);
      [orders, fills] = [looks.reduce((sum, look) => sum + look.orders, 0), looks.reduce((sum, look) => sum + look.fills, 0)];
      return found.length === 0;
    };
    await this.#until('books and venues agree', SETTLE_PATIENCE_MS, agree).catch(() => undefined);
    this.violations.push(...found, ...(await this.#books.brokenJournals()));
    await this.#tellEverything();
    this.#tell('books and venues agree after', performance.now() - beganAt, null);
    this.#add(`lost or doubled of ${orders} orders, ${fills} executions`, String(found.length), '0', found.length === 0);
    const epochs = await this.#books.rows<{ most: number }>(`select max(epoch) as most from leases where subject like 'bot:%'`);
    this.#add('most owners a bot has had', String(epochs[0]?.most ?? 0), '', true);
  }

  /** Nothing that a user is to hear of may stay in the outbox, where there is somebody to tell it. */
  async #tellEverything(): Promise<void> {
    if (this.#topology.others.length === 0) return;
    const untold = async (): Promise<number> => (await this.#books.rows('select 1 from facts where told_at is null')).length;
    await this.#until('every fact is told', SETTLE_PATIENCE_MS, async () => (await untold()) === 0).catch((error: Error) =>
      this.violations.push(error.message),
    );
    this.#add('facts that nobody was told', String(await untold()), '0', (await untold()) === 0);
  }

  /** Milliseconds from `from` until each bot of a process that is gone has committed a step elsewhere. */
  async #takeOver(pid: number, from: number, patienceMs: number): Promise<number[]> {
    const held = await this.#books.held();
    const left = new Map<string, HeldBot>(held.filter((bot) => bot.pid === pid).map((bot) => [bot.id, bot]));
    const times: number[] = [];
    const total = left.size;
    const isDone = async (): Promise<boolean> => {
      for (const bot of await this.#books.held()) {
        const former = left.get(bot.id);
        if (former === undefined || bot.pid === pid || bot.sequence <= former.sequence) continue;
        times.push(performance.now() - from);
        left.delete(bot.id);
      }
      return left.size === 0;
    };
    await this.#until(`${total} bots are taken over`, patienceMs, isDone).catch((error: Error) =>
      this.violations.push(`${error.message}; ${left.size} are left`),
    );
    return times;
  }

  /** Nobody has more than its share, within what is tolerated. */
  async #awaitSpread(what: string): Promise<void> {
    const runners = this.#topology.gridRunners.filter((each) => each.isRunning);
    const share = this.#bots.length / runners.length;
    const tolerated = Math.max(2, share * 0.1);
    const beganAt = performance.now();
    const isEven = async (): Promise<boolean> => {
      const counts = await this.#counts(runners);
      return counts.every((count) => Math.abs(count - share) <= tolerated);
    };
    await this.#until(what, SPREAD_PATIENCE_MS, isEven).catch((error: Error) => this.violations.push(error.message));
    this.#tell(what, performance.now() - beganAt, null);
    await this.#report(what);
  }

  async #counts(runners: readonly RoleProcess[]): Promise<number[]> {
    const held = await this.#running();
    return runners.map(({ pid }) => held.filter((bot) => bot.pid === pid).length);
  }

  async #report(what: string): Promise<void> {
    const runners = this.#topology.gridRunners.filter((each) => each.isRunning);
    const counts = await this.#counts(runners);
    this.#say(`  ${what}: ${runners.map(({ name }, index) => `${name} ${counts[index]}`).join(', ')}`);
  }

  async #running(): Promise<readonly HeldBot[]> {
    return (await this.#books.held()).filter(({ status }) => status === 'running');
  }

  /** Milliseconds until a wish that the API takes has reached the bot's runner. */
  async #wakeUp(): Promise<number> {
    const { client } = this.#topology;
    const [id] = this.#bots;
    await client.post(`/bots/${id}/pause`);
    const beganAt = performance.now();
    await this.#until('the bot is paused', WISH_PATIENCE_MS, async () => (await this.#statusOf(id)) === 'paused', 25);
    const tookMs = performance.now() - beganAt;
    await client.post(`/bots/${id}/start`);
    await this.#until('the bot runs again', WISH_PATIENCE_MS, async () => (await this.#statusOf(id)) === 'running', 25);
    return tookMs;
  }

  /** Milliseconds until wishes are prompt again. */
  async #promptAgain(): Promise<number> {
    const beganAt = performance.now();
    for (;;) {
      const askedAt = performance.now();
      if ((await this.#wakeUp()) < PROMPT_MS) return askedAt - beganAt;
      if (performance.now() - beganAt > WAKE_UP_MS * 2) throw new Error('wake-ups stay slow');
    }
  }

  async #statusOf(id: string | undefined): Promise<string> {
    return (await this.#topology.client.get<{ status: string }>(`/bots/${id}`)).status;
  }

  #tell(what: string, ms: number, promisedMs: number | null): void {
    this.#add(what, seconds(ms), promisedMs === null ? '' : `at most ${promisedMs / 1_000} s`, promisedMs === null || ms <= promisedMs);
  }

  #add(what: string, value: string, promise: string, isKept: boolean): void {
    this.#figures.push({ what, value, promise, isKept });
    this.#say(`  ${what}: ${value}`);
    if (!isKept) this.violations.push(`${what}: ${value}, promised ${promise}`);
  }

  async #until(what: string, patienceMs: number, isTrue: () => Promise<boolean>, pollMs = POLL_MS): Promise<void> {
    const beganAt = performance.now();
    for (;;) {
      const isDone = await isTrue().catch((error: unknown) => {
        // The database may be away just now.
        if (performance.now() - beganAt > patienceMs) throw error;
        return false;
      });
      if (isDone) return;
      if (performance.now() - beganAt > patienceMs) throw new Error(`waited ${patienceMs / 1_000} s in vain until ${what}`);
      await sleep(pollMs);
    }
  }
}
