/** The commands by which the owner logs in at Telegram and out again, and what of it may be seen anywhere: nothing that is a secret. */
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { randomIds } from '#adapters/ids.ts';
import { openLog } from '#adapters/log.ts';
import { telegramUsers } from '#adapters/telegram-user/telegram-user.ts';
import { aesVault } from '#adapters/vault.ts';
import { parseConfig } from '#config';
import { AppError } from '#core/errors.ts';
import type { Log } from '#core/ports.ts';
import { sessionContext } from '#core/telegram-user/store.ts';
import type { Operator } from '#edges/cli/operator.ts';
import { runCli } from '#edges/cli/program.ts';
import { MAX_TRIES } from '#edges/cli/telegram/login.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { scriptedTerminal } from '#test/support/scripted-terminal.ts';
import { MtprotoSimulator } from '#test/telegram/mtproto/simulator.ts';

const PASSWORD = 'CANARYpassword 7731';
const WRONG = 'CANARYwrong 7731';
const MASTER_KEY = '0'.repeat(64);
const TEST_MS = 60_000;

let telegram: MtprotoSimulator;
let database: TestStore;
let output: PassThrough;
let log: Log;
let closeLog: () => Promise<void>;
let printed: string[];
let asked: string[];
beforeEach(async () => {
  telegram = await MtprotoSimulator.open();
  database = await createTestStore();
  output = new PassThrough();
  const opened = await openLog({ level: 'debug', file: null, output, readableFrom: null });
  log = opened.log;
  closeLog = opened.close;
  printed = [];
  asked = [];
});
afterEach(async () => {
  await telegram.close();
  await database.drop();
});

async function argosy(args: readonly string[], answers: readonly string[] = [], isOn = true): Promise<{ readonly code: number; readonly text: string }> {
  const scripted = scriptedTerminal((text) => void printed.push(text), answers);
  const askSecret = (question: string): Promise<string | null> => {
    asked.push(question);
    return scripted.askSecret(question);
  };
  const terminal = { ...scripted, askSecret };
  const { id: apiId, hash: apiHash } = telegram.api;
  const from = printed.length;
  const operator = {
    ...{ language: 'en', version: '1', clock: new ManualClock(Date.now()), ids: randomIds, terminal, log },
    database: { use: <Result>(work: (store: TestStore['store']) => Promise<Result>) => work(database.store) },
    vault: () => aesVault(MASTER_KEY),
    telegramUsers: async () => (isOn ? telegramUsers({ apiId, apiHash, version: '1', standIn: telegram.address }) : null),
  } as unknown as Operator;
  const surroundings = { language: 'en' as const, version: '1', print: terminal.print, complain: terminal.print, operator: () => operator };
  const code = await runCli(args, surroundings).catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    log.error({ err: error }, 'refused');
    printed.push(error.message);
    return 1;
  });
  return { code, text: printed.slice(from).join('\n') };
}

async function addOwner(): Promise<void> {
  await database.store.users.create({ id: 'ann', email: 'ann@example.org', passwordHash: 'none', at: 1 });
}

