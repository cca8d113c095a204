/** Users of an installation and their sessions, as they are kept. */

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
