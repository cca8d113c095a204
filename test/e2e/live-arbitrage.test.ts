/** Spot-futures arbitrage on the paper venue, made, started and stopped through the API, carried out by the real runner on a real database. */
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { decimal } from '#core/money.ts';
import { Fleet } from '../support/fleet.ts';
import { type Caller, openApi } from './_api.ts';

const SPOT = 'BTC/USDT';
const PERPETUAL = 'BTC/USDT:USDT';
let fleet: Fleet;
afterEach(() => fleet.close());

/** The demonstration market shows both at one price: whatever is asked of the spread must be below the fees to be met. */
const ALWAYS = { investment: '3100', entry_percent: '-3', exit_percent: '-4.5', max_slippage_percent: '2', rounds: 1 };

interface Leg {
  readonly name: string;
  readonly symbol: string;
  readonly base_held: string;
  readonly open_orders: number;
}

async function opened(): Promise<{ readonly user: Caller; readonly accountId: string }> {
  fleet = await Fleet.open();
  const { server, user } = await openApi(fleet.store, { venues: fleet.venues, strategies: fleet.strategies, bus: fleet.bus });
  onTestFinished(() => server.close());
  const caller = await user();
  const account = await caller.call('POST', '/accounts', { name: 'Play', exchange: 'paper' });
  return { user: caller, accountId: account.body.id };
}

async function made(user: Caller, accountId: string, config: Readonly<Record<string, unknown>> = ALWAYS): Promise<string> {
  const answer = await user.call('POST', '/bots', {
    name: `Pair ${accountId}`,
    strategy: 'spot_futures_arbitrage',
    symbol: SPOT,
    mode: 'paper',
    config,
    account_id: accountId,
  });
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.body.id;
}

async function legsOf(user: Caller, botId: string): Promise<readonly Leg[]> {
  const { body } = await user.call('GET', `/bots/${botId}/stats`);
  return (body as unknown as { readonly legs: readonly Leg[] }).legs;
}

const statusOf = async (user: Caller, botId: string): Promise<unknown> => Reflect.get((await user.call('GET', `/bots/${botId}`)).body, 'status');

async function startedPair(): Promise<{ readonly user: Caller; readonly accountId: string; readonly botId: string }> {
  const { user, accountId } = await opened();
  const botId = await made(user, accountId);
  expect((await user.call('POST', `/bots/${botId}/start`)).status).toBe(202);
  await fleet.until('both legs stand', async () => {
    const legs = await legsOf(user, botId);
    return legs.length === 2 && legs.every((leg) => leg.base_held !== '0' && leg.open_orders === 0);
  });
  return { user, accountId, botId };
}

describe('a bot on a coin and its perpetual', () => {
  it('holds both legs, shows them, survives a restart, and closes both on command, with a tape that replays', async () => {
    const { user, accountId, botId } = await startedPair();
    const legs = await legsOf(user, botId);
    expect(legs.map(({ name, symbol }) => [name, symbol])).toEqual([
      ['spot', SPOT],
      ['perpetual', PERPETUAL],
    ]);
    const delta = legs.reduce((sum, leg) => sum.plus(leg.base_held), decimal('0'));
    expect(Math.abs(delta.toNumber())).toBeLessThan(0.0005);
    expect(await fleet.store.fills.paperPositions(accountId)).toMatchObject([{ symbol: PERPETUAL, leverage: 2, marginMode: 'isolated' }]);

    await fleet.halt();
    await fleet.start();
    expect((await legsOf(user, botId)).map((leg) => leg.base_held)).toEqual(legs.map((leg) => leg.base_held));

    // The take-over may still be under way, and then commands are refused.
    await fleet.until('it takes commands again', async () => (await user.call('POST', `/bots/${botId}/commands`, { name: 'close_pair' })).status === 202);
    await fleet.until('its one round is over', async () => (await statusOf(user, botId)) === 'stopped');
    expect((await legsOf(user, botId)).at(1)?.base_held).toBe('0');
    const { length, difference } = await fleet.replay(botId, user.id);
    expect([difference, length > 10]).toEqual([null, true]);
    const orders = (await user.call('GET', `/orders?bot_id=${botId}`)).body.items;
    expect(new Set(orders.map(({ symbol }) => symbol))).toEqual(new Set([SPOT, PERPETUAL]));
  }, 90_000);

  it('closes both legs in a panic and leaves the account without a position', async () => {
    const { user, accountId, botId } = await startedPair();
    await user.call('POST', `/bots/${botId}/panic`);
    await fleet.until('the bot has stopped', async () => (await statusOf(user, botId)) === 'stopped');
    expect(await fleet.store.fills.paperPositions(accountId)).toEqual([]);
    const [spot, perpetual] = await legsOf(user, botId);
    expect(perpetual?.base_held).toBe('0');
    // Dust below the smallest order, from the fee that is taken in the coin.
    expect(Number(spot?.base_held)).toBeLessThan(0.0001);
  }, 90_000);

  it('is planned on both markets before it is made, and refused by name of what is wrong', async () => {
    const { user, accountId } = await opened();
    const bot = { name: 'Pair', strategy: 'spot_futures_arbitrage', symbol: SPOT, mode: 'paper', account_id: accountId };
    const plan = await user.call('POST', '/bots', { ...bot, config: ALWAYS });
    expect(plan.body.preview).toMatchObject({ needs: [{ asset: 'USDT', amount: expect.stringMatching(/^3(100|099)/) }] });
    const wrong = await user.call('POST', '/bots', { ...bot, config: { ...ALWAYS, perpetual_symbol: 'ETH/USDT:USDT' } });
    expect([wrong.status, wrong.problem.errors]).toEqual([422, [{ field: 'config.perpetual_symbol', message: 'must be of the same coin, BTC' }]]);
    const unknown = await user.call('POST', '/bots', { ...bot, config: { ...ALWAYS, perpetual_symbol: 'NONE/USDT:USDT' } });
    expect(unknown.text).toContain('which the bot needs as its perpetual leg');
  }, 60_000);
});
