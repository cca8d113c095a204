/**
 * A server on loopback that speaks Telegram's own protocol (MTProto), to the library as it is: agrees on keys, lets a person log in, shows
 * channels, counts what happens in them, and does what Telegram does when it is asked too much, ends a session, or is away.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { Long } from '@mtcute/core';
import { NodeCrypto } from '#adapters/telegram-user/crypto.ts';
import { Connection } from './connection.ts';
import { makeServerKey, type ServerKey } from './handshake.ts';
import { PasswordCheck } from './password.ts';
import { made, type Tl } from './wire.ts';

export interface SimulatedChannel {
  readonly id: number;
  readonly username: string | null;
  readonly title: string;
  readonly isGroup: boolean;
  pts: number;
  /** Everything that happened, with the count after it. */
  readonly events: { readonly pts: number; readonly message?: Tl; readonly update?: Tl }[];
  readonly messages: Map<number, Tl>;
  isClosed: boolean;
}

interface Fault {
  readonly code: number;
  readonly text: string;
}

const HISTORY_LIMIT = 100;
const SELF = 4_242;

export class MtprotoSimulator {
  readonly account = { phone: '+995555010203', code: '24680', password: null as string | null, name: 'Ann Owner' };
  readonly api = { id: 12_345, hash: '0123456789abcdef0123456789abcdef' };
  /** Names of all requests, in their sequence. */
  readonly requests: string[] = [];
  /** What `updates.getChannelDifference` counts out at most; where more has happened it says so and no more. */
  counted = 1_000;
  /** Seconds after which it wants to be asked again. */
  timeout: number | undefined = 1;
  #isSilent = false;
  readonly #crypto = new NodeCrypto();
  readonly #key: ServerKey;
  readonly #channels = new Map<number, SimulatedChannel>();
  readonly #authKeys = new Map<string, Buffer>();
  /** Keys that are logged in. */
  readonly #sessions = new Set<string>();
  readonly #proven = new Set<string>();
  readonly #faults = new Map<string, Fault[]>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #check: PasswordCheck | null = null;

