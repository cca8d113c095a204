/**
 * Who may come in: registration, login, and sessions that live by refresh tokens which are used once each.
 */
import { AppError } from '#core/errors.ts';
import type { Language } from '#core/notices/notice.ts';
import type { Clock, Ids, Passwords } from '#core/ports.ts';
import type { UserRecord } from '#core/store/people.ts';
import type { Store } from '#core/store/store.ts';
import { FailedLogins } from './failed-logins.ts';
import { type LoginOrigin, loginDevice } from './login-device.ts';
import type { LoginThrottle } from './login-throttle.ts';

/** Who may register once the owner exists: everybody; those on the own machine; those for whom the owner does it; nobody. The owner may bring others in unless it is `closed`. */
export type RegistrationMode = 'open' | 'local' | 'invitation' | 'closed';

/** Bcrypt reads no further; a longer password is refused rather than cut. */
export const MAX_PASSWORD_BYTES = 72;
export const MIN_PASSWORD_LENGTH = 8;
/** How long a session lives without being refreshed. */
export const REFRESH_TOKEN_TTL_MS = 30 * 24 * 3_600_000;
const TOKEN_BYTES = 32;

export interface UsersParts {
  readonly store: Pick<Store, 'users' | 'refreshTokens' | 'facts' | 'audit'>;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly throttle: LoginThrottle;
  readonly registration: RegistrationMode;
  /** One-way digest under which refresh tokens are kept. */
  readonly digest: (token: string) => string;
  /** One-way and under a key of the installation: what it takes can be guessed. */
  readonly deviceDigest: (device: string) => string;
}

/** A session as its owner gets it; the refresh token is in nobody else's hands, not even ours. */
export interface Session {
  readonly userId: string;
  /** The session by name: all tokens of one login share it. */
  readonly id: string;
  readonly refreshToken: string;
}

export class Users {
  readonly #parts: UsersParts;
  /** Compared with when nobody has the e-mail, so that the answer takes as long. */
  readonly #decoy: Promise<string>;
  readonly #failed: FailedLogins;

  constructor(parts: UsersParts) {
    this.#parts = parts;
    this.#failed = new FailedLogins(parts);
    this.#decoy = parts.passwords.hash(parts.ids.secret(24));
    // A failure here shows at the first login; unheard it would end the process.
    this.#decoy.catch(() => undefined);
  }

