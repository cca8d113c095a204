/** The API asked in this process, without a network: in the name of one user, whose rights hold as ever. */
import type { FastifyInstance } from 'fastify';
import { AppError, type ErrorCode } from '#core/errors.ts';
import type { Issue, Text } from '#core/params.ts';
import type { UserRecord } from '#core/store/people.ts';
import type { Store } from '#core/store/store.ts';
import type { AccessTokens } from './access-tokens.ts';
import { API_PREFIX } from './route.ts';

/** Where such requests come from, in the audit log too. */
const COMMAND_LINE = 'command line';

/** The person with an e-mail, or the owner without one. Throws AppError `not_found`. */
export async function personOf(store: Store, email: string | undefined): Promise<UserRecord> {
  const found = email === undefined ? await store.users.owner() : await store.users.byEmail(email);
  if (found !== null) return found;
  if (email === undefined) throw new AppError('not_found', 'There is nobody here yet. Make an account first: argosy user add you@example.org');
  throw new AppError('not_found', `There is nobody with the e-mail ${JSON.stringify(email)}.`, [{ field: '--user', message: 'is nobody here' }]);
}

type Method = 'GET' | 'POST' | 'DELETE';

/** `isAlone` is passed on. What is refused rejects with the AppError of the refusal. */
export function inProcessApi(
  app: FastifyInstance,
  { tokens, userId, language, isAlone }: { readonly tokens: AccessTokens; readonly userId: string; readonly language: keyof Text; readonly isAlone: boolean },
) {
  const request = async (method: Method, path: string, body?: { readonly type: string; readonly text: string }): Promise<string> => {
    const answer = await app.inject({
      method,
      url: `${API_PREFIX}${path}`,
      remoteAddress: COMMAND_LINE,
      headers: {
        // Made for each request, as it lasts for minutes and a search for hours; of no session, so it opens no socket.
        authorization: `Bearer ${await tokens.issue({ userId, sessionId: COMMAND_LINE })}`,
        'accept-language': language,
        ...(body === undefined ? {} : { 'content-type': body.type }),
      },
      ...(body === undefined ? {} : { payload: body.text }),
    });
    if (answer.statusCode >= 400) throw refusalIn(answer.body);
    return answer.body;
  };
  const parsed = (text: string): unknown => (text === '' ? null : JSON.parse(text));
  return {
    ask: async (method: Method, path: string, body?: unknown) =>
      parsed(await request(method, path, body === undefined ? undefined : { type: 'application/json', text: JSON.stringify(body) })),
    read: (path: string) => request('GET', path),
    send: async (path: string, type: string, text: string) => parsed(await request('POST', path, { type, text })),
    isAlone,
  };
}

function refusalIn(body: string): AppError {
  const { code, detail, errors } = JSON.parse(body) as { readonly code: ErrorCode; readonly detail: string; readonly errors: readonly Issue[] };
  return new AppError(code, detail, errors);
}
