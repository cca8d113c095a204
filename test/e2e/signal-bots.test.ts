/** From a signal to a bot on paper: made through the API, told by the watch over bus and store, run by the real runner on a real database. */
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { aesVault } from '#adapters/vault.ts';
import { Bots } from '#app/bots/bots.ts';
import { Accounts } from '#app/people/accounts.ts';
import { GateWatch } from '#app/signal-bots/gate-watch.ts';
import { GATE_COMMAND, type ScannerSignal } from '#core/signals/scanner-gate.ts';
import { aSignal } from '#core/signals/signal.fixture.ts';
import { SIGNALS_TOPIC, type Signal, type SignalLeg } from '#core/signals/signal.ts';
import { Fleet } from '../support/fleet.ts';
import { quietLog } from '../support/quiet-log.ts';
import { type Answer, type Api, type Caller, fieldsOf, openApi } from './_api.ts';

let fleet: Fleet;
let api: Api;
afterEach(() => fleet.close());

/** The demonstration market shows both legs at one price: whatever is asked of the spread must be below the fees to be met. */
const ALWAYS = { investment: '3100', entry_percent: '-3', exit_percent: '-4.5', max_slippage_percent: '2' };
const [SPOT, FUTURES] = aSignal({ id: 'x' }).legs;

function btc(parts: Partial<Signal> & Pick<Signal, 'id'>): Signal {
  const now = systemClock.now();
  const legs: [SignalLeg, SignalLeg] = [
    { ...SPOT, symbol: 'BTC/USDT' },
    { ...FUTURES, symbol: 'BTC/USDT:USDT' },
  ];
  return aSignal({ base: 'BTC', legs, openedAt: now, updatedAt: now, ...parts });
}

/** Kept as its scanner does, and told on the bus unless the message is lost. */
async function scanned(signal: Signal, isLost = false): Promise<void> {
  const lease = await fleet.store.leases.acquire('scanner:signals', 'tests', 60_000);
  if (lease === null) throw new Error('the lease is held by another');
  await fleet.store.signals.keep(lease, { signals: [signal], points: [], outcomes: [] });
  if (!isLost) fleet.bus.publish(SIGNALS_TOPIC, { epoch: 1, sequence: 1, change: signal.state === 'open' ? 'opened' : 'closed', signal });
}

const closed = (signal: Signal): Signal => ({
  ...signal,
  version: signal.version + 1,
  state: 'closed',
  closedAt: systemClock.now(),
  closeReason: 'spread_gone',
});

async function opened(): Promise<{ readonly user: Caller; readonly accountId: string; readonly other: Caller }> {
  fleet = await Fleet.open();
  api = await openApi(fleet.store, { venues: fleet.venues, strategies: fleet.strategies, bus: fleet.bus, clock: systemClock });
  onTestFinished(() => api.server.close());
  const [user, other] = [await api.user(), await api.user()];
  await fleet.store.subscriptions.grant(user.id, 'vip', null, systemClock.now());
  const account = await user.call('POST', '/accounts', { name: 'Play', exchange: 'paper' });
  return { user, accountId: account.body.id, other };
}

function watching(): GateWatch {
  const parts = {
    store: fleet.store,
    venues: fleet.venues,
    strategies: fleet.strategies,
    clock: systemClock,
    ids: randomIds,
    bus: fleet.bus,
    log: quietLog(fleet.lines),
  };
  const vault = aesVault('0'.repeat(64));
  const watch = new GateWatch({ ...parts, bots: new Bots({ ...parts, accounts: new Accounts({ ...parts, vault }) }) });
  onTestFinished(() => watch.close());
  return watch;
}

const statusOf = async (user: Caller, botId: string): Promise<unknown> => Reflect.get((await user.call('GET', `/bots/${botId}`)).body, 'status');

async function started(user: Caller, answer: Answer): Promise<string> {
  expect(answer.status, answer.text).toBe(201);
  const { id } = answer.body;
  expect((await user.call('POST', `/bots/${id}/start`)).status).toBe(202);
  await fleet.until('the bot runs', async () => (await statusOf(user, id)) === 'running');
  return id;
}

const figuresOf = async (user: Caller, botId: string): Promise<Readonly<Record<string, unknown>>> =>
  Reflect.get((await user.call('GET', `/bots/${botId}/stats`)).body, 'figures') as Readonly<Record<string, unknown>>;
const toldOf = (botId: string): Promise<readonly { readonly params: ScannerSignal }[]> =>
  fleet.database.query('select params from bot_commands where bot_id = $1 and name = $2 order by created_at, id', [botId, GATE_COMMAND]);
/** Whether the newest word is a close, and the run has taken all of them. */
const hasHeardClose = async (botId: string): Promise<boolean> => {
  const waiting = await fleet.database.query('select id from bot_commands where bot_id = $1 and taken_at is null', [botId]);
  return waiting.length === 0 && (await toldOf(botId)).at(-1)?.params.valid_until === 0;
};

