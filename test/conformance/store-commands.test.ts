/** What users tell their running bots to do, as every store keeps it: once, for one run, taken by the commit that journals it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_WAITING_COMMANDS, type StoredCommand } from '#core/store/commands.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { AT, entryOf, makeAccount, makeBot, makeTradingWorld, makeUser, newCommit, type TradingWorld, unique } from '#test/support/trading-world.ts';

let database: TestStore;
beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

const store = () => database.store;
const commandOf = (world: TradingWorld): StoredCommand => ({ commandId: unique('command'), botId: world.bot.id, name: 'add_funds', params: { amount: '5' } });
const request = (world: TradingWorld, command: StoredCommand) => store().commands.request({ ...command, userId: world.userId, at: AT });
const waiting = async (world: TradingWorld) => (await store().commands.due()).filter(({ botId }) => botId === world.bot.id);

/** A commit that journals a command as the event of its number. */
const journals = (world: TradingWorld, { commandId, name, params }: StoredCommand, sequence = 1) =>
  newCommit(world, {
    run: { ...entryOf(world, sequence), entries: [{ sequence, event: { type: 'userCommand', at: AT, commandId, name, params }, commands: [] }] },
  });

describe('commands', () => {
  it('wait until a commit journals them, oldest first', async () => {
    const world = await makeTradingWorld(store());
    const first = commandOf(world);
    const second = commandOf(world);
    expect([await request(world, first), await request(world, second)]).toEqual([true, true]);
    expect(await waiting(world)).toEqual([first, second]);
    await store().commit(journals(world, first));
    expect(await waiting(world)).toEqual([second]);
  });

  it('stay when the commit does not take place', async () => {
    const world = await makeTradingWorld(store());
    const command = commandOf(world);
    await request(world, command);
    await expect(store().commit(journals(world, command, 7))).rejects.toThrow();
    expect(await waiting(world)).toEqual([command]);
  });

  it('that change settings make them the next version of the bot in the same commit, with an entry in the audit log, or not at all', async () => {
    const world = await makeTradingWorld(store());
    const command = commandOf(world);
    const settings = [{ commandId: command.commandId, settings: { levels: 5, order_size: '2' } }];
    const present = async () => await store().bots.get(world.userId, world.bot.id);
    await expect(store().commit({ ...journals(world, command, 7), settings })).rejects.toThrow();
    expect(await present()).toMatchObject({ configVersion: 1, config: { levels: 3 } });
    await store().commit({ ...journals(world, command), settings: [...settings, { commandId: null, settings: { levels: 7 } }] });
    expect(await present()).toMatchObject({ configVersion: 3, config: { levels: 7, order_size: '2' } });
    const { items } = await store().bots.configs(world.userId, world.bot.id, { limit: 2, cursor: null });
    expect(items).toEqual([
      { version: 3, config: { levels: 7, order_size: '2' }, createdAt: AT },
      { version: 2, config: { levels: 5, order_size: '2' }, createdAt: AT },
    ]);
    const deeds = await database.query("select details, actor_id from audit_log where subject_id = $1 and action = 'bot_changed' order by id", [world.bot.id]);
    expect(deeds).toEqual([
      { details: { config_version: 2, command_id: command.commandId }, actor_id: null },
      { details: { config_version: 3 }, actor_id: null },
    ]);
  });

  it("are not kept for another's bot, nor for one that has never run", async () => {
    const world = await makeTradingWorld(store());
    expect(await store().commands.request({ ...commandOf(world), userId: await makeUser(store()), at: AT })).toBe(false);
    const account = await makeAccount(store(), world.userId);
    const bot = await makeBot(store(), world.userId, account.id);
    expect(await store().commands.request({ ...commandOf(world), botId: bot.id, userId: world.userId, at: AT })).toBe(false);
  });

  it('are refused when too many wait', async () => {
    const world = await makeTradingWorld(store());
    for (let count = 0; count < MAX_WAITING_COMMANDS; count += 1) expect(await request(world, commandOf(world))).toBe(true);
    expect(await request(world, commandOf(world))).toBe(false);
  });
});