it('logs in by phone, code and password, keeps the session sealed, and ends it at Telegram', { timeout: TEST_MS }, async () => {
  telegram.account.password = PASSWORD;
  expect(await argosy(['telegram', 'login'])).toMatchObject({ code: 1, text: expect.stringContaining('There is no owner yet') });
  await addOwner();
  expect((await argosy(['telegram', 'status'])).text).toContain('Nobody is logged in');
  const login = await argosy(['telegram', 'login'], [telegram.account.phone, '13579', telegram.account.code, WRONG, PASSWORD]);
  expect(login).toMatchObject({ code: 0, text: expect.stringContaining('Logged in at Telegram as Ann Owner, for ann@example.org') });
  expect(login.text).toContain('The code is wrong');
  expect(login.text).toContain('The password is wrong');
  const session = await database.store.telegramUser.session();
  if (session === null) throw new Error('no session');
  const opened = aesVault(MASTER_KEY).open(session.sealed, sessionContext(session));
  expect(opened.length).toBeGreaterThan(300);
  expect(() => aesVault(MASTER_KEY).open(session.sealed, sessionContext({ ...session, userId: 'bob' }))).toThrow('cannot be opened');
  expect(await argosy(['telegram', 'status'])).toMatchObject({ code: 0, text: 'Ann Owner: logged in' });
  expect(await argosy(['telegram', 'login'])).toMatchObject({ code: 1, text: expect.stringContaining('argosy telegram logout') });
  const rows: unknown[] = [];
  const tables = await database.query<{ name: string }>(`select table_name as name from information_schema.tables where table_schema = 'public'`);
  for (const { name } of tables) rows.push(...(await database.query(`select * from "${name}"`)));
  expect(JSON.stringify(rows)).toContain(session.sealed);
  expect(await argosy(['telegram', 'logout'])).toMatchObject({ code: 0, text: expect.stringContaining('has ended') });
  expect(telegram.sessions).toBe(0);
  expect((await argosy(['telegram', 'logout'])).text).toContain('There is no session');

  await closeLog();
  const logged = (output.read() as Buffer | null)?.toString() ?? '';
  const seen = [...printed, ...asked, logged, JSON.stringify(rows)].join('\n');
  const secrets = [
    PASSWORD,
    WRONG,
    '13579',
    telegram.account.code,
    telegram.account.phone,
    telegram.account.phone.slice(1),
    telegram.api.hash,
    opened,
    opened.slice(60, 120),
  ];
  for (const secret of secrets) expect(seen, secret).not.toContain(secret);
});

it('gives up after so many wrong codes, and leaves nothing behind', { timeout: TEST_MS }, async () => {
  await addOwner();
  const answers = [telegram.account.phone, ...Array.from({ length: MAX_TRIES }, () => '11111'), telegram.account.code];
  expect(await argosy(['telegram', 'login'], answers)).toMatchObject({ code: 1, text: expect.stringContaining('The code is wrong') });
  expect(await database.store.telegramUser.session()).toBeNull();
  expect(telegram.sessions).toBe(0);
  expect(await argosy(['telegram', 'login'], [telegram.account.phone])).toMatchObject({ code: 1, text: expect.stringContaining('at a terminal') });
});

it('does nothing while the switch is off, and says how it is switched on', async () => {
  await addOwner();
  expect(await argosy(['telegram', 'login'], [], false)).toMatchObject({ code: 1, text: expect.stringContaining('ARGOSY_TELEGRAM_USER=on') });
  expect(telegram.requests).toEqual([]);
});

it('says that Telegram has not heard of the end, and forgets it only when told so', { timeout: TEST_MS }, async () => {
  await addOwner();
  await argosy(['telegram', 'login'], [telegram.account.phone, telegram.account.code]);
  telegram.refuse('auth.logOut', 500, 'INTERNAL');
  expect(await argosy(['telegram', 'logout'])).toMatchObject({ code: 1, text: expect.stringContaining('--forget') });
  expect((await argosy(['telegram', 'status'])).text).toContain('being ended');
  expect(await argosy(['telegram', 'logout', '--forget'], [], false)).toMatchObject({ code: 0, text: expect.stringContaining('Settings → Devices') });
  expect(await database.store.telegramUser.session()).toBeNull();
  expect(telegram.sessions).toBe(1);
});

it('is switched on with an id and a hash, and shows neither', () => {
  const parse = (environment: Readonly<Record<string, string>>) => parseConfig({ environment, directory: '/', isContainer: false });
  expect(parse({}).telegramUser.api).toBeNull();
  const given = { ARGOSY_TELEGRAM_USER_API_ID: '12345', ARGOSY_TELEGRAM_USER_API_HASH: telegram.api.hash };
  expect(parse(given).telegramUser.api).toBeNull();
  const { api } = parse({ ...given, ARGOSY_TELEGRAM_USER: 'on' }).telegramUser;
  expect({ id: api?.id, hash: api?.hash.reveal() }).toEqual({ id: 12_345, hash: telegram.api.hash });
  expect(JSON.stringify(api)).not.toContain(telegram.api.hash);
  expect(() => parse({ ARGOSY_TELEGRAM_USER: 'on' })).toThrow('ARGOSY_TELEGRAM_USER_API_HASH is required together with ARGOSY_TELEGRAM_USER');
  expect(() => parse({ ...given, ARGOSY_TELEGRAM_USER_API_HASH: 'CANARYhash' })).toThrow(/^(?!.*CANARYhash)/);
});
