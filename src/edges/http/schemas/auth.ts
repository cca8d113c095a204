/** Wire shapes of registration, login and sessions. */
import { z } from 'zod';
import { MAX_PASSWORD_BYTES, MIN_PASSWORD_LENGTH } from '#app/people/users.ts';
import type { UserRecord } from '#core/store/people.ts';
import { isoTime, timeOutput } from './shared-pieces.ts';

const email = z
  .preprocess((value) => (typeof value === 'string' ? value.trim() : value), z.email('must be an e-mail address such as name@example.org').max(254))
  .describe('E-mail address; upper and lower case are the same.');

export const Registration = z
  .strictObject({
    email,
    password: z
      .string()
      .max(1024)
      .describe(`Password of at least ${MIN_PASSWORD_LENGTH} characters and at most ${MAX_PASSWORD_BYTES} bytes; a longer one is refused, not cut.`),
  })
  .meta({
    id: 'Registration',
    description: 'Who wants to register.',
    examples: [{ email: 'ada@example.org', password: 'a long sentence is a good password' }],
  });

export const Login = z
  .strictObject({ email, password: z.string().max(1024).describe('The password.') })
  .meta({ id: 'Login', description: 'Who wants to log in.', examples: [{ email: 'ada@example.org', password: 'a long sentence is a good password' }] });

export const RefreshTokenInput = z
  .strictObject({ refresh_token: z.string().min(1).max(256).describe('The newest refresh token of the session.') })
  .meta({ id: 'RefreshToken', description: 'The session in question.', examples: [{ refresh_token: 'Zk0q3v7y2mJx5u8rB1nC4tD6wE9aF_hGiKlMoPqRsTs' }] });

export const Tokens = z
  .object({
    access_token: z.string().describe('Send it as `Authorization: Bearer …`.'),
    refresh_token: z.string().describe('Exchange it once at `/auth/refresh` for the next pair; using it twice closes the session.'),
    token_type: z.literal('bearer').describe('How to send the access token.'),
    expires_in: z.int().describe('Seconds until the access token expires.'),
  })
  .meta({
    id: 'Tokens',
    description: 'A session.',
    examples: [
      {
        access_token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln',
        refresh_token: 'Zk0q3v7y2mJx5u8rB1nC4tD6wE9aF_hGiKlMoPqRsTs',
        token_type: 'bearer',
        expires_in: 600,
      },
    ],
  });

export const User = z
  .object({
    id: z.string().describe('Id of the user.'),
    email: z.string().describe('E-mail address.'),
    role: z.enum(['owner', 'user']).describe('`owner` is the first user of the installation.'),
    created_at: timeOutput.describe('When the user registered.'),
  })
  .meta({
    id: 'User',
    description: 'A user of this installation.',
    examples: [{ id: '0198f5a2-6d1c-7c33-9b1e-4f6a1d2b3c4d', email: 'ada@example.org', role: 'owner', created_at: '2026-11-20T07:00:00.000Z' }],
  });

export function presentUser(user: UserRecord): z.output<typeof User> {
  return { id: user.id, email: user.email, role: user.role, created_at: isoTime(user.createdAt) };
}