/** Speaks as a scanner does, every few seconds, however long it takes: what it says holds for a while only. Returns the last version. */
async function untilHeld(user: Caller, botId: string, id: string, speak: (signal: Signal) => Promise<void>): Promise<Signal> {
  let signal = btc({ id });
  await speak(signal);
  await fleet.until('it holds', async () => {
    if (systemClock.now() - signal.updatedAt > 3_000) {
      signal = { ...signal, version: signal.version + 1, updatedAt: systemClock.now() };
      await speak(signal);
    }
    return (await figuresOf(user, botId))['stage'] === 'holding';
  });
  return signal;
}

describe('a bot out of a signal', () => {
  it('is previewed with the figures of the signal, made on paper, and waits for it', async () => {
    const { user, accountId } = await opened();
    await scanned(btc({ id: 's1', netPercent: '2.3', averageNetPercent: '1.9', sizeQuote: '500', thresholdPercent: '0.3' }));
    const preview = await user.call('POST', '/signals/s1/bots/preview', { account_id: accountId });
    expect([preview.status, preview.body]).toMatchObject([
      200,
      {
        strategy: 'spot_futures_arbitrage',
        symbol: 'BTC/USDT',
        mode: 'paper',
        config: {
          investment: '500',
          entry_percent: '1.9',
          exit_percent: '0',
          rounds: 1,
          perpetual_symbol: 'BTC/USDT:USDT',
          start_signal: 'mexc-spot-futures',
          start_signal_min_percent: '0.3',
        },
        preview: { figures: { profit_at_thresholds_percent: '1.900' } },
      },
    ]);
    expect((await user.call('GET', '/bots')).body.items).toEqual([]);
    const made = await user.call('POST', '/signals/s1/bots', { name: 'Spread', account_id: accountId, config: { investment: '900' } });
    expect([made.status, made.body]).toMatchObject([
      201,
      { name: 'Spread', mode: 'paper', status: 'stopped', config: { investment: '900', entry_percent: '1.9' } },
    ]);
  }, 60_000);

  it('is refused with the reason, and nothing is stored', async () => {
    const { user, accountId, other } = await opened();
    const at = systemClock.now();
    const others = await other.call('POST', '/accounts', { name: 'Play', exchange: 'paper' });
    const far: [SignalLeg, SignalLeg] = [SPOT, { ...FUTURES, venue: 'bybit' }];
    await scanned(btc({ id: 'open' }));
    await scanned(btc({ id: 'old', updatedAt: at - 60_000 }));
    await scanned(btc({ id: 'over', state: 'closed', closedAt: at, closeReason: 'spread_gone' }));
    await scanned(btc({ id: 'odd', quarantine: 'implausible' }));
    await scanned(btc({ id: 'far', strategy: 'funding', legs: far }));
    await scanned(btc({ id: 'poor', netPercent: '0.5' }));
    await scanned(btc({ id: 'thin', maxSizeQuote: '50' }));
    const chosen = await user.call('PUT', '/signals/choices', {
      min_net_percent: '0.6',
      min_size: '60',
      muted_symbols: [],
      muted_venues: [],
      muted_scanners: [],
      watched_symbols: [],
    });
    expect(chosen.status, chosen.text).toBe(200);
    const asked = async (id: string, body: Readonly<Record<string, unknown>> = {}, by = user): Promise<readonly unknown[]> => {
      const answer = await by.call('POST', `/signals/${id}/bots`, { name: 'x', account_id: accountId, ...body });
      return [answer.status, answer.problem.code, answer.problem.detail];
    };
    const no = (reason: RegExp): readonly unknown[] => [409, 'signal_not_tradable', expect.stringMatching(reason)];
    expect(await asked('old')).toEqual(no(/last computed (60|61|62) s ago/));
    expect(await asked('over')).toEqual(no(/closed \(spread_gone\)/));
    expect(await asked('odd')).toEqual(no(/quarantine \(implausible\)/));
    expect(await asked('far')).toEqual(no(/mexc and bybit, and a bot works on one account/));
    expect(await asked('poor')).toEqual(no(/leaves 0\.5 %, and your threshold is 0\.6 %/));
    expect(await asked('thin')).toEqual(no(/holds up to 50 USDT, and your threshold is 60/));
    expect(await asked('open', { mode: 'live' })).toEqual(no(/it is at mexc, and the account is at paper/));
    expect((await asked('none')).slice(0, 2)).toEqual([404, 'not_found']);
    expect((await asked('open', { account_id: others.body.id })).slice(0, 2)).toEqual([404, 'not_found']);
    expect((await asked('open', { account_id: others.body.id }, other)).slice(0, 2)).toEqual([403, 'plan_required']);
    const greedy = await user.call('POST', '/signals/open/bots', { name: 'x', account_id: accountId, config: { investment: '20000' } });
    expect([greedy.status, fieldsOf(greedy), greedy.problem.detail]).toEqual([
      422,
      ['config.investment'],
      expect.stringContaining('the signal holds up to 2400'),
    ]);
    const unknown = await user.call('POST', '/signals/open/bots/preview', { account_id: accountId, config: { nonsense: 1 } });
    expect([unknown.status, fieldsOf(unknown)]).toEqual([422, ['config.nonsense']]);
    const mexc = {
      ...(await fleet.store.accounts.create({
        id: randomIds.next(),
        userId: user.id,
        name: 'M',
        exchange: 'mexc',
        sealed: null,
        keyVersion: 0,
        keyHint: null,
        createdAt: at,
      })),
    };
    expect(await asked('open', { mode: 'live', account_id: mexc.id })).toEqual(no(/perpetuals of MEXC cannot be traded from here yet; take mode paper/));
    expect((await user.call('GET', '/bots')).body.items).toEqual([]);
  }, 60_000);
});

