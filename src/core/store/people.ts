/** Users of an installation and their sessions, as they are kept. */

import type { NewFact } from '../facts.ts';
import type { Language } from '../notices/notice.ts';

export type Role = 'owner' | 'user';

export interface UserRecord {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly role: Role;
  readonly createdAt: number;
}

/** Opens one socket within seconds; kept as a digest. */
export interface SocketTicketRecord {
  readonly tokenHash: string;
  readonly userId: string;
  /** The session it was asked for in. */
  readonly familyId: string;
  readonly expiresAt: number;
}

export interface RefreshTokenRecord {
  readonly id: string;
  readonly userId: string;
  /** All tokens that stem from one login. */
  readonly familyId: string;
  readonly tokenHash: string;
  readonly expiresAt: number;
}

export interface UserStore {
  /** `null` when the e-mail is taken. The first user ever becomes owner. */
  create(user: {
    readonly id: string;
    readonly email: string;
    readonly passwordHash: string;
    readonly at: number;
    /** In which he is told things at first. */
    readonly language?: Language;
  }): Promise<UserRecord | null>;
  /** Whoever looks after the installation; `null` before there is anybody. */
  owner(): Promise<UserRecord | null>;
  count(): Promise<number>;
  byEmail(email: string): Promise<UserRecord | null>;
  byId(id: string): Promise<UserRecord | null>;
}

/** From where a session is begun, and what is told if that is new. */
export interface LoginDevice {
  readonly deviceHash: string;
  readonly at: number;
  /** A device that was last used before is new again. */
  readonly knownSince: number;
  /** Devices kept of a user; those used longest ago are forgotten first. */
  readonly most: number;
  readonly fact: NewFact;
}

export interface RefreshTokenStore {
  /** Begins a session. With a device, its fact is told in the same transaction if the user has logged in before, but not from there. */
  insert(token: RefreshTokenRecord, device?: LoginDevice): Promise<void>;
  /**
   * Marks the token used and inserts its successor, atomically. `reused` (whole family revoked) when it was used before,
   * `invalid` when it is unknown, expired or revoked.
   */
  rotate(
    tokenHash: string,
    next: { readonly id: string; readonly tokenHash: string; readonly expiresAt: number },
    at: number,
  ): Promise<{ readonly outcome: 'rotated'; readonly userId: string; readonly familyId: string } | { readonly outcome: 'reused' | 'invalid' }>;
  /** The session that was ended; `null` for a token nobody knows. */
  revokeFamilyOf(tokenHash: string, at: number): Promise<{ readonly userId: string; readonly familyId: string } | null>;
  /** Those of these sessions that go on. Not reachable by users. */
  aliveAmong(familyIds: readonly string[], at: number): Promise<ReadonlySet<string>>;
}

export interface SocketTicketStore {
  insert(ticket: SocketTicketRecord, at: number): Promise<void>;
  /** Uses it up; `null` when it is unknown, used or too old. */
  take(tokenHash: string, at: number): Promise<{ readonly userId: string; readonly familyId: string } | null>;
}
