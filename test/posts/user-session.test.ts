/** Channels that are read by the account of the owner, from the login to what bots do. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PostRig } from './post-rig.ts';
import { UserRig } from './user-rig.ts';

const LONG = 'BTC/USDT LONG\nEntry 59000\nTargets 62000 64000\nStop 57000';
const soon = (): number => Math.floor(Date.now() / 1_000) + 1;

let rig: PostRig;
let reader: UserRig;
beforeEach(async () => {
  rig = await PostRig.open();
  rig.fleet.simulator.world.setPrice('BTC/USDT', '60000');
  reader = await UserRig.open(rig);
});
afterEach(async () => {
  await reader.close();
  await rig.close();
});

it('is followed from entry to edit and deletion', async () => {
  await reader.logIn();
  await reader.start();
  const bot = await rig.follower();
  const calls = reader.telegram.channel(1_234, 'calls');
  reader.telegram.say(calls, 1, LONG);
  await reader.reads(calls, [bot]);
  reader.telegram.say(calls, 2, LONG);
  await reader.passedOn(1);
  expect(await rig.posts()).toMatchObject([{ message_id: '2', edit: 0, results: [{ kind: 'call', deeds: [{ command: 'signal', outcome: 'given' }] }] }]);
  await rig.rests(bot, 'buy 59000');
  reader.telegram.say(calls, 2, LONG.replace('59000', '58000'), { editDate: soon() });
  await reader.passedOn(2);
  await rig.rests(bot, 'buy 58000');
  reader.telegram.remove(calls, 2);
  await reader.passedOn(3);
  expect(await rig.posts()).toMatchObject([{ withdrawn: true }, { withdrawn: true }]);
  await rig.rests(bot);
}, 60_000);
