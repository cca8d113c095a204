/** Registration, login and sessions. */
import { z } from 'zod';
import { ACCESS_TOKEN_TTL_S } from '../access-tokens.ts';
import type { RouteParts } from '../parts.ts';
import type { HttpServer } from '../route.ts';
import { Login, presentUser, RefreshTokenInput, Registration, Tokens, User } from '../schemas/auth.ts';

export function addAuthRoutes(server: HttpServer, { users, accessTokens }: RouteParts): void {
  const tags = ['auth'];
  const config = { isPublic: true };
  const tokens = async (session: { readonly userId: string; readonly refreshToken: string }): Promise<z.output<typeof Tokens>> => ({
    access_token: await accessTokens.issue(session.userId),
    refresh_token: session.refreshToken,
    token_type: 'bearer',
    expires_in: ACCESS_TOKEN_TTL_S,
  });

  server.post(
    '/auth/register',
    {
      config,
      schema: {
        tags,
        operationId: 'register',
        summary: 'Register',
        description: 'Makes a user. The first one becomes the owner of the installation; after that registration may be open, by invitation or closed.',
        body: Registration,
        response: { 201: User },
        problems: ['registration_closed', 'email_taken', 'rate_limited'],
      },
    },
    async (request, reply) => {
      const user = await users.register({ ...request.body, address: request.ip });
      return reply.code(201).send(presentUser(user));
    },
  );

  server.post(
    '/auth/login',
    {
      config,
      schema: {
        tags,
        operationId: 'login',
        summary: 'Log in',
        description: 'Begins a session. Attempts are limited per address and per e-mail; the answer to a wrong password and to an unknown e-mail is the same.',
        body: Login,
        response: { 200: Tokens },
        problems: ['invalid_credentials', 'rate_limited'],
      },
    },
    async (request) => tokens(await users.login({ ...request.body, address: request.ip })),
  );

  server.post(
    '/auth/refresh',
    {
      config,
      schema: {
        tags,
        operationId: 'refresh',
        summary: 'Go on with a session',
        description: 'Exchanges a refresh token for the next pair. Each works once; one that comes a second time closes the whole session, because it may have been stolen.',
        body: RefreshTokenInput,
        response: { 200: Tokens },
        problems: ['refresh_token_invalid', 'refresh_token_reused'],
      },
    },
    async (request) => tokens(await users.refresh(request.body.refresh_token)),
  );

  server.post(
    '/auth/logout',
    {
      config,
      schema: {
        tags,
        operationId: 'logout',
        summary: 'Log out',
        description: 'Ends the session of a refresh token. Its access token lapses within ten minutes.',
        body: RefreshTokenInput,
        response: { 204: z.undefined().describe('Logged out.') },
      },
    },
    async (request, reply) => {
      await users.logout(request.body.refresh_token);
      return reply.code(204).send();
    },
  );

  server.get(
    '/auth/me',
    { schema: { tags, operationId: 'me', summary: 'Who am I', description: 'The user of the access token.', response: { 200: User } } },
    async (request) => presentUser(await users.me(request.userId)),
  );
}
