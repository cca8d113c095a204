/**
 * E-mail addresses besides the one of the registration: told things only when their user has shown the code that was sent there, so that
 * nobody has mail sent to others. Codes are computed and kept nowhere; how often one is sent, and tried, is limited.
 */
import { AppError } from '#core/errors.ts';
import type { Channel } from '#core/notices/channel.ts';
import { escapeHtml } from '#core/notices/inert.ts';
import type { Language, Message } from '#core/notices/notice.ts';
import type { Clock, Ids, Vault } from '#core/ports.ts';
import type { RequestCounter } from '#core/request-counter.ts';
import type { NoticeTarget } from '#core/store/notices.ts';
import type { Store } from '#core/store/store.ts';
import { sealTarget } from './targets.ts';

/** Addresses of e-mail that a user may have, that of the registration included. */
export const MAX_MAIL_ADDRESSES = 3;
/** Codes one user may have sent in an hour, and one address may get in a day from all users together. */
export const CODES_PER_USER = 5;
export const CODES_PER_ADDRESS = 3;
/** Codes one user may try in an hour. */
export const TRIES_PER_USER = 20;
/** A code holds for the rest of the span it was made in and the next one. */
export const CODE_SPAN_MS = 30 * 60_000;
const CODE_LENGTH = 16;
const HOUR_MS = 3_600_000;

export interface MailAddressesParts {
  readonly store: Pick<Store, 'notices'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly vault: Vault;
  readonly requestCounter: RequestCounter;
  /** Sends mail; `null` where no mail server is configured. */
  readonly mail: Pick<Channel, 'send'> | null;
}

export class MailAddresses {
  readonly #parts: MailAddressesParts;

  constructor(parts: MailAddressesParts) {
    this.#parts = parts;
  }

  /** Sends a code there; returns until when it holds. Throws AppError `validation_failed`, `too_many_kept`, `rate_limited`, `mail_unavailable`. */
  async ask(userId: string, address: string): Promise<number> {
    const { store, clock, ids, mail } = this.#parts;
    if (mail === null) throw new AppError('mail_unavailable', 'No mail server is configured here.');
    const targets = await store.notices.targets(userId);
    const others = targets.filter(({ channel, fingerprint, isOn }) => channel === 'email' && isOn && fingerprint !== address.toLowerCase());
    if (others.length >= MAX_MAIL_ADDRESSES) throw full();
    await this.#limit(`mail code of ${userId}`, CODES_PER_USER, HOUR_MS);
    await this.#limit(`mail code to ${this.#digest(address.toLowerCase())}`, CODES_PER_ADDRESS, 24 * HOUR_MS);
    const span = Math.floor(clock.now() / CODE_SPAN_MS);
    const expiresAt = (span + 2) * CODE_SPAN_MS;
    const { language } = await store.notices.settings(userId);
    const sent = await mail.send(address, codeMail(this.#codeOf(userId, address, span), expiresAt, language, ids.next()));
    if (sent.outcome === 'later') throw new AppError('mail_unavailable', `The code could not be sent: ${sent.reason}.`);
    if (sent.outcome !== 'sent') throw invalid('address', `takes no mail: ${sent.reason}`);
    return expiresAt;
  }

  /** Tells things there from now on. Throws AppError `validation_failed`, `too_many_kept`, `rate_limited`. */
  async confirm(userId: string, address: string, code: string): Promise<NoticeTarget> {
    const { store, clock, ids, vault } = this.#parts;
    await this.#limit(`mail code tried by ${userId}`, TRIES_PER_USER, HOUR_MS);
    const span = Math.floor(clock.now() / CODE_SPAN_MS);
    // Digests are compared: how long that takes says nothing of the code.
    const shown = this.#digest(code.trim());
    if (![span, span - 1].some((each) => this.#digest(this.#codeOf(userId, address, each)) === shown))
      throw invalid('code', 'is not the one that was sent to this address, or is too old: ask for a new one');
    const reach = { userId, channel: 'email', address, identity: address.toLowerCase(), hint: address } as const;
    const put = await store.notices.putTarget(sealTarget(vault, reach, ids.next(), clock.now()), MAX_MAIL_ADDRESSES);
    if (put === 'full' || put === 'taken') throw full();
    return put;
  }

  async #limit(key: string, most: number, windowMs: number): Promise<void> {
    const { used, resetMs } = await this.#parts.requestCounter.count(key, windowMs);
    if (used > most) throw new AppError('rate_limited', `At most ${most} codes in ${windowMs / HOUR_MS} h; try again later.`, [], resetMs);
  }

  #codeOf(userId: string, address: string, span: number): string {
    return this.#parts.vault.fingerprint(JSON.stringify([userId, address.toLowerCase(), span]), 'mail address code').slice(0, CODE_LENGTH);
  }

  #digest(text: string): string {
    return this.#parts.vault.fingerprint(text, 'mail address digest');
  }
}

const WORDS: Readonly<Record<Language, { readonly title: string; readonly text: (code: string, until: string) => readonly string[] }>> = {
  en: {
    title: 'Your code for this address',
    text: (code, until) => [`Code: ${code}`, `It holds until ${until}. If you did not ask for it, do nothing: no more mail comes.`],
  },
  ru: {
    title: 'Код для этого адреса',
    text: (code, until) => [`Код: ${code}`, `Действует до ${until}. Если вы его не запрашивали, ничего не делайте: писем больше не будет.`],
  },
};

function codeMail(code: string, expiresAt: number, language: Language, id: string): Message {
  const until = `${new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const { title, text } = WORDS[language];
  const lines = text(code, until);
  const html = lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('');
  return { key: `mail-code:${id}`, language, severity: 'info', title, plain: lines.join('\n'), html, telegram: '', sound: 'none', notices: [] };
}

function full(): AppError {
  return new AppError('too_many_kept', `You have ${MAX_MAIL_ADDRESSES} addresses of e-mail, which is as many as there may be; remove one first.`);
}

function invalid(field: string, message: string): AppError {
  return new AppError('validation_failed', `${field} ${message}`, [{ field, message }]);
}
