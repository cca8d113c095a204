/** A session of the owner at Telegram and the process that reads by it, beside everything else that posts need. */
import { setTimeout as wait } from 'node:timers/promises';
import { randomIds } from '#adapters/ids.ts';
import { telegramUsers } from '#adapters/telegram-user/telegram-user.ts';
import { UserDesk } from '#app/telegram-user/user-desk.ts';
import { keepSession, mayLogIn, type UserLoginParts } from '#app/telegram-user/user-login.ts';
import type { TelegramUsers } from '#core/telegram-user/port.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { MtprotoSimulator, type SimulatedChannel } from '#test/telegram/mtproto/simulator.ts';
import type { PostRig } from './post-rig.ts';

/** Of the clock, while a condition is waited for; and how long in all. */
const STEP_MS = 1_000;
const REAL_STEP_MS = 15;
const TURNS = 2_000;

export class UserRig {
  readonly telegram: MtprotoSimulator;
  readonly clock = new ManualClock(Date.now());
  readonly users: TelegramUsers;
  readonly #rig: PostRig;
  #desk: UserDesk | null = null;

  private constructor(rig: PostRig, telegram: MtprotoSimulator) {
    this.#rig = rig;
    this.telegram = telegram;
    const { id: apiId, hash: apiHash } = telegram.api;
    this.users = telegramUsers({ apiId, apiHash, version: '1', standIn: telegram.address });
  }

  /** The user of the rig becomes the owner: the fleet has made itself one before. */
  static async open(rig: PostRig): Promise<UserRig> {
    await rig.fleet.database.query(`update users set role = 'user' where id <> $1`, [rig.user.id]);
    await rig.fleet.database.query(`update users set role = 'owner' where id = $1`, [rig.user.id]);
    return new UserRig(rig, await MtprotoSimulator.open());
  }

  get parts(): UserLoginParts {
    const { store, vault } = this.#rig.fleet;
    return { store, vault, users: this.users, clock: this.clock, ids: randomIds };
  }

  get desk(): UserDesk {
    if (this.#desk === null) throw new Error('nobody reads');
    return this.#desk;
  }

  /** As the command does it. */
  async logIn(): Promise<void> {
    const { account } = this.telegram;
    const { userId } = await mayLogIn(this.parts);
    const login = this.users.logIn();
    await login.askCode(account.phone);
    await login.enterCode(account.code);
    await login.finish((made) => keepSession(userId, made, this.parts));
    await login.close();
  }

  async start(): Promise<void> {
    const { store, vault, lines } = this.#rig.fleet;
    this.#desk = new UserDesk({ store, vault, users: this.users, intake: this.#rig.intake, clock: this.clock, log: quietLog(lines) });
    await this.#desk.start();
  }

  async stop(): Promise<void> {
    await this.#desk?.close();
    this.#desk = null;
  }

  /** A source of the owner that reads the channel, from now on. */
  async reads(channel: SimulatedChannel, botIds: readonly string[] = []): Promise<string> {
    const named = channel.username === null ? String(-(1_000_000_000_000 + channel.id)) : `@${channel.username}`;
    const { id } = await this.#rig.source('telegram_channel', botIds, this.#rig.user, named);
    await this.until('it reads the channel', async () => (await this.reading(id))?.status === 'reading');
    return id;
  }

  async reading(sourceId: string): Promise<{ readonly status: string; readonly problem: string | null; readonly title: string | null } | null> {
    const { body } = await this.#rig.user.call('GET', '/posts/sources');
    const sources = body.items as unknown as readonly {
      readonly id: string;
      readonly reading: { status: string; problem: string | null; title: string | null } | null;
    }[];
    return sources.find(({ id }) => id === sourceId)?.reading ?? null;
  }

  /** Since this process began. */
  passedOn(count: number): Promise<void> {
    return this.until(`${count} posts are passed on`, () => {
      const standing = this.desk.standing();
      return standing.mode === 'reading' && standing.posts >= count;
    });
  }

  /** Time goes on until it is so. */
  async until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) {
      if (await isSo()) return;
      await this.clock.advance(STEP_MS);
      await wait(REAL_STEP_MS);
    }
    throw new Error(`it did not come to pass that ${what}`);
  }

  async close(): Promise<void> {
    await this.stop();
    await this.telegram.close();
  }
}
