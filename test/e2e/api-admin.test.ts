/** Whoever is not the owner is refused by every path under /admin, before anything of the request is read. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Api, ask, type Caller, openApi } from './_api.ts';

let database: TestStore;
let api: Api;
let owner: Caller;
let user: Caller;

beforeAll(async () => {
  database = await createTestStore();
  api = await openApi(database.store);
  owner = await api.user();
  user = await api.user();
});

afterAll(async () => {
  await api.server.close();
  await database.drop();
});

type Method = Parameters<Caller['call']>[0];
interface Documented {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, { readonly description: string }>> }>>>>;
}

/** Every operation under /admin, as the server itself documents it. */
async function adminOperations(): Promise<readonly { readonly method: Method; readonly url: string; readonly refusal: string | undefined }[]> {
  const { paths } = (await api.server.inject('/openapi.json')).json<Documented>();
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/v1/admin/'))
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { responses }]) => ({
        method: method.toUpperCase() as Method,
        url: path.replaceAll(/\{\w+\}/g, 'some-id'),
        refusal: responses['403']?.description,
      })),
    );
}

describe('every path under /admin', () => {
  it('is closed to whoever is not logged in, forbidden to users whatever they send, open to the owner, and documented so', async () => {
    const operations = await adminOperations();
    expect(operations.length).toBeGreaterThanOrEqual(6);
    for (const { method, url, refusal } of operations) {
      const body = method === 'GET' ? undefined : '{"not": json';
      const anonymous = await ask(api.server, method, url, body);
      expect([anonymous.status, anonymous.problem.code], `${method} ${url} without a token`).toEqual([401, 'unauthenticated']);
      const refused = await user.call(method, url, body);
      expect([refused.status, refused.problem.code], `${method} ${url} for a user`).toEqual([403, 'forbidden']);
      const answered = await owner.call(method, url, body);
      expect([401, 403], `${method} ${url} for the owner`).not.toContain(answered.status);
      expect(refusal, `${method} ${url} in the document`).toContain('`forbidden`');
    }
  });

  it('is guarded however its address is written', async () => {
    for (const url of ['/api/v1/%61dmin/runners', '/%61pi/v1/admin/runners', '/api/admin/runners', '/api/v1/admin/runners?x=1']) {
      expect((await ask(api.server, 'GET', url)).status, url).toBe(401);
      expect((await ask(api.server, 'GET', url, undefined, { authorization: `Bearer ${user.accessToken}` })).status, url).toBe(403);
    }
    expect((await ask(api.server, 'GET', '/%61pi/v1/bots')).status).toBe(401);
    expect((await user.call('GET', '/api/v1/admin/nothing')).status).toBe(404);
  });
});
