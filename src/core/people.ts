/** Users of an installation and their sessions, as they are kept. */

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
