/**
 * One socket from its opening to its close: who it is, what it follows, and every limit on what it may do. Until it has proven
 * who it is nothing is told to it, and it has a few seconds for that.
 */
import type { Attendance, Attendant } from '#app/live/attendance.ts';
import { type EndReason, type Pipe, type Place, type PushFigures, Spectator, type Wish } from '#app/live/spectator.ts';
import type { Stream } from '#app/live/stream.ts';
import { AppError } from '#core/errors.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Holder } from '../access-tokens.ts';
import { CLOSE, CLOSE_OF, type CloseName } from './close-codes.ts';

/** Whoever has not said who it is by then is sent away. */
export const AUTH_PATIENCE_MS = 5_000;
/** Messages a client may send at once; they come back at the rate below. */
export const MESSAGES_AT_ONCE = 30;
export const MESSAGES_PER_SECOND = 5;
/** Sockets of one user, in one process. */
export const SOCKETS_PER_USER = 10;

/** The part of a WebSocket that is needed here. */
export interface Socket {
  readonly bufferedAmount: number;
  send(data: Uint8Array, options: { readonly binary: boolean }, onWritten: () => void): void;
  close(code: number, reason: string): void;
  terminate(): void;
  ping(): void;
}

/** A kind of socket: what its clients may say and what there is to follow. */
export interface SocketKind {
  readonly name: string;
  readonly needsVip: boolean;
  readonly topics: readonly string[];
  /** A message of a client; `problem` says what is wrong with one. */
  read(text: string): { readonly message: ClientMessage } | { readonly problem: string };
  /** What there is to follow for a user; `onChange` hears of every change until `leave` is called. */
  follow(userId: string, onChange: Spectator['offer']): Promise<{ readonly stream: Stream; readonly leave: () => void }>;
  /** What a filter of this kind lets through, for a user. */
  shows(userId: string, filter: unknown): Promise<Wish['shows']>;
}

export type ClientMessage =
  | { readonly type: 'auth'; readonly token: string }
  | { readonly type: 'ping'; readonly id?: string | number | undefined }
  | { readonly type: 'subscribe'; readonly topics?: readonly string[] | undefined; readonly filter?: unknown; readonly resume?: Place | undefined };

export interface ConnectionParts {
  readonly kind: SocketKind;
  readonly attendance: Attendance;
  readonly figures: PushFigures;
  readonly clock: Clock;
  readonly log: Log;
  /** Who holds an access token or a ticket; `null` for nobody. */
  readonly holderOfToken: (token: string) => Promise<Holder | null>;
  readonly holderOfTicket: (ticket: string) => Promise<Holder | null>;
}

export class Connection {
  readonly #parts: ConnectionParts;
  readonly #socket: Socket;
  readonly #spectator: Spectator;
  #holder: Holder | null = null;
  #followed: { readonly stream: Stream; readonly leave: () => void } | null = null;
  #leaveAttendance: () => void = () => undefined;
  #cancelAuth: () => void = () => undefined;
  #work: Promise<void> = Promise.resolve();
  #budget = { left: MESSAGES_AT_ONCE, at: 0 };
  #isOver = false;
  #isAnswering = true;

  constructor(socket: Socket, parts: ConnectionParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#budget.at = parts.clock.now();
    this.#spectator = new Spectator({ pipe: this.#pipe(), clock: parts.clock, figures: parts.figures });
  }

  /** Whether it has proven who it is. */
  get isKnown(): boolean {
    return this.#holder !== null;
  }

  /** Begins: with a ticket it is opened by that, otherwise by its first message. */
  open(ticket: string | null): void {
    if (ticket !== null) return this.#then(async () => this.#admit(await this.#parts.holderOfTicket(ticket)));
    this.#cancelAuth = this.#parts.clock.after(AUTH_PATIENCE_MS, () => this.#close('authTimeout'));
    this.#spectator.say({ type: 'hello', auth: 'required', seconds: AUTH_PATIENCE_MS / 1_000 });
  }

