/**
 * Secrets that are put in never come out: not in an answer, not in a header, not in a log line, not in a row of the
 * database in clear. Each secret is a word that stands nowhere else, so finding it anywhere is a leak.
 */
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLog } from '#adapters/log.ts';
import { bcryptPasswords } from '#adapters/passwords.ts';
import { type Answer, type Api, ask, GRID, openApi } from '#test/e2e/_api.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';

const SECRETS = {
  password: 'CANARYpassword7731',
  wrongPassword: 'CANARYwrongpw7731',
  apiKey: 'CANARYapikey7731abcd',
  apiSecret: 'CANARYsecret7731abcd',
  passphrase: 'CANARYphrase7731abcd',
  refusedKey: 'CANARYwithdraw7731',
  refusedSecret: 'CANARYrefused7731',
} as const;

let database: TestStore;
let api: Api;
let output: PassThrough;
let closeLog: () => Promise<void>;

beforeAll(async () => {
  database = await createTestStore();
  output = new PassThrough();
  const opened = await openLog({ level: 'debug', file: null, output, readableFrom: null });
  closeLog = opened.close;
  api = await openApi(database.store, { log: opened.log, passwords: bcryptPasswords() });
});
afterAll(() => database.drop());

it('keeps every secret that was ever given', async () => {
  const answers: Answer[] = [];
  const tokens: string[] = [];
  const email = 'ada@example.org';
  const visit = async (...request: Parameters<typeof ask> extends [unknown, ...infer Rest] ? Rest : never): Promise<Answer> => {
    const answer = await ask(api.server, ...request);
    answers.push(answer);
    return answer;
  };
  const auth = '/api/v1/auth';
  await visit('POST', `${auth}/register`, { email, password: SECRETS.password });
  await visit('POST', `${auth}/register`, { email, password: SECRETS.password });
  await visit('POST', `${auth}/register`, { email: SECRETS.password, password: SECRETS.password, [SECRETS.wrongPassword.slice(0, 3)]: 1 });
  await visit('POST', `${auth}/login`, { email, password: SECRETS.wrongPassword });
  await visit('POST', `${auth}/login`, `{"email": "${email}", "password": "${SECRETS.wrongPassword}"`);
  await visit('POST', `${auth}/login`, { email, password: [SECRETS.wrongPassword] });
  const login = await ask(api.server, 'POST', `${auth}/login`, { email, password: SECRETS.password });
  tokens.push(login.body.access_token, login.body.refresh_token);
  const refreshed = await ask(api.server, 'POST', `${auth}/refresh`, { refresh_token: login.body.refresh_token });
  tokens.push(refreshed.body.access_token, refreshed.body.refresh_token);
  await visit('POST', `${auth}/refresh`, { refresh_token: login.body.refresh_token });
  await visit('POST', `${auth}/logout`, { refresh_token: refreshed.body.refresh_token });

  const headers = { authorization: `Bearer ${login.body.access_token}` };
  const keys = { api_key: SECRETS.apiKey, api_secret: SECRETS.apiSecret };
  const account = await visit('POST', '/api/v1/accounts', { name: 'Savings', exchange: 'binance', ...keys }, headers);
  await visit('POST', '/api/v1/accounts', { name: 'Again', exchange: 'binance', ...keys }, headers);
  await visit('POST', '/api/v1/accounts', { name: 'Other', exchange: 'kucoin', ...keys, passphrase: SECRETS.passphrase }, headers);
  await visit('POST', '/api/v1/accounts', { name: 'Refused', exchange: 'binance', api_key: SECRETS.refusedKey, api_secret: SECRETS.refusedSecret }, headers);
  await visit('POST', '/api/v1/accounts', { name: 'Refused', exchange: 'paper', ...keys }, headers);
  await visit(
    'POST',
    '/api/v1/accounts',
    { name: '', exchange: 'binance', api_key: { key: SECRETS.apiKey }, api_secret: `${SECRETS.apiSecret} with blanks` },
    headers,
  );
  api.binance.isUp = false;
  await visit('POST', '/api/v1/accounts', { name: 'Down', exchange: 'binance', api_key: SECRETS.refusedSecret, api_secret: SECRETS.refusedKey }, headers);
  await visit('POST', `/api/v1/accounts/${account.body.id}/test`, undefined, headers);
  api.binance.isUp = true;
  await visit('PATCH', `/api/v1/accounts/${account.body.id}`, { name: 'Renamed', ...keys }, headers);
  await visit('POST', '/api/v1/bots', { name: 'b', strategy: 'grid', symbol: 'BTC/USDT', exchange: 'binance', ...keys, config: GRID }, headers);
  await visit(
    'POST',
    '/api/v1/bots',
    { name: 'b', strategy: 'grid', symbol: 'BTC/USDT', exchange: 'binance', ...keys, passphrase: SECRETS.passphrase, config: {} },
    headers,
  );
  for (const path of [
    '/accounts',
    `/accounts/${account.body.id}`,
    `/accounts/${account.body.id}/balances`,
    '/bots',
    '/orders',
    '/auth/me',
    `/nope?token=${SECRETS.password}`,
  ])
    await visit('GET', `/api/v1${path}`, undefined, headers);
  await visit('GET', '/');

  expect(account.status).toBe(201);
  const places = {
    answers: answers.map(({ text, headers: sent }) => `${text}\n${JSON.stringify(sent)}`).join('\n'),
    log: String(output.read() ?? ''),
    database: await everyRow(),
  };
  expect(places.log, 'the log was really read').toContain('request answered');
  expect(places.database, 'the database was really read').toContain('ada@example.org');
  for (const [place, text] of Object.entries(places)) {
    for (const [name, secret] of Object.entries(SECRETS)) expect(text.includes(secret), `${name} in ${place}`).toBe(false);
    for (const token of tokens) expect(text.includes(token), `a token in ${place}`).toBe(false);
    expect(/CANARY/.test(text), `part of a secret in ${place}`).toBe(false);
  }
  expect(places.answers, 'password hashes stay inside').not.toMatch(/\$2[aby]\$/);
  expect(places.log).not.toMatch(/\$2[aby]\$/);
  await closeLog();
});

/** The whole database as text. */
async function everyRow(): Promise<string> {
  const tables = await database.query<{ name: string }>(`select table_name as name from information_schema.tables where table_schema = 'public'`);
  const rows: unknown[] = [];
  for (const { name } of tables) rows.push(await database.query(`select to_jsonb(t)::text as row from "${name}" t`));
  return JSON.stringify(rows);
}
