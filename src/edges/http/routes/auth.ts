/** Registration, login and sessions. */
import { z } from 'zod';
import { SESSION_ENDED } from '#app/live/attendance.ts';
import type { Session } from '#app/people/users.ts';
import { ACCESS_TOKEN_TTL_S } from '../access-tokens.ts';
import { languageOf } from '../language.ts';
import { isLocal } from '../local-request.ts';
import type { RouteParts } from '../parts.ts';
import { addressGroup } from '../request-limits.ts';
import { type HttpServer, operation } from '../route.ts';
import { Login, presentUser, RefreshTokenInput, Registration, Tokens, User } from '../schemas/auth.ts';

const tags = ['auth'];

const REGISTER = operation({
  tags,
  operationId: 'register',
  summary: 'Register',
  description:
    'Makes a user. The first one becomes the owner of the installation. After that registration is open to requests from the own machine of the server; for others it is by invitation: the owner registers others by sending the own access token along. A token that is not valid counts as none.',
  body: Registration,
  response: { 201: User },
  problems: ['registration_closed', 'email_taken', 'rate_limited'],
});

const LOGIN = operation({
  tags,
  operationId: 'login',
  summary: 'Log in',
  description: 'Begins a session. Attempts are limited per address and per e-mail; the answer to a wrong password and to an unknown e-mail is the same.',
  body: Login,
  response: { 200: Tokens },
  problems: ['invalid_credentials', 'rate_limited'],
});

const REFRESH = operation({
  tags,
  operationId: 'refresh',
  summary: 'Go on with a session',
  description:
    'Exchanges a refresh token for the next pair. Each works once; one that comes a second time closes the whole session, because it may have been stolen.',
  body: RefreshTokenInput,
  response: { 200: Tokens },
  problems: ['refresh_token_invalid', 'refresh_token_reused'],
});

const LOGOUT = operation({
  tags,
  operationId: 'logout',
  summary: 'Log out',
  description: 'Ends the session of a refresh token. Its access token lapses within ten minutes.',
  body: RefreshTokenInput,
  response: { 204: z.undefined().describe('Logged out.') },
});

const ME = operation({ tags, operationId: 'me', summary: 'Who am I', description: 'The user of the access token.', response: { 200: User } });

export function addAuthRoutes(server: HttpServer, { users, accessTokens, bus }: RouteParts): void {
  const config = { isPublic: true };
  const tokens = async (session: Session): Promise<z.output<typeof Tokens>> => ({
    access_token: await accessTokens.issue({ userId: session.userId, sessionId: session.id }),
    refresh_token: session.refreshToken,
    token_type: 'bearer',
    expires_in: ACCESS_TOKEN_TTL_S,
  });

  server.post('/auth/register', { config, schema: REGISTER }, async (request, reply) => {
    // A browser sends along what it has from a former session; that must not keep anybody from registering.
    const invitedBy = await accessTokens.userIfAny(request.headers.authorization);
    const user = await users.register({
      ...request.body,
      language: languageOf(request.headers['accept-language']),
      address: request.ip,
      isLocal: isLocal(request),
      invitedBy,
    });
    return reply.code(201).send(presentUser(user));
  });

  server.post('/auth/login', { config, schema: LOGIN }, async (request) => {
    const { ip, headers } = request;
    return tokens(await users.login({ ...request.body, address: ip, network: addressGroup(ip), agent: headers['user-agent'] ?? '' }));
  });

  server.post('/auth/refresh', { config, schema: REFRESH }, async (request) => tokens(await users.refresh(request.body.refresh_token)));

  server.post('/auth/logout', { config, schema: LOGOUT }, async (request, reply) => {
    const sessionId = await users.logout(request.body.refresh_token);
    // Sockets of that session close at once; where this word is lost, within seconds.
    if (sessionId !== null) bus.publish(SESSION_ENDED, { sessionId });
    return reply.code(204).send();
  });

  server.get('/auth/me', { schema: ME }, async (request) => presentUser(await users.me(request.userId)));
}