  /** A message of the client; they are dealt with one after the other. */
  onMessage(text: string | null): void {
    if (this.#isOver) return;
    if (!this.#spend()) return this.#close('tooMany');
    const read = text === null ? { problem: 'must be text' } : this.#parts.kind.read(text);
    if ('problem' in read) {
      this.#spectator.say({ type: 'error', code: 'malformed_request', message: read.problem });
      return this.#close('badMessage');
    }
    this.#then(() => this.#obey(read.message));
  }

  onPong(): void {
    this.#isAnswering = true;
  }

  /** Asks for a sign of life; a client that has given none since the last time is cut off. */
  checkLife(): void {
    if (!this.#isAnswering) return this.#socket.terminate();
    this.#isAnswering = false;
    this.#socket.ping();
  }

  /** The socket is closed, whoever did it. */
  onClose(): void {
    this.#isOver = true;
    this.#cancelAuth();
    this.#spectator.leave();
    this.#leaveAttendance();
    this.#followed?.leave();
    this.#followed = null;
  }

  end(reason: EndReason): void {
    this.#close(CLOSE_OF[reason]);
  }

  async #obey(message: ClientMessage): Promise<void> {
    if (message.type === 'ping') {
      const { place } = this.#spectator;
      return this.#spectator.say({ type: 'pong', ...(message.id === undefined ? {} : { id: message.id }), ...(place ?? {}) });
    }
    if (message.type === 'auth') {
      if (this.#holder !== null) return this.#reauthenticate(await this.#parts.holderOfToken(message.token));
      return this.#admit(await this.#parts.holderOfToken(message.token));
    }
    if (this.#holder === null) return this.#close('unauthenticated');
    await this.#subscribe(this.#holder, message);
  }

  async #admit(holder: Holder | null): Promise<void> {
    const { attendance, kind } = this.#parts;
    if (this.#isOver) return;
    if (holder === null) return this.#close('unauthenticated');
    const attendant: Attendant = { ...holder, needsVip: kind.needsVip, end: (reason) => this.end(reason), checkPace: () => this.#spectator.checkPace() };
    // Joined before the rights are looked at, so that none gets past the limit or a change of rights meanwhile.
    if (attendance.countOf(holder.userId) >= SOCKETS_PER_USER) return this.#close('tooMany');
    this.#leaveAttendance = attendance.join(attendant);
    const refusal = await attendance.mayStay(attendant);
    if (refusal !== null) return this.end(refusal);
    if (this.#isOver) return;
    this.#cancelAuth();
    this.#holder = holder;
    this.#spectator.say({ type: 'ready', user_id: holder.userId, topics: kind.topics });
  }

  /** Somebody else's token is refused, because what was sent before is not theirs. */
  #reauthenticate(holder: Holder | null): void {
    if (holder === null || holder.userId !== this.#holder?.userId) return this.#close('unauthenticated');
    this.#spectator.say({ type: 'ready', user_id: holder.userId, topics: this.#parts.kind.topics });
  }

  async #subscribe({ userId }: Holder, wish: Extract<ClientMessage, { readonly type: 'subscribe' }>): Promise<void> {
    const { kind } = this.#parts;
    const shows = await kind.shows(userId, wish.filter);
    const followed = this.#followed ?? (await kind.follow(userId, (change) => this.#spectator.offer(change)));
    if (this.#isOver) return void followed.leave();
    this.#followed = followed;
    this.#spectator.follow(followed.stream, { userId, topics: new Set(wish.topics ?? kind.topics), shows }, wish.resume ?? null);
  }

  #then(work: () => Promise<void> | void): void {
    this.#work = this.#work
      .then(() => (this.#isOver ? undefined : work()))
      .catch((error: unknown) => {
        if (!(error instanceof AppError)) this.#parts.log.warn({ err: error, socket: this.#parts.kind.name }, 'a socket could not be served');
        this.#close(error instanceof AppError && error.code === 'unauthenticated' ? 'unauthenticated' : 'unavailable');
      });
  }

  #spend(): boolean {
    const now = this.#parts.clock.now();
    const back = (Math.max(0, now - this.#budget.at) * MESSAGES_PER_SECOND) / 1_000;
    this.#budget = { left: Math.min(MESSAGES_AT_ONCE, this.#budget.left + back) - 1, at: now };
    return this.#budget.left >= 0;
  }

  #close(name: CloseName): void {
    if (this.#isOver) return;
    const [code, reason] = CLOSE[name];
    this.onClose();
    this.#socket.close(code, reason);
  }

  #pipe(): Pipe {
    const socket = this.#socket;
    const nothing = (): void => undefined;
    return {
      send: (frame, onWritten = nothing) => socket.send(frame, { binary: false }, onWritten),
      buffered: () => socket.bufferedAmount,
      end: (reason) => this.end(reason),
    };
  }
}
