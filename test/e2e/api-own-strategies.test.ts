/** Users' own strategies over HTTP, with a real database and a real sandbox. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diskHistory } from '#adapters/history/disk.ts';
import { randomIds } from '#adapters/ids.ts';
import { workOn } from '#app/jobs/job-bench.ts';
import type { JobParts } from '#app/jobs/job-kind.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import { OwnStrategies } from '#app/own-strategies/own-strategies.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import { openStrategySandbox } from '#roles/_sandbox.ts';
import { example } from '#test/sandbox/examples.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { plainBench } from '#test/support/plain-bench.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { type Api, type Caller, fieldsOf, openApi } from './_api.ts';

let database: TestStore;
let sandbox: StrategySandbox;
let own: OwnStrategies;
let api: Api;
let ada: Caller;
let eve: Caller;

beforeAll(async () => {
  database = await createTestStore();
  sandbox = openStrategySandbox({ startsPerMinute: 500 });
  own = new OwnStrategies({ store: database.store, sandbox, clock: new ManualClock(), ids: randomIds });
  api = await openApi(database.store, { own });
  ada = await api.user();
  eve = await api.user();
});
afterAll(async () => {
  await sandbox.close();
  await database.drop();
});

const [DIP] = example('dip-buyer.ts');
const TEXT = DIP?.text ?? '';
const filesOf = (text: string, path = 'main.ts') => ({ files: [{ path, text }] });
const wire = (answer: { readonly body: unknown }) => answer.body as Record<string, unknown>;

describe('own strategies', () => {
  it('are uploaded, pinned by bots, compared, rolled back, and removed once no bot is at work', async () => {
    const first = await ada.call('POST', '/strategies', { ...filesOf(TEXT), note: 'first' });
    expect(first.status, first.text).toBe(201);
    expect(wire(first)).toMatchObject({ name: 'dip-buyer', version: 1, strategy: 'custom:dip-buyer@1', note: 'first' });
    expect((await ada.call('POST', '/strategies', filesOf(TEXT))).status, 'the same files are no new version').toBe(200);
    const second = await ada.call('POST', '/strategies', filesOf(TEXT.replace("default: '1000'", "default: '2000'")));
    expect(wire(second)).toMatchObject({ version: 2 });
    const diff = await ada.call('GET', '/strategies/dip-buyer/diff?from=1&to=2');
    expect(wire(diff)['diff']).toContain("\n-    budget: { kind: 'decimal', min: '0', isExclusive: true, default: '1000'");
    expect((await ada.call('GET', '/strategies')).body.items.map(({ name }) => name)).toContain('custom:dip-buyer');

    const account = (await ada.call('POST', '/accounts', { name: 'Play', exchange: 'paper' })).body.id;
    const make = { name: 'Dips', symbol: 'BTC/USDT', mode: 'paper', account_id: account, config: {} };
    const bot = await ada.call('POST', '/bots', { ...make, strategy: 'custom:dip-buyer' });
    expect(bot.status, bot.text).toBe(201);
    expect(wire(bot)).toMatchObject({ strategy: 'custom:dip-buyer@2', config: { budget: '2000', dip_percent: '1' } });
    expect((await ada.call('POST', '/bots', { ...make, strategy: 'custom:dip-buyer@9' })).problem.code).toBe('strategy_unknown');
    const tooLittle = await ada.call('POST', '/bots', { ...make, strategy: 'custom:dip-buyer', config: { budget: '1' } });
    expect(fieldsOf(tooLittle), tooLittle.text).toEqual(['config.budget']);

    expect(wire(await ada.call('POST', '/strategies/dip-buyer/rollback', { version: 1 }))).toMatchObject({ version: 1 });
    expect(wire(await ada.call('POST', '/bots', { ...make, strategy: 'custom:dip-buyer' }))).toMatchObject({ strategy: 'custom:dip-buyer@1' });
    await ada.call('POST', `/bots/${bot.body.id}/start`);
    const inUse = await ada.call('DELETE', '/strategies/dip-buyer');
    expect(inUse.problem).toMatchObject({ code: 'strategy_in_use', status: 409, detail: 'Bots at work with it: Dips.' });
    await ada.call('POST', `/bots/${bot.body.id}/stop`);
    await database.query("update bots set status = 'stopped'");
    expect((await ada.call('DELETE', '/strategies/dip-buyer')).status).toBe(204);
    expect((await ada.call('GET', '/strategies/dip-buyer/versions')).status).toBe(404);
    expect(wire(await ada.call('POST', '/strategies', filesOf(TEXT))), 'numbers of versions never come again').toMatchObject({ version: 3 });
  }, 60_000);

  it('leave their user the automatic actions that they declare, and no others', async () => {
    const text = TEXT.replace("name: 'dip-buyer'", "name: 'guarded',\n  rules: ['stopLoss', 'cancelRest']");
    const made = await ada.call('POST', '/strategies', filesOf(text));
    expect(made.status, made.text).toBe(201);
    const listed = (await ada.call('GET', '/strategies')).body.items as unknown as readonly { readonly name: string; readonly actions: readonly string[] }[];
    expect(listed.find(({ name }) => name === 'custom:guarded')?.actions).toEqual(['on_partially_filled', 'stop_loss']);
    const account = (await ada.call('POST', '/accounts', { name: 'Guarded', exchange: 'paper' })).body.id;
    const make = { name: 'Guarded', strategy: 'custom:guarded', symbol: 'BTC/USDT', mode: 'paper', account_id: account, config: {} };
    const bot = await ada.call('POST', '/bots', { ...make, actions: { stop_loss: { percent: '2' } } });
    expect(bot.status, bot.text).toBe(201);
    expect(wire(bot)).toMatchObject({ actions: { stop_loss: { percent: '2' } } });
    expect(fieldsOf(await ada.call('POST', '/bots', { ...make, actions: { take_profit: { percent: '2' } } }))).toEqual(['actions.take_profit']);
    const unknown = await ada.call('POST', '/strategies/check', filesOf(text.replace("'stopLoss',", "'stopEverything',")));
    expect(wire(unknown)['issues']).toMatchObject([{ message: expect.stringContaining('rules must be a list of "opposite"') }]);
  }, 60_000);

  it('are not there for anybody else', async () => {
    await ada.call('POST', '/strategies', filesOf(TEXT.replace("name: 'dip-buyer'", "name: 'secret'")));
    for (const [method, path, body] of [
      ['GET', '/strategies/secret/versions', undefined],
      ['GET', '/strategies/secret/versions/1', undefined],
      ['GET', '/strategies/secret/diff?from=1&to=1', undefined],
      ['POST', '/strategies/secret/rollback', { version: 1 }],
      ['DELETE', '/strategies/secret', undefined],
    ] as const) {
      const foreign = await eve.call(method, path, body);
      const missing = await eve.call(method, path.replace('secret', 'absent'), body);
      expect(foreign.status, path).toBe(404);
      expect({ ...foreign.body, request_id: '' }).toEqual({ ...missing.body, request_id: '' });
    }
    expect((await eve.call('GET', '/strategies/own')).body.items).toEqual([]);
    const bot = { name: 'Mine', strategy: 'custom:secret', symbol: 'BTC/USDT', mode: 'paper', exchange: 'paper', config: {} };
    expect((await eve.call('POST', '/bots', bot)).problem.code).toBe('strategy_unknown');
    expect((await ada.call('GET', '/strategies/secret/versions/1')).status).toBe(200);
  }, 60_000);

  it('are refused with every place that has to be changed', async () => {
    const text = `import fs from 'node:fs';\nexport default { name: 'x' };\nconst run = eval('1');\n  setTimeout(() => 0, 1);\n`;
    const refused = await ada.call('POST', '/strategies', filesOf(text));
    expect(refused.problem).toMatchObject({ code: 'program_invalid', status: 422 });
    expect(fieldsOf(refused)).toEqual(['main.ts:1:1', 'main.ts:3:13', 'main.ts:4:3']);
    const checked = wire(await ada.call('POST', '/strategies/check', filesOf('export default 5;')));
    expect(checked).toMatchObject({ ok: false, name: null, issues: [{ file: 'main.ts', message: expect.stringContaining('the default export must be') }] });
    const typed = wire(await ada.call('POST', '/strategies/check', filesOf('enum A { B }\nexport default 1;')));
    expect(typed['issues']).toMatchObject([{ line: 1, column: 1, message: 'TypeScript enum is not supported in strip-only mode' }]);
  }, 60_000);

  it('are refused where their types are wrong, each with line and column', async () => {
    const text = TEXT.replace('const priceTicks =', 'const priceTicks: string =').replace("name: 'dip-buyer'", "name: 'mistyped'");
    const line = text.slice(0, text.indexOf('const priceTicks: string')).split('\n').length;
    const refused = await ada.call('POST', '/strategies', filesOf(text));
    expect(refused.problem).toMatchObject({ code: 'program_invalid', status: 422 });
    expect(fieldsOf(refused)[0]).toMatch(new RegExp(`^main.ts:${line}:\\d+$`));
    expect(refused.problem.detail).toContain("TS2322: Type 'number' is not assignable to type 'string'.");
    expect((await ada.call('GET', '/strategies/mistyped/versions')).status, 'nothing is kept').toBe(404);
    const unchecked = await ada.call('POST', '/strategies/check', filesOf(`// @ts-nocheck\n${text}`));
    expect(wire(unchecked)).toMatchObject({ ok: true, issues: [] });
  }, 60_000);

  it('name what is wrong with an upload that is none', async () => {
    const long = 'x'.repeat(200_000);
    const two = await ada.call('POST', '/strategies/check', {
      files: [
        { path: 'main.ts', text: long },
        { path: '../main.ts', text: long },
      ],
    });
    expect(fieldsOf(two)).toEqual(['files[1].path', 'files']);
    expect((await ada.call('POST', '/strategies/check', filesOf('x'.repeat(2_000_000)))).problem).toMatchObject({
      code: 'payload_too_large',
      detail: 'The body is larger than 1024 KiB.',
    });
  }, 60_000);

  it('are looked over and tried out without being kept', async () => {
    const checked = wire(await ada.call('POST', '/strategies/check', filesOf(TEXT.replace("name: 'dip-buyer'", "name: 'fleeting'"))));
    expect(checked).toMatchObject({ ok: true, name: 'fleeting', issues: [], trial: { is_done: true } });
    expect((checked['trial'] as { orders: number }).orders).toBeGreaterThan(0);
    expect((await ada.call('GET', '/strategies/fleeting/versions')).status).toBe(404);
    const hidden = TEXT.replace('interface State', 'let seen = 0;\ninterface State').replace(
      "if (event.type === 'barClosed') {",
      "if (event.type === 'barClosed') {\n if ((seen += 1) % 2000 > 1000) return;",
    );
    const forgetful = wire(await ada.call('POST', '/strategies/check', filesOf(hidden)));
    expect(forgetful['issues']).toMatchObject([{ message: expect.stringContaining('keep everything in the state') }]);
  }, 60_000);

  it('go through a backtest like any other, and are deployed as the version that was tested', async () => {
    await ada.call('POST', '/strategies', filesOf(TEXT.replace("name: 'dip-buyer'", "name: 'tested'")));
    const span = { interval: '1m', from: '2023-11-14T10:00:00Z', to: '2023-11-14T12:00:00Z' };
    const wanted = { name: 'Mine', strategy: 'custom:tested', config: { dip_percent: '5' }, exchange: 'binance', symbol: 'BTC/USDT', ...span };
    const made = await ada.call('POST', '/backtests', wanted);
    expect(made.status, made.text).toBe(202);
    await workOn(api.jobs, JOB_KINDS, {
      store: api.store,
      clock: api.clock,
      log: quietLog(),
      venues: new Map([['binance', api.binance]]),
      strategies: new Map(),
      own,
      jobs: async () => api.jobs,
      bench: plainBench(new Map()),
      candleHistory: diskHistory('nowhere/at/all'),
    } as unknown as JobParts);
    await api.jobs.doNext(null);
    const done = wire(await ada.call('GET', `/backtests/${made.body.id}`));
    expect(done).toMatchObject({ state: 'done', strategy: 'custom:tested@1' });
    const deployed = await ada.call('POST', `/backtests/${made.body.id}/deploy`, {
      name: 'Deployed',
      account_id: (await ada.call('POST', '/accounts', { name: 'P', exchange: 'paper' })).body.id,
      mode: 'paper',
    });
    expect(deployed.status, deployed.text).toBe(201);
    expect(wire(deployed)).toMatchObject({ strategy: 'custom:tested@1' });
    expect((await eve.call('POST', '/backtests', wanted)).problem.code).toBe('strategy_unknown');
    // What a bot takes a backtest takes, and nothing else.
    const guarded = TEXT.replace("name: 'dip-buyer'", "name: 'guarded-too',\n  rules: ['stopLoss', 'takeProfit']");
    await ada.call('POST', '/strategies', filesOf(guarded));
    const both = { ...wanted, strategy: 'custom:guarded-too', actions: { stop_loss: { percent: '2' }, take_profit: { percent: '3' } } };
    const ruled = await ada.call('POST', '/backtests', both);
    expect([ruled.status, ruled.text]).toEqual([202, expect.any(String)]);
    await api.jobs.doNext(null);
    expect(wire(await ada.call('GET', `/backtests/${ruled.body.id}`))).toMatchObject({ state: 'done', actions: both.actions });
    const unknown = await ada.call('POST', '/backtests', { ...both, actions: { on_partially_filled: { cancel_rest_after_seconds: 60 } } });
    expect(fieldsOf(unknown)).toEqual(['actions.on_partially_filled']);
  }, 60_000);

  it('may read the words they are written in', async () => {
    const types = await ada.call('GET', '/strategies/argosy-strategy.d.ts');
    expect(types.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(types.text).toContain("declare module 'argosy/strategy'");
  });
});
