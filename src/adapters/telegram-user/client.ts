/** One connection of the MTProto library, held to what is allowed: requests that read, and logging in and out. It keeps everything in memory and writes no log. */
import { MemoryStorage, MtArgumentError, MtTimeoutError, MtUnsupportedError, type RpcCallMiddleware, tl } from '@mtcute/core';
import { BaseTelegramClient } from '@mtcute/core/client.js';
import type { TelegramUserAnswer, TelegramUserProblem } from '#core/telegram-user/port.ts';
import { NodeCrypto } from './crypto.ts';
import { type DataCentres, dataCentres, type StandIn } from './data-centres.ts';

/** How long an answer of Telegram is waited for, connecting included. */
export const TELEGRAM_USER_PATIENCE_MS = 20_000;
/** Where Telegram asks for patience without saying how much. */
const DEFAULT_WAIT_MS = 30_000;

export interface TelegramUserOptions {
  readonly apiId: number;
  readonly apiHash: string;
  /** Shown in the owner's list of devices. */
  readonly version: string;
  /** `null` for Telegram itself. */
  readonly standIn?: StandIn | null;
  readonly patienceMs?: number;
}

/** Everything that may ever be asked. No request of these says, joins or marks anything. */
export const ALLOWED_REQUESTS: ReadonlySet<string> = new Set([
  'help.getConfig',
  'auth.sendCode',
  'auth.signIn',
  'account.getPassword',
  'auth.checkPassword',
  'auth.logOut',
  'contacts.resolveUsername',
  'messages.getDialogs',
  'messages.getHistory',
  'updates.getChannelDifference',
]);

export class TelegramClient {
  readonly #client: BaseTelegramClient;
  readonly #network: DataCentres;
  readonly #patienceMs: number;
  #isClosed = false;

  constructor({ apiId, apiHash, version, standIn = null, patienceMs = TELEGRAM_USER_PATIENCE_MS }: TelegramUserOptions) {
    this.#patienceMs = patienceMs;
    const home = standIn === null ? null : { id: 2, ipAddress: standIn.address, port: standIn.port };
    this.#network = dataCentres(standIn);
    this.#client = new BaseTelegramClient({
      apiId,
      apiHash,
      storage: new MemoryStorage(),
      crypto: new NodeCrypto(),
      transport: this.#network,
      // What the library would log quotes requests, and those hold codes and passwords.
      platform: { beforeExit: () => () => undefined, log: () => undefined, getDefaultLogLevel: () => 0, getDeviceModel: () => 'Argosy' },
      logLevel: 0,
      initConnectionOptions: { deviceModel: 'Argosy', systemVersion: 'server', appVersion: version },
      // Without it Telegram would push everything that happens in the account.
      disableUpdates: true,
      updates: false,
      network: { middlewares: [onlyAllowed], connectionCount: () => 1 },
      ...(home === null ? {} : { defaultDcs: { main: home, media: home } }),
    });
    this.#client.onError.add(() => undefined);
  }

  /** Sends one request; nothing is tried again by itself. */
  async ask<Request extends tl.RpcMethod>(request: Request & { readonly _: Request['_'] }): Promise<TelegramUserAnswer<tl.RpcCallReturn[Request['_']]>> {
    return this.attempt(async () => {
      const call = this.#client.call as (message: tl.RpcMethod, options: { readonly timeout: number }) => Promise<unknown>;
      return (await call.call(this.#client, request, { timeout: this.#patienceMs })) as tl.RpcCallReturn[Request['_']];
    });
  }

  /** Does something with the library's own client within the patience of one answer. */
  async attempt<Result>(work: (client: BaseTelegramClient) => Promise<Result>): Promise<TelegramUserAnswer<Result>> {
    if (this.#isClosed) return refusal('unreachable', 'this session is closed');
    try {
      return { isOk: true, result: await this.#soon(work(this.#client)) };
    } catch (error) {
      return readError(error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // First, or the library waits for a connection that is only being made.
    this.#network.close();
    await this.#client.destroy();
  }

  /** The library waits for a connection for ever. */
  #soon<Result>(work: Promise<Result>): Promise<Result> {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new MtTimeoutError()), this.#patienceMs);
    return Promise.race([work, promise]).finally(() => clearTimeout(timer));
  }
}

const onlyAllowed: RpcCallMiddleware = async (context, next) => {
  if (!ALLOWED_REQUESTS.has(context.request._)) throw new Error(`${context.request._} is not among the requests that are allowed`);
  return next(context);
};

function readError(error: unknown): Extract<TelegramUserAnswer<never>, { isOk: false }> {
  if (error instanceof MtUnsupportedError || error instanceof MtArgumentError) return refusal('refused', 'Telegram asks for what only its own apps can do');
  if (!(error instanceof tl.RpcError)) return refusal('unreachable', error instanceof MtTimeoutError ? 'no answer in time' : 'no connection');
  // With the numbers in it: it is Telegram's own word, and quotes nothing that was sent.
  const text = /^[A-Z0-9_%d]{1,80}$/.test(error.text) ? error.text : 'an error without a name';
  const seconds = 'seconds' in error && typeof error.seconds === 'number' ? error.seconds : null;
  if (error.code === 420 || /_WAIT_(%d|\d+)$/.test(text)) return refusal('wait', text, seconds === null ? DEFAULT_WAIT_MS : Math.max(1, seconds) * 1_000);
  const named = PROBLEMS.find(({ names }) => names.test(text))?.problem;
  if (named !== undefined) return refusal(named, text);
  // Of the server, of the network in between, or of the library's own clock.
  return text === 'TIMEOUT' || error.code >= 500 || error.code < 0 ? refusal('unreachable', text) : refusal('refused', text);
}

/** @see https://core.telegram.org/api/errors */
const PROBLEMS: readonly { readonly names: RegExp; readonly problem: TelegramUserProblem }[] = [
  {
    names: /^(AUTH_KEY_(UNREGISTERED|INVALID|DUPLICATED|PERM_EMPTY)|SESSION_(REVOKED|EXPIRED)|USER_DEACTIVATED(_BAN)?|INPUT_USER_DEACTIVATED)$/,
    problem: 'revoked',
  },
  { names: /^(CHANNEL_(PRIVATE|INVALID|PUBLIC_GROUP_NA)|USER_BANNED_IN_CHANNEL|CHAT_ADMIN_REQUIRED|CHAT_FORBIDDEN)$/, problem: 'no_access' },
  { names: /^USERNAME_(INVALID|NOT_OCCUPIED)$/, problem: 'no_channel' },
  { names: /^API_ID_(INVALID|PUBLISHED_FLOOD)$/, problem: 'api_refused' },
  { names: /^PHONE_(NUMBER|PASSWORD)_/, problem: 'phone_refused' },
  { names: /^PHONE_CODE_/, problem: 'code_refused' },
  { names: /^(PASSWORD_HASH_INVALID|SRP_(ID_INVALID|PASSWORD_CHANGED))$/, problem: 'password_refused' },
];

export function refusal(
  problem: TelegramUserProblem,
  description: string,
  retryAfterMs: number | null = null,
): Extract<TelegramUserAnswer<never>, { isOk: false }> {
  return { isOk: false, problem, description, retryAfterMs };
}