describe('a bot that waits for the scanner', () => {
  it('enters when a signal opens, leaves by itself, and does not enter again once the signal has closed', async () => {
    const { user, accountId } = await opened();
    await scanned(btc({ id: 's1' }));
    const botId = await started(user, await user.call('POST', '/signals/s1/bots', { name: 'a', account_id: accountId, config: { ...ALWAYS, rounds: 5 } }));
    expect(await figuresOf(user, botId)).toMatchObject({ stage: 'waiting', last_signal: null });
    const watch = watching();
    watch.start();
    const signal = await untilHeld(user, botId, 's1', scanned);
    await scanned(closed(signal));
    await fleet.until('it has heard of the close', () => hasHeardClose(botId));
    expect((await toldOf(botId)).map(({ params }) => params.version)).toEqual(expect.arrayContaining([1, signal.version + 1]));
    expect(await figuresOf(user, botId)).toMatchObject({ stage: 'holding', last_signal: 's1' });
    expect((await user.call('POST', `/bots/${botId}/commands`, { name: 'close_pair' })).status).toBe(202);
    await fleet.until('it is out', async () => (await figuresOf(user, botId))['rounds'] === 1);

    // The spread is as it was when it entered; a restart lets nobody in either.
    await fleet.halt();
    await fleet.start();
    await fleet.until('it takes commands again', async () => (await user.call('POST', `/bots/${botId}/commands`, { name: 'close_pair' })).status === 202);
    await fleet.until('it has taken it', async () => (await fleet.store.commands.due()).length === 0);
    expect(await figuresOf(user, botId)).toMatchObject({ stage: 'waiting', rounds: 1 });

    await untilHeld(user, botId, 's2', scanned);
    const { length, difference } = await fleet.replay(botId, user.id);
    expect([difference, length > 10]).toEqual([null, true]);
    // Nobody's deed: only what its user has said is among the deeds.
    const deeds = await fleet.database.query<{ readonly details: { readonly name: string } }>("select details from audit_log where action = 'bot_commanded'");
    expect(new Set(deeds.map(({ details }) => details.name))).toEqual(new Set(['close_pair']));
  }, 120_000);

  it('is told by the sweep what the bus has lost, once by two watches, and nothing on the free plan', async () => {
    const { user, accountId, other } = await opened();
    const account = await other.call('POST', '/accounts', { name: 'Play', exchange: 'paper' });
    const bot = { name: 'a', strategy: 'spot_futures_arbitrage', symbol: 'BTC/USDT', mode: 'paper', config: { ...ALWAYS, start_signal: 'mexc-spot-futures' } };
    const botId = await started(user, await user.call('POST', '/bots', { ...bot, account_id: accountId }));
    const freeBotId = await started(other, await other.call('POST', '/bots', { ...bot, account_id: account.body.id }));
    const [one, two] = [watching(), watching()];
    const sweep = (): Promise<unknown> => Promise.all([one.sweep(), two.sweep()]);
    const signal = await untilHeld(user, botId, 's1', async (newest) => {
      await scanned(newest, true);
      await sweep();
    });
    await scanned(closed(signal), true);
    await sweep();
    await fleet.until('it has heard of the close', () => hasHeardClose(botId));
    const versions = (await toldOf(botId)).map(({ params }) => params.version);
    expect([new Set(versions).size, versions.at(-1)]).toEqual([versions.length, signal.version + 1]);
    expect(await toldOf(freeBotId)).toEqual([]);
    expect(fleet.lines.filter(({ message }) => message.includes('could not be told'))).toEqual([]);
    expect(await figuresOf(other, freeBotId)).toMatchObject({ stage: 'waiting', last_signal: null });
  }, 120_000);
});
