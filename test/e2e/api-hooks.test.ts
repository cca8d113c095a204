/** Addresses for other programs: who may use them, what they take, and that a message acts once. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asyncActorScope } from '#adapters/actor-scope.ts';
import { AHEAD_MS, HOOK_PACE, TIMELESS_MS } from '#app/hooks/hook-intake.ts';
import { TRADING_VIEW_ADDRESSES } from '#app/hooks/trading-view.ts';
import { MAX_HOOK_MESSAGE_BYTES } from '#edges/http/hook-message.ts';
import { type Api, ask, type Caller, fieldsOf, GRID, openApi } from '#test/e2e/_api.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';

const DCA = { base_order_size: '100', take_profit_percent: '2' };

interface IssuedHook {
  readonly path: string;
  readonly secret: string;
  readonly secret_path: string;
}

let database: TestStore;
let api: Api;
let ann: Caller;
let botId: string;
let hook: IssuedHook;

beforeAll(async () => {
  const actors = asyncActorScope();
  database = await createTestStore(actors);
  api = await openApi(database.store, { actors });
});
afterAll(async () => {
  await api.server.close();
  await database.drop();
});
beforeEach(async () => {
  ann = await api.user();
  botId = await runningDca(ann);
  hook = await issue();
});

/** A bot whose run is under way as far as the database says. */
async function runningDca(user: Caller): Promise<string> {
  const made = await user.call('POST', '/bots', { name: 'Dips', strategy: 'dca', symbol: 'BTC/USDT', mode: 'paper', exchange: 'paper', config: DCA });
  expect(made.status, made.text).toBe(201);
  await database.query("update bots set desired = 'running', status = 'running', run_id = $2 where id = $1", [made.body.id, `run-of-${made.body.id}`]);
  return made.body.id;
}

