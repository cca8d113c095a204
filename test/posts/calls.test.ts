/** Calls in posts, followed by bots on paper: entry, targets, stop, edits and updates, once each. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PostRig } from './post-rig.ts';

let rig: PostRig;
beforeEach(async () => {
  rig = await PostRig.open();
  rig.fleet.simulator.world.setPrice('BTC/USDT', '60000');
});
afterEach(() => rig.close());

const LONG = 'BTC/USDT LONG\nEntry 59000\nTargets 62000 64000\nStop 57000';

describe('a call', () => {
  it('is entered, takes its profits, and is known again', async () => {
    const bot = await rig.follower();
    const { id } = await rig.source('api', [bot]);
    const taken = await rig.send(id, '7', LONG);
    expect(taken).toMatchObject({ duplicate: false, results: [{ kind: 'call', deeds: [{ bot_id: bot, command: 'signal', outcome: 'given', detail: '' }] }] });
    await rig.rests(bot, 'buy 59000');
    rig.fleet.simulator.world.setPrice('BTC/USDT', '58990');
    await rig.rests(bot, 'sell 62000', 'sell 64000');
    // The same version, sent again, does nothing.
    expect(await rig.send(id, '7', LONG)).toMatchObject({ id: taken.id, duplicate: true });
    rig.fleet.simulator.world.setPrice('BTC/USDT', '64100');
    await rig.fleet.until('it is won', async () => (await rig.figures(bot))['signals_won'] === 1);
    expect(await rig.figures(bot)).toMatchObject({ signals_followed: 1, signals_refused: 0 });
  }, 60_000);

  it('that is edited changes what is not filled: entries before, stop and targets after', async () => {
    const bot = await rig.follower();
    const { id } = await rig.source('api', [bot]);
    await rig.send(id, '7', LONG);
    await rig.rests(bot, 'buy 59000');
    const edited = await rig.send(id, '7', LONG.replace('59000', '58000'), { edit: 5 });
    expect(edited.results[0]?.deeds).toMatchObject([{ command: 'change_signal', outcome: 'given' }]);
    await rig.rests(bot, 'buy 58000');
    rig.fleet.simulator.world.setPrice('BTC/USDT', '57990');
    await rig.rests(bot, 'sell 62000', 'sell 64000');
    await rig.send(id, '7', 'BTC/USDT LONG\nEntry 58000\nTargets 61000 63000\nStop 57500', { edit: 9 });
    await rig.rests(bot, 'sell 61000', 'sell 63000');
    expect(await rig.figures(bot)).toMatchObject({ stop_price: '57500', signals_followed: 2 });
    // An older version that comes late, and one with the same figures, say nothing.
    for (const [edit, text] of [
      [7, LONG],
      [10, 'BTC/USDT LONG\nEntry 58000\nTargets 61000 63000\nStop 57500\n'],
    ] as const)
      expect((await rig.send(id, '7', text, { edit })).results[0]?.deeds).toEqual([]);
    await rig.rests(bot, 'sell 61000', 'sell 63000');
  }, 60_000);

  it('that is taken back is not entered, and neither is one whose edit says none any more', async () => {
    const bot = await rig.follower();
    const { id } = await rig.source('api', [bot]);
    await rig.send(id, '7', LONG);
    await rig.rests(bot, 'buy 59000');
    const gone = await rig.send(id, '7', 'we were wrong', { edit: 1 });
    expect(gone.results).toMatchObject([{ kind: 'refused', deeds: [{ command: 'cancel_entries', outcome: 'given' }] }]);
    await rig.rests(bot);
    const second = await rig.send(id, '8', LONG);
    await rig.rests(bot, 'buy 59000');
    expect((await rig.user.call('DELETE', `/posts/${second.id}`)).status).toBe(204);
    await rig.rests(bot);
    expect((await rig.posts()).find((post) => post.id === second.id)).toMatchObject({ withdrawn: true });
    // Whoever took it back calls it no more.
    expect((await rig.send(id, '8', LONG.replace('59000', '58500'), { edit: 4 })).results[0]?.deeds).toEqual([]);
  }, 60_000);

  it('is updated by answers to it and by its coin', async () => {
    const bot = await rig.follower();
    const { id } = await rig.source('api', [bot]);
    await rig.send(id, '7', LONG.replace('59000', '60000'));
    await rig.rests(bot, 'sell 62000', 'sell 64000');
    const moved = await rig.send(id, '8', 'BTC move stop to 58500');
    expect(moved.results[0]?.deeds).toMatchObject([{ command: 'move_stop', outcome: 'given' }]);
    await rig.fleet.until('its stop has moved', async () => (await rig.figures(bot))['stop_price'] === '58500');
    expect((await rig.send(id, '9', 'TP1 hit', { reply_to: '7' })).results[0]?.deeds).toEqual([]);
    rig.fleet.simulator.world.setPrice('BTC/USDT', '61000');
    await rig.send(id, '10', 'move SL to entry', { reply_to: '7' });
    await rig.fleet.until('nothing is lost any more', async () => Number((await rig.figures(bot))['stop_price']) >= 60_000);
    expect((await rig.send(id, '11', 'Close 50% of #BTC')).results[0]?.deeds).toMatchObject([{ command: 'close_signal', outcome: 'refused' }]);
    await rig.send(id, '12', 'Close BTC/USDT');
    await rig.fleet.until('it is over', async () => (await rig.figures(bot))['signal'] === null);
    await rig.rests(bot);
  }, 60_000);

  it('reaches only bots that trade it, and keeps to their limits', async () => {
    const bot = await rig.follower('BTC/USDT', { share_percent: '10' });
    const { id } = await rig.source('api', [bot]);
    expect((await rig.send(id, '1', 'ETH/USDT LONG\nEntry 3000\nTarget 3100\nStop 2900')).results[0]).toMatchObject({ kind: 'call', deeds: [] });
    await rig.send(id, '2', LONG);
    await rig.rests(bot, 'buy 59000');
    const [order] = (await rig.user.call('GET', `/orders?bot_id=${bot}`)).body.items as unknown as readonly { readonly quantity: string }[];
    expect(Number(order?.quantity) * 59_000).toBeLessThanOrEqual(100);
    // Written long ago, it is valid no more.
    await rig.user.call('POST', `/bots/${bot}/commands`, { name: 'close_signal', params: {} });
    await rig.rests(bot);
    await rig.send(id, '3', LONG, { posted_at: new Date(Date.now() - 7_200_000).toISOString() });
    await rig.fleet.until('it is refused', async () => String((await rig.figures(bot))['last_refusal']).includes('not valid any more'));
    // Of a bot that does not run it says so.
    await rig.user.call('POST', `/bots/${bot}/stop`);
    await rig.fleet.until('it has stopped', async () => (await rig.fleet.store.bots.get(rig.user.id, bot))?.status === 'stopped');
    const [deed] = (await rig.send(id, '4', LONG)).results[0]?.deeds ?? [];
    expect(deed).toMatchObject({ outcome: 'refused', detail: expect.stringContaining('The bot is stopped') });
  }, 60_000);
});
