/**
 * Access tokens: short-lived, signed with one algorithm for one purpose, so that nothing has to be looked up for a request.
 */
import { createHash } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { AppError } from '#core/errors.ts';
import type { Clock, Ids } from '#core/ports.ts';

export const ACCESS_TOKEN_TTL_S = 600;
const TYPE = 'at+jwt';
const ISSUER = 'argosy';
const AUDIENCE = 'argosy:api';
const MIN_SECRET_LENGTH = 32;
/** Tokens whose signature was checked, remembered until they end; checking takes longer than all else about a small request. */
export const MAX_REMEMBERED = 10_000;

/** Who holds a token, and the session it belongs to. */
export interface Holder {
  readonly userId: string;
  readonly sessionId: string;
}

interface Checked extends Holder {
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

export class AccessTokens {
  readonly #key: Uint8Array;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #checked = new Map<string, Checked>();

  constructor(secret: string, clock: Clock, ids: Ids) {
    if (secret.length < MIN_SECRET_LENGTH)
      throw new AppError('configuration_invalid', `The secret for access tokens has fewer than ${MIN_SECRET_LENGTH} characters.`);
    this.#key = new TextEncoder().encode(secret);
    this.#clock = clock;
    this.#ids = ids;
  }

  get remembered(): number {
    return this.#checked.size;
  }

  issue({ userId, sessionId }: Holder): Promise<string> {
    const at = Math.floor(this.#clock.now() / 1000);
    return new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: 'HS256', typ: TYPE })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(userId)
      .setJti(this.#ids.next())
      .setIssuedAt(at)
      .setExpirationTime(at + ACCESS_TOKEN_TTL_S)
      .sign(this.#key);
  }

  /** The user of an `Authorization` header, or `null` when there is none that is valid now: for routes that anybody may call. */
  async userIfAny(header: string | undefined): Promise<string | null> {
    try {
      return await this.userOf(header);
    } catch (error) {
      if (error instanceof AppError && error.code === 'unauthenticated') return null;
      throw error;
    }
  }

  /** The user of an `Authorization` header. Throws AppError `unauthenticated`. */
  async userOf(header: string | undefined): Promise<string> {
    return (await this.holderOf(header)).userId;
  }

  /** The user and session of an `Authorization` header. Throws AppError `unauthenticated`. */
  async holderOf(header: string | undefined): Promise<Holder> {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header ?? '')?.[1];
    if (token === undefined) throw new AppError('unauthenticated', 'This needs an access token in the header Authorization.');
    const key = digestOfToken(token);
    const known = this.#checked.get(key);
    if (known !== undefined && this.#clock.now() < known.endsAt) return known;
    const checked = await this.#check(token);
    this.#remember(key, checked);
    return checked;
  }

  #remember(key: string, checked: Checked): void {
    this.#checked.delete(key);
    this.#checked.set(key, checked);
    const oldest = this.#checked.keys().next();
    if (this.#checked.size > MAX_REMEMBERED && oldest.done === false) this.#checked.delete(oldest.value);
  }

  async #check(token: string): Promise<Checked> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: ['HS256'],
        typ: TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'sid', 'exp', 'iat'],
        currentDate: new Date(this.#clock.now()),
      });
      const { sub: userId, exp, sid: sessionId } = payload;
      if (userId !== undefined && exp !== undefined && typeof sessionId === 'string') return { userId, sessionId, endsAt: exp * 1_000 };
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new AppError('unauthenticated', 'The access token has expired; refresh it.');
      if (!(error instanceof errors.JOSEError)) throw error;
    }
    throw new AppError('unauthenticated', 'The access token is not valid.');
  }
}

/** The form in which tokens are kept: nobody can guess one, so one round of SHA-256 hides them for good. */
export function digestOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