async function issue(body: object = {}): Promise<IssuedHook> {
  const answer = await ann.call('POST', `/bots/${botId}/hook`, body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body as unknown as IssuedHook;
}

const now = () => new Date(api.clock.now()).toISOString();
const commandsOf = async (id = botId) => (await database.store.commands.due()).filter((command) => command.botId === id).map(({ name }) => name);
const send = (
  path: string,
  body: string | object,
  headers: Readonly<Record<string, string>> = { 'content-type': 'text/plain; charset=utf-8' },
  remoteAddress?: string,
) =>
  api.server
    .inject({
      method: 'POST',
      url: path,
      headers,
      payload: typeof body === 'string' ? body : JSON.stringify(body),
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
    })
    .then((answer) => ({ status: answer.statusCode, body: answer.json() as Readonly<Record<string, unknown>>, text: answer.body }));
const buy = () => ({ action: 'buy', symbol: 'BINANCE:BTCUSDT', time: now() });

describe('a message with the secret', () => {
  it('tells the bot what its user could tell it, and says so to the sender and in the audit log', async () => {
    const answer = await send(hook.secret_path, buy());
    expect(answer).toMatchObject({ status: 202, body: { status: 'accepted', action: 'buy', command: 'start_deal' } });
    expect(await commandsOf()).toEqual(['start_deal']);
    expect((await ann.call('GET', `/bots/${botId}/hook`)).body).toMatchObject({ last_at: now(), last_outcome: 'accepted: start_deal' });
    const deeds = await database.query("select actor_id, address, details->>'name' as name from audit_log where action = 'bot_commanded' and subject_id = $1", [
      botId,
    ]);
    expect(deeds).toEqual([{ actor_id: ann.id, address: '127.0.0.1', name: 'start_deal' }]);
  });

  it.each([
    ['JSON as charts send it', () => JSON.stringify(buy()), 'application/json'],
    ['JSON as text', () => JSON.stringify(buy()), 'text/plain'],
    ['a line of text', () => `buy symbol=BTCUSDT time=${now()}`, 'text/plain'],
    ['a line with seconds', () => `BUY time=${Math.floor(api.clock.now() / 1_000)}`, 'text/plain'],
    ['a line without a type', () => `buy time=${now()}\n`, ''],
  ])('may be %s', async (_, body, type) => {
    expect(await send(hook.secret_path, body(), type === '' ? {} : { 'content-type': type })).toMatchObject({ status: 202, body: { status: 'accepted' } });
    expect(await commandsOf()).toEqual(['start_deal']);
  });

  it.each(['BTCUSDT', 'binance:btcusdt', 'BYBIT:BTCUSDT.P', 'BTC/USDT', 'BTC/USDT:USDT', 'BTC-USDT'])('may name what the bot trades as %s', async (symbol) => {
    expect((await send(hook.secret_path, { ...buy(), symbol })).status).toBe(202);
  });

  it('may carry the settings of a command, in both forms, and is checked like any command', async () => {
    expect((await send(hook.secret_path, { action: 'add_funds', time: now(), params: { amount: '5' } })).status).toBe(202);
    expect((await send(hook.secret_path, `add_funds amount=6 time=${now()}`)).status).toBe(202);
    expect(await commandsOf()).toEqual(['add_funds', 'add_funds']);
    const wrong = await send(hook.secret_path, { action: 'add_funds', time: now(), params: { amount: 'much' } });
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ field: 'params.amount' }] } });
    expect((await ann.call('GET', `/bots/${botId}/hook`)).text).toContain('refused: params.amount');
  });

  it('stops and starts the bot', async () => {
    expect((await send(hook.secret_path, `stop time=${now()}`)).body).toEqual({ status: 'accepted', action: 'stop', command: null });
    expect((await ann.call('GET', `/bots/${botId}`)).body).toMatchObject({ status: 'stopping' });
    const late = await send(hook.secret_path, buy());
    expect(late).toMatchObject({ status: 409, body: { code: 'bot_state_conflict' } });
  });

  it('acts once, however often it comes, and at once as often as it comes', async () => {
    const body = buy();
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(hook.secret_path, body)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    expect(answers.filter(({ body: { status } }) => status === 'accepted')).toHaveLength(1);
    await api.clock.advance(5_000);
    expect((await send(hook.secret_path, body)).body).toMatchObject({ status: 'duplicate' });
    expect(await commandsOf()).toEqual(['start_deal']);
    // Another time, or another name, makes it another message.
    expect((await send(hook.secret_path, buy())).body).toMatchObject({ status: 'accepted' });
    expect((await send(hook.secret_path, { ...buy(), id: 'a-1' })).body).toMatchObject({ status: 'accepted' });
    await api.clock.advance(5_000);
    expect((await send(hook.secret_path, { ...buy(), id: 'a-1' })).body).toMatchObject({ status: 'duplicate' });
  });

  it('must be fresh, and say when it was written', async () => {
    const at = (ms: number) => ({ action: 'buy', time: new Date(api.clock.now() + ms).toISOString() });
    expect((await send(hook.secret_path, at(-59_000))).status).toBe(202);
    for (const message of [at(-61_000), at(AHEAD_MS + 1_000), { action: 'buy' }, { action: 'buy', time: 'yesterday' }])
      expect(await send(hook.secret_path, message)).toMatchObject({ status: 422, body: { errors: [{ field: 'time' }] } });
    expect(await commandsOf()).toEqual(['start_deal']);
  });

  it('needs no time where its owner says so, and is then known again for half a minute', async () => {
    hook = await issue({ max_age_seconds: null });
    const statuses: unknown[] = [];
    for (const pauseMs of [0, 1_000, TIMELESS_MS + 1_000]) {
      await api.clock.advance(pauseMs);
      statuses.push((await send(hook.secret_path, 'buy')).body['status']);
    }
    expect(statuses).toEqual(['accepted', 'duplicate', 'accepted']);
    // Also where a half minute of the clock ends in between.
    await api.clock.advance(2 * TIMELESS_MS - (api.clock.now() % TIMELESS_MS) - 1);
    expect((await send(hook.secret_path, 'buy')).body['status']).toBe('accepted');
    await api.clock.advance(2);
    expect((await send(hook.secret_path, 'buy')).body['status']).toBe('duplicate');
  });

  it.each([
    ['another symbol', () => ({ ...buy(), symbol: 'ETHUSDT' }), 422, 'symbol'],
    ['what the bot does not do', () => ({ ...buy(), action: 'dance' }), 422, 'action'],
    ['a field that is none', () => ({ ...buy(), price: 1 }), 422, 'price'],
    ['nothing', () => '', 400, ''],
    ['half a JSON', () => '{"action":', 400, ''],
    ['a line that is none', () => 'buy now please', 400, ''],
    ['a name twice', () => `buy time=${now()} time=${now()}`, 400, ''],
    ['a key for prototypes', () => '{"action":"buy","__proto__":{}}', 422, '__proto__'],
    ['too much', () => 'x'.repeat(MAX_HOOK_MESSAGE_BYTES + 1), 413, ''],
  ])('is refused with %s, and why', async (_, body, status, field) => {
    const answer = await send(hook.secret_path, body());
    expect(answer.status, answer.text).toBe(status);
    const errors = answer.body['errors'] as readonly { readonly field: string }[];
    expect(errors.map((each) => each.field)).toEqual(field === '' ? [] : [field]);
    expect(await commandsOf()).toEqual([]);
  });

  it('comes no oftener than the pace', async () => {
    const statuses: number[] = [];
    for (let count = 0; count <= HOOK_PACE.capacity; count += 1) statuses.push((await send(hook.secret_path, { ...buy(), id: `n-${count}` })).status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(HOOK_PACE.capacity);
    expect(statuses.at(-1)).toBe(429);
  });

  it('does nothing for a user whose kill switch is on, or at a bot that is gone', async () => {
    await database.store.killSwitch.set(ann.id, true, 'test', api.clock.now());
    await database.query("update bots set desired = 'stopped', status = 'stopped' where id = $1", [botId]);
    expect(await send(hook.secret_path, `start time=${now()}`)).toMatchObject({ status: 409, body: { code: 'trading_killed' } });
    expect((await ann.call('DELETE', `/bots/${botId}`)).status).toBe(204);
    expect((await send(hook.secret_path, `start time=${now()}`)).status).toBe(404);
  });
});