  private constructor() {
    this.#crypto.initialize();
    this.#key = makeServerKey(this.#crypto);
    const parts = {
      ...{ crypto: this.#crypto, key: this.#key, authKeys: this.#authKeys, received: new Set<string>() },
      answer: (request: Tl, keyId: string) => this.#answer(request, keyId),
    };
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      new Connection(socket, parts);
    });
  }

  static async open(): Promise<MtprotoSimulator> {
    const simulator = new MtprotoSimulator();
    await new Promise<void>((resolve) => simulator.#server.listen(0, '127.0.0.1', resolve));
    return simulator;
  }

  get address(): { readonly address: string; readonly port: number } {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('it does not listen');
    return { address: '127.0.0.1', port: address.port };
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** How many keys are logged in. */
  get sessions(): number {
    return this.#sessions.size;
  }

  channel(id: number, username: string | null, { title = username ?? `channel ${id}`, isGroup = false } = {}): SimulatedChannel {
    const channel = { id, username, title, isGroup, pts: 10, events: [], messages: new Map<number, Tl>(), isClosed: false };
    this.#channels.set(id, channel);
    return channel;
  }

  /** The channel says something, or says it in another way. */
  say(channel: SimulatedChannel, id: number, text: string, more: Readonly<Record<string, unknown>> = {}): void {
    const before = channel.messages.get(id);
    const date = before?.['date'] ?? Math.floor(Date.now() / 1_000);
    const message = made('message', { id, peerId: { _: 'peerChannel', channelId: channel.id }, date, message: text, post: true, ...more });
    channel.messages.set(id, message);
    channel.pts += 1;
    const { pts } = channel;
    channel.events.push(before === undefined ? { pts, message } : { pts, update: { _: 'updateEditChannelMessage', message, pts, ptsCount: 1 } });
  }

  remove(channel: SimulatedChannel, ...ids: readonly number[]): void {
    for (const id of ids) channel.messages.delete(id);
    channel.pts += ids.length;
    const { pts } = channel;
    channel.events.push({ pts, update: { _: 'updateDeleteChannelMessages', channelId: channel.id, messages: ids, pts, ptsCount: ids.length } });
  }

  /** The next request of this name is refused. */
  refuse(method: string, code: number, text: string): void {
    this.#faults.set(method, [...(this.#faults.get(method) ?? []), { code, text }]);
  }

  /** The owner ends the session in an app of his. */
  revoke(): void {
    this.#sessions.clear();
  }

  /** Takes what comes and answers nothing. */
  set isSilent(isSilent: boolean) {
    this.#isSilent = isSilent;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  async #answer(request: Tl, keyId: string): Promise<Tl | null> {
    this.requests.push(request._);
    if (this.#isSilent) return null;
    const fault = this.#faults.get(request._)?.shift();
    if (fault !== undefined) return refused(fault.code, fault.text);
    const open = OPEN[request._];
    if (open !== undefined) return open(this, request, keyId);
    if (!this.#sessions.has(keyId)) return refused(401, 'AUTH_KEY_UNREGISTERED');
    const read = READS[request._];
    return read === undefined ? refused(400, 'METHOD_INVALID') : read(this, request, keyId);
  }

  /** For the answers below. */
  signIn(request: Tl, keyId: string): Tl {
    if (request['phoneNumber'] !== digits(this.account.phone)) return refused(400, 'PHONE_NUMBER_INVALID');
    if (request['phoneCode'] !== this.account.code) return refused(400, 'PHONE_CODE_INVALID');
    if (this.account.password === null) return this.#letIn(keyId);
    this.#proven.add(keyId);
    return refused(401, 'SESSION_PASSWORD_NEEDED');
  }

  offerPassword(): Tl {
    this.#check = new PasswordCheck(this.account.password ?? '');
    return this.#check.offer();
  }

  checkPassword(request: Tl, keyId: string): Tl {
    const isKnown = this.#proven.has(keyId) && this.#check?.isProvenBy(request['password'] as Readonly<Record<string, unknown>>) === true;
    return isKnown ? this.#letIn(keyId) : refused(400, 'PASSWORD_HASH_INVALID');
  }

  logOut(keyId: string): Tl {
    return this.#sessions.delete(keyId) ? { _: 'auth.loggedOut' } : refused(401, 'AUTH_KEY_UNREGISTERED');
  }

  #letIn(keyId: string): Tl {
    this.#sessions.add(keyId);
    return { _: 'auth.authorization', user: made('user', { self: true, id: SELF, firstName: this.account.name }) };
  }

  channels(): readonly SimulatedChannel[] {
    return [...this.#channels.values()];
  }

  /** `null` for one that is not there, or not to be seen with this hash. */
  seen(input: Tl): SimulatedChannel | null {
    const channel = this.#channels.get(input['channelId'] as number);
    return channel !== undefined && !channel.isClosed && (input['accessHash'] as Long).eq(hashOf(channel)) ? channel : null;
  }
}

type Answering = (simulator: MtprotoSimulator, request: Tl, keyId: string) => Tl;

/** Answered to whoever has a key. */
const OPEN: Readonly<Record<string, Answering>> = {
  // All data centres are here.
  'help.getConfig': ({ address: { address: ipAddress, port } }) => {
    const dcOptions = [2, 4].map((id) => made('dcOption', { id, ipAddress, port }));
    return made('config', { expires: Math.floor(Date.now() / 1_000) + 3_600, thisDc: 2, dcOptions });
  },
  'auth.sendCode': ({ account, api }, request) => {
    if (request['apiId'] !== api.id || request['apiHash'] !== api.hash) return refused(400, 'API_ID_INVALID');
    if (request['phoneNumber'] !== digits(account.phone)) return refused(400, 'PHONE_NUMBER_INVALID');
    return { _: 'auth.sentCode', type: { _: 'auth.sentCodeTypeApp', length: 5 }, phoneCodeHash: 'hash' };
  },
  'auth.signIn': (simulator, request, keyId) => simulator.signIn(request, keyId),
  'account.getPassword': (simulator) => simulator.offerPassword(),
  'auth.checkPassword': (simulator, request, keyId) => simulator.checkPassword(request, keyId),
  'auth.logOut': (simulator, _request, keyId) => simulator.logOut(keyId),
};

/** Answered to whoever is logged in. */
const READS: Readonly<Record<string, Answering>> = {
  'contacts.resolveUsername': (simulator, request) => {
    const name = String(request['username']).toLowerCase();
    if (name === 'somebody') return made('contacts.resolvedPeer', { peer: { _: 'peerUser', userId: 99 }, users: [made('user', { id: 99 })] });
    const channel = simulator.channels().find(({ username }) => username?.toLowerCase() === name);
    if (channel === undefined) return refused(400, 'USERNAME_NOT_OCCUPIED');
    return made('contacts.resolvedPeer', { peer: { _: 'peerChannel', channelId: channel.id }, chats: [shown(channel)] });
  },
  'messages.getDialogs': (simulator) => {
    const channels = simulator.channels();
    const dialogs = channels.map(({ id, pts }) =>
      made('dialog', { peer: { _: 'peerChannel', channelId: id }, pts, notifySettings: { _: 'peerNotifySettings' } }),
    );
    return made('messages.dialogs', { dialogs, chats: channels.map(shown) });
  },
  'messages.getHistory': (simulator, request) => {
    const channel = simulator.seen(request['peer'] as Tl);
    if (channel === null) return refused(406, 'CHANNEL_PRIVATE');
    const [before, after, limit] = [request['offsetId'], request['minId'], request['limit']] as [number, number, number];
    const messages = [...channel.messages.entries()]
      .filter(([id]) => id > after && (before === 0 || id < before))
      .sort(([one], [other]) => other - one)
      .slice(0, Math.min(limit, HISTORY_LIMIT))
      .map(([, message]) => message);
    return made('messages.channelMessages', { pts: channel.pts, count: channel.messages.size, messages, chats: [shown(channel)] });
  },
  'updates.getChannelDifference': (simulator, request) => {
    const channel = simulator.seen(request['channel'] as Tl);
    if (channel === null) return refused(406, 'CHANNEL_PRIVATE');
    const since = request['pts'] as number;
    const { timeout } = simulator;
    const waiting = channel.events.filter(({ pts }) => pts > since);
    if (waiting.length === 0) return { _: 'updates.channelDifferenceEmpty', final: true, pts: channel.pts, timeout };
    if (waiting.length > simulator.counted) {
      const dialog = made('dialog', { peer: { _: 'peerChannel', channelId: channel.id }, pts: channel.pts, notifySettings: { _: 'peerNotifySettings' } });
      return made('updates.channelDifferenceTooLong', { final: true, timeout, dialog, messages: [], chats: [shown(channel)] });
    }
    const page = waiting.slice(0, request['limit'] as number);
    return made('updates.channelDifference', {
      ...{ final: page.length === waiting.length, pts: page.at(-1)?.pts ?? channel.pts, timeout, chats: [shown(channel)] },
      newMessages: page.flatMap(({ message }) => message ?? []),
      otherUpdates: page.flatMap(({ update }) => update ?? []),
    });
  },
};

function shown(channel: SimulatedChannel): Tl {
  const { id, title, username, isGroup } = channel;
  const name = username === null ? {} : { username };
  const kind = isGroup ? { megagroup: true } : { broadcast: true };
  return made('channel', { id, title, accessHash: hashOf(channel), photo: { _: 'chatPhotoEmpty' }, ...name, ...kind });
}

function hashOf({ id }: SimulatedChannel): Long {
  return Long.fromNumber(id).mul(7_919).add(11);
}

function digits(phone: string): string {
  return phone.replace(/\D/g, '');
}

function refused(code: number, text: string): Tl {
  return { _: 'mt_rpc_error', errorCode: code, errorMessage: text };
}
