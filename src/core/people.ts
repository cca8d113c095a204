/** Users of an installation and their sessions, as they are kept. */

import type { Language } from './notices/notice.ts';

export type Role = 'owner' | 'user';

export interface UserRecord {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly role: Role;
  readonly createdAt: number;
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