  /** Whether somebody new may register now; the very first always may. */
  async #isRegistrationOpen(isLocal: boolean): Promise<boolean> {
    const { registration, store } = this.#parts;
    return registration === 'open' || (registration === 'local' && isLocal) || (await store.users.count()) === 0;
  }

  /**
   * Makes a user; `invitedBy` is who asks for it, if anybody is logged in: the owner may, unless registration is closed. Throws AppError
   * `registration_closed`, `validation_failed`, `email_taken`, `rate_limited`.
   */
  async register(input: {
    readonly email: string;
    readonly password: string;
    readonly address: string;
    /** Whether the request came from the server's own machine, past no proxy. */
    readonly isLocal: boolean;
    readonly invitedBy: string | null;
    /** In which he is told things at first; English if not given. */
    readonly language?: Language;
  }): Promise<UserRecord> {
    const { store, passwords, clock, ids, throttle } = this.#parts;
    const email = normaliseEmail(input.email);
    checkPassword(input.password, email);
    if (!(await this.#isRegistrationOpen(input.isLocal)) && !(await this.#isOwner(input.invitedBy)))
      throw new AppError('registration_closed', 'This installation takes registrations from its owner only.');
    const user = await throttle.attempt(input.address, `register ${email}`, async () => {
      const passwordHash = await passwords.hash(input.password);
      return store.users.create({ id: ids.next(), email, passwordHash, at: clock.now(), language: input.language ?? 'en' });
    });
    if (user === null) throw new AppError('email_taken', `${email} is registered already.`, [{ field: 'email', message: 'is registered already' }]);
    return user;
  }

  /** Begins a session. Throws AppError `invalid_credentials` (the same for an unknown e-mail and a wrong password) or `rate_limited`. */
  async login(input: { readonly email: string; readonly password: string } & LoginOrigin): Promise<Session> {
    const { store, throttle, clock, ids, digest, deviceDigest } = this.#parts;
    const email = normaliseEmail(input.email);
    const user = await throttle.attempt(input.address, email, () => this.#verify(email, input.password));
    if (user === null) {
      await this.#failed.note(email, input.address);
      throw new AppError('invalid_credentials', 'The e-mail or the password is wrong.');
    }
    this.#failed.forget(email);
    const refreshToken = ids.secret(TOKEN_BYTES);
    const id = ids.next();
    const at = clock.now();
    await store.refreshTokens.insert(
      { id: ids.next(), userId: user.id, familyId: id, tokenHash: digest(refreshToken), expiresAt: at + REFRESH_TOKEN_TTL_MS },
      loginDevice({ userId: user.id, id }, input, at, deviceDigest),
    );
    return { userId: user.id, id, refreshToken };
  }

  /**
   * Exchanges a refresh token for the next one. A token used twice closes its whole session: of two tabs that refresh
   * at once only the first wins, and the other shows that the token may be in wrong hands.
   */
  async refresh(token: string): Promise<Session> {
    const { store, clock, ids, digest } = this.#parts;
    const refreshToken = ids.secret(TOKEN_BYTES);
    const at = clock.now();
    const rotated = await store.refreshTokens.rotate(
      digest(token),
      { id: ids.next(), tokenHash: digest(refreshToken), expiresAt: at + REFRESH_TOKEN_TTL_MS },
      at,
    );
    if (rotated.outcome === 'rotated') return { userId: rotated.userId, id: rotated.familyId, refreshToken };
    if (rotated.outcome === 'reused') throw new AppError('refresh_token_reused', 'This refresh token was used before. All tokens of that session are revoked.');
    throw new AppError('refresh_token_invalid', 'The refresh token is unknown, expired or revoked.');
  }

  /** Ends the session a refresh token belongs to and names it; a token nobody knows changes nothing. */
  async logout(token: string): Promise<string | null> {
    const { store, digest, clock } = this.#parts;
    return (await store.refreshTokens.revokeFamilyOf(digest(token), clock.now()))?.familyId ?? null;
  }

  /** Throws AppError `unauthenticated` when the user is gone. */
  async me(userId: string): Promise<UserRecord> {
    const user = await this.#parts.store.users.byId(userId);
    if (user === null) throw new AppError('unauthenticated', 'The user of this token does not exist any more.');
    return user;
  }

  async #isOwner(userId: string | null): Promise<boolean> {
    return userId !== null && this.#parts.registration !== 'closed' && (await this.#parts.store.users.byId(userId))?.role === 'owner';
  }

  async #verify(email: string, password: string): Promise<UserRecord | null> {
    const user = await this.#parts.store.users.byEmail(email);
    const isHashable = byteLength(password) <= MAX_PASSWORD_BYTES;
    const matches = await this.#parts.passwords.matches(isHashable ? password : '', user?.passwordHash ?? (await this.#decoy));
    return user !== null && matches && isHashable ? user : null;
  }
}

function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

function checkPassword(password: string, email: string): void {
  const problem = problemOfPassword(password, email);
  if (problem !== null) throw new AppError('validation_failed', `password ${problem}`, [{ field: 'password', message: problem }]);
}

function problemOfPassword(password: string, email: string): string | null {
  if ([...password].length < MIN_PASSWORD_LENGTH) return `must be at least ${MIN_PASSWORD_LENGTH} characters long`;
  const bytes = byteLength(password);
  if (bytes > MAX_PASSWORD_BYTES)
    return `is ${bytes} bytes long; at most ${MAX_PASSWORD_BYTES} are taken into account, so a longer one is refused (letters beyond ASCII count two bytes or more)`;
  if (password.includes('\0')) return 'must not contain the character NUL';
  return password.toLowerCase() === email ? 'must not be the e-mail' : null;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
