/**
 * An installation with many users, bots and workers as processes of their own, for telling a great many events: the database, Redis, a mail
 * server and the Bot API of Telegram are real servers on loopback, each of which can be taken away.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#adapters/store/embedded/server.ts';
import { openStore } from '#adapters/store/store.ts';
import { firstSettings } from '#core/notices/settings.ts';
import { killDatabase } from '../crash/processes.ts';
import { MailServer } from '../notices/smtp-server.ts';
import { quietLog } from '../support/quiet-log.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { TelegramSimulator } from '../telegram/simulator.ts';
import { RoleProcess } from '../topology/role-process.ts';

export const BOTS_PER_USER = 5;
/** Of so many users one has e-mail as well. */
export const MAIL_EVERY = 20;

export interface TownOptions {
  readonly directory: string;
  readonly users: number;
  readonly workers: number;
}

const mailOf = (user: number): string => `user${user}@example.org`;
const chatOf = (user: number): number => 1_000 + user;

export class Town {
  readonly telegram = new TelegramSimulator();
  readonly mail = new MailServer();
  readonly workers: RoleProcess[] = [];
  readonly pool: pg.Pool;
  readonly redis: TestRedis;
  readonly #options: TownOptions;
  readonly #database: EmbeddedPostgres;

  private constructor(options: TownOptions, database: EmbeddedPostgres, redis: TestRedis) {
    this.#options = options;
    this.#database = database;
    this.redis = redis;
    this.pool = new pg.Pool({ connectionString: database.url, max: 4 });
    this.pool.on('error', () => undefined);
  }

  static async start(options: TownOptions): Promise<Town> {
    const [database, redis] = await Promise.all([startEmbeddedPostgres({ dataDir: join(options.directory, 'database'), log: quietLog() }), startRedis()]);
    const town = new Town(options, database, redis);
    try {
      await Promise.all([town.telegram.start(), town.mail.start()]);
      await town.#settle();
      for (let number = 1; number <= options.workers; number += 1) town.workers.push(town.#worker(`worker-${number}`));
      await Promise.all(town.workers.map((worker) => worker.start()));
    } catch (error) {
      await town.close();
      throw error;
    }
    return town;
  }

  #worker(name: string): RoleProcess {
    const { directory } = this.#options;
    const data = join(directory, name);
    mkdirSync(data);
    const environment = {
      DATABASE_URL: this.#database.url,
      REDIS_URL: this.redis.url,
      ARGOSY_ROLES: 'worker',
      ARGOSY_DATA_DIR: data,
      ARGOSY_MASTER_KEY: '00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f',
      ARGOSY_JWT_SECRET: 'only for tests: abcdefghijklmnopqrstuvwxyz',
      ARGOSY_VENUE_URLS: '{"paper":"demo"}',
      TELEGRAM_BOT_TOKEN: this.telegram.token,
      TELEGRAM_API_ROOT: this.telegram.apiRoot,
      SMTP_URL: this.mail.url,
    };
    return new RoleProcess({ name, directory, environment });
  }

  /** Users with their chats and bots, and settings that tell everything at once. */
  async #settle(): Promise<void> {
    const store = await openStore({ url: this.#database.url, log: quietLog(), maxConnections: 4 });
    for (let user = 0; user < this.#options.users; user += 1) {
      const userId = `user-${user}`;
      await store.users.create({ id: userId, email: mailOf(user), passwordHash: 'hash', at: 1 });
      const email = { isOn: user % MAIL_EVERY === 0, events: null, minimumSeverity: null };
      await store.notices.putSettings(userId, { ...firstSettings('en'), digest: null, channels: { email } }, 1);
      const chat = String(chatOf(user));
      await store.notices.putTarget({ id: `chat-${user}`, userId, channel: 'telegram', address: chat, hint: chat, fingerprint: chat, createdAt: 1 }, 1);
      const account = { id: `account-${user}`, userId, name: 'Paper', exchange: 'paper', sealed: null, keyVersion: 1, keyHint: null, createdAt: 1 };
      await store.accounts.create(account);
      for (let bot = 0; bot < BOTS_PER_USER; bot += 1)
        await store.bots.create({
          id: botId(user, bot),
          userId,
          accountId: account.id,
          name: `B${bot}`,
          strategy: 'grid',
          symbol: 'BTC/USDT',
          mode: 'paper',
          config: {},
          at: 1,
        });
    }
    await store.close();
    // The bots' own creation is not what is told here.
    await this.pool.query('delete from facts');
  }

  /** It dies without warning and comes back by itself. */
  killDatabase(): boolean {
    return killDatabase(join(this.#options.directory, 'database'));
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    await this.pool.end();
    await Promise.all([this.telegram.close(), this.mail.close(), this.redis.kill()]);
    await this.#database.close();
  }
}

export function botId(user: number, bot: number): string {
  return `bot-${user}-${bot}`;
}

/** What a user was told in a chat and by mail, as numbers of events with their bots, in the order of arrival. */
export function heardBy(town: Town, user: number): { readonly chat: readonly Heard[]; readonly mail: readonly Heard[] } {
  const chat = town.telegram.toldTo(chatOf(user)).flatMap(({ text, at }) => numbersIn(text, at));
  const mail = town.mail.mails.filter(({ to }) => to.includes(mailOf(user))).flatMap(({ parsed, at }) => numbersIn(`${parsed.subject}\n${parsed.text}`, at));
  return { chat, mail };
}

export interface Heard {
  readonly bot: number;
  readonly event: number;
  readonly at: number;
}

function numbersIn(text: string, at: number): readonly Heard[] {
  return [...text.matchAll(/B(\d+)E(\d+)\./g)].map(([, bot, event]) => ({ bot: Number(bot), event: Number(event), at }));
}
