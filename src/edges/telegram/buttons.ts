/**
 * Buttons under messages: what they carry fits into the 64 bytes Telegram keeps for us, is signed for the chat it was made for, and ends
 * where it acts. Nobody can make a button of his own, or use one that was forwarded.
 */
import type { Clock, Vault } from '#core/ports.ts';

/** What a button asks for. Its letters are what old messages in chats still carry: never give one another meaning. */
export const VERBS = {
  bots: 'b',
  bot: 'o',
  start: 's',
  stop: 'x',
  askPanic: 'q',
  panic: 'p',
  askPanicAll: 'Q',
  panicAll: 'P',
  balance: 'c',
  orders: 'r',
  profit: 'g',
  status: 't',
  signals: 'a',
  settings: 'e',
  notifications: 'n',
  setEvents: 'v',
  askLanguage: 'L',
  language: 'l',
  askUnlink: 'U',
  unlink: 'u',
  cancel: 'z',
} as const;

export type Verb = keyof typeof VERBS;

/** A button as a screen has it. `acts` makes it end soon; `text` goes on it as it is. */
export interface Button {
  readonly text: string;
  readonly verb: Verb;
  /** An id, a page, a setting; at most 40 letters, digits and `_-.`. */
  readonly argument?: string;
  readonly endsInMs?: number;
}

export interface Press {
  readonly verb: Verb;
  readonly argument: string;
}

const SIGNATURE_LENGTH = 11;
const MAX_DATA_BYTES = 64;
const DATA = /^([A-Za-z])([A-Za-z0-9_.-]{0,40}):([a-z0-9]{1,7}):([A-Za-z0-9_-]{11})$/;
const BY_LETTER: ReadonlyMap<string, Verb> = new Map(Object.entries(VERBS).map(([verb, letter]) => [letter, verb as Verb]));

export class Buttons {
  readonly #vault: Vault;
  readonly #clock: Clock;

  constructor(parts: { readonly vault: Vault; readonly clock: Clock }) {
    this.#vault = parts.vault;
    this.#clock = parts.clock;
  }

  write({ verb, argument = '', endsInMs }: Button, chatId: string): string {
    const end = endsInMs === undefined ? '0' : Math.ceil((this.#clock.now() + endsInMs) / 1_000).toString(36);
    const body = `${VERBS[verb]}${argument}:${end}`;
    const data = `${body}:${this.#signature(body, chatId)}`;
    if (!DATA.test(data) || data.length > MAX_DATA_BYTES) throw new RangeError(`a button cannot carry ${JSON.stringify(argument)}`);
    return data;
  }

  /** What a press asks for; `late` when the button has ended, `forged` when it was not made for this chat. */
  read(data: string, chatId: string): Press | 'late' | 'forged' {
    const [, letter = '', argument = '', end = '', signature = ''] = DATA.exec(data) ?? [];
    const verb = BY_LETTER.get(letter);
    if (verb === undefined || signature !== this.#signature(`${letter}${argument}:${end}`, chatId)) return 'forged';
    if (end !== '0' && Number.parseInt(end, 36) * 1_000 < this.#clock.now()) return 'late';
    return { verb, argument };
  }

  #signature(body: string, chatId: string): string {
    return this.#vault.fingerprint(`${chatId} ${body}`, 'telegram button').slice(0, SIGNATURE_LENGTH);
  }
}