describe('a message with a signature', () => {
  const signed = (body: string, secret = hook.secret, timestamp = String(Math.floor(api.clock.now() / 1_000))) => ({
    'content-type': 'application/json',
    'x-argosy-timestamp': timestamp,
    'x-argosy-signature': `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
  });

  it('is taken without the secret in the address', async () => {
    const body = JSON.stringify(buy());
    expect((await send(hook.path, body, signed(body))).status).toBe(202);
    expect((await send(hook.path.replace('/api/v1', ''), `buy time=${now()}`, signed(`buy time=${now()}`))).status).toBe(202);
  });

  it('is refused when a byte is another, the secret is, or it was signed long ago', async () => {
    const body = JSON.stringify(buy());
    const old = String(Math.floor(api.clock.now() / 1_000) - 301);
    for (const [sent, headers] of [
      [`${body} `, signed(body)],
      [body, signed(body, 'another')],
      [body, signed(body, hook.secret, old)],
      [body, { ...signed(body), 'x-argosy-timestamp': old }],
      [body, { 'content-type': 'application/json' }],
    ] as const)
      expect((await send(hook.path, sent, headers)).status).toBe(404);
    expect(await commandsOf()).toEqual([]);
  });
});

describe('to whoever has no right', () => {
  it('there is nothing there, in always the same words', async () => {
    const other = await api.user();
    const theirs = await other.call('POST', '/bots', { name: 'x', strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', exchange: 'paper', config: GRID });
    expect((await ann.call('POST', `/bots/${theirs.body.id}/hook`, {})).status).toBe(404);
    const answers = [await send('/api/v1/hooks/no-such-hook/secret', buy()), await send(`${hook.path}/wrong`, buy()), await send(hook.path, buy())];
    await ann.call('PATCH', `/bots/${botId}/hook`, { enabled: false });
    answers.push(await send(hook.secret_path, buy()));
    await ann.call('PATCH', `/bots/${botId}/hook`, { enabled: true, trading_view_only: true });
    answers.push(await send(hook.secret_path, buy()));
    // Not even what is wrong with a message is told.
    answers.push(await send(`${hook.path}/wrong`, '{'));
    const bare = answers.map(({ status, body }) => ({ status, ...body, request_id: '' }));
    for (const answer of bare) expect(answer).toEqual(bare[0]);
    expect(bare[0]?.status).toBe(404);
    expect(await commandsOf()).toEqual([]);
    const [theirAddress] = TRADING_VIEW_ADDRESSES;
    expect((await send(hook.secret_path, buy(), {}, theirAddress)).status).toBe(202);
  });

  it('a secret is void once there is another, and once it was taken away', async () => {
    const before = hook;
    hook = await issue();
    expect((await send(before.secret_path, buy())).status).toBe(404);
    expect((await send(`${hook.path}/${before.secret}`, buy())).status).toBe(404);
    expect((await send(hook.secret_path, buy())).status).toBe(202);
    expect((await ann.call('DELETE', `/bots/${botId}/hook`)).status).toBe(204);
    expect((await send(hook.secret_path, buy())).status).toBe(404);
    expect((await ann.call('GET', `/bots/${botId}/hook`)).status).toBe(404);
  });

  it('a secret is nowhere but in the answer that made it', async () => {
    await send(hook.secret_path, buy());
    await send(hook.secret_path, '{');
    expect(JSON.stringify(api.lines)).not.toContain(hook.secret);
    expect((await ann.call('GET', `/bots/${botId}/hook`)).text).not.toContain(hook.secret);
    for (const table of ['bot_hooks', 'hook_receipts', 'audit_log', 'bot_commands'])
      expect(JSON.stringify(await database.query(`select * from ${table}`)), table).not.toContain(hook.secret);
  });

  it('and settings that are none are refused by name', async () => {
    expect(fieldsOf(await ann.call('POST', `/bots/${botId}/hook`, { max_age_seconds: 4 }))).toEqual(['max_age_seconds']);
    expect(fieldsOf(await ann.call('PATCH', `/bots/${botId}/hook`, { max_age_seconds: 601, secret: 'mine' }))).toEqual(['max_age_seconds', 'secret']);
  });

  it('finds nothing at all without a token where addresses are made', async () => {
    expect((await ask(api.server, 'POST', `/api/v1/bots/${botId}/hook`, {})).status).toBe(401);
  });
});
