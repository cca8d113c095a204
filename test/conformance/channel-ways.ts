/** What every way in for posts of channels keeps to: the same channel, said by the same author, becomes the same rows, deeds and orders. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PostRig } from '#test/posts/post-rig.ts';

const LONG = 'BTC/USDT LONG\nEntry 59000\nTargets 62000 64000\nStop 57000';
const TEST_MS = 90_000;

/** One message of the channel, said or said anew; times are in seconds. */
export interface SaidPost {
  readonly id: number;
  readonly text: string;
  readonly date: number;
  readonly editDate?: number;
  /** The text stands under a picture. */
  readonly isCaption?: boolean;
  readonly replyTo?: number;
  readonly marks?: readonly { readonly kind: 'bold' | 'strikethrough'; readonly offset: number; readonly length: number }[];
}

export interface ChannelWay {
  /** The source hears the channel from now on. */
  listen(botIds: readonly string[]): Promise<void>;
  /** Settles when it was dealt with. */
  say(post: SaidPost): Promise<void>;
  /** The very same once more, as after a crash in between. */
  repeat(post: SaidPost): Promise<void>;
  close(): Promise<void>;
}

let rig: PostRig;
let way: ChannelWay;

export function conformsAsChannelWay(name: string, open: (rig: PostRig) => Promise<ChannelWay>): void {
  describe(name, () => {
    beforeEach(async () => {
      rig = await PostRig.open();
      rig.fleet.simulator.world.setPrice('BTC/USDT', '60000');
      way = await open(rig);
    });
    afterEach(async () => {
      await way.close();
      await rig.close();
    });
    keepsPosts();
    followsCalls();
  });
}

const now = (): number => Math.floor(Date.now() / 1_000);
const deeds = (): Promise<readonly unknown[]> => rig.fleet.database.query('select command, outcome from post_deeds order by at, command');
const rows = (): Promise<readonly unknown[]> =>
  rig.fleet.database.query(
    'select message_id, edit::int, text, reply_to, (posted_at / 1000)::int as posted from posts where text not like $1 order by message_id, edit',
    ['argosy %'],
  );

function keepsPosts(): void {
  it('keeps a post by its number, and every edit by its time', { timeout: TEST_MS }, async () => {
    await way.listen([]);
    const date = now();
    await way.say({ id: 11, text: 'first', date });
    await way.say({ id: 12, text: 'second', date: date + 1, replyTo: 11 });
    await way.say({ id: 11, text: 'first, better', date, editDate: date + 2 });
    expect(await rows()).toEqual([
      { message_id: '11', edit: 0, text: 'first', reply_to: null, posted: date },
      { message_id: '11', edit: date + 2, text: 'first, better', reply_to: null, posted: expect.any(Number) },
      { message_id: '12', edit: 0, text: 'second', reply_to: '11', posted: expect.any(Number) },
    ]);
  });

  it('reads what stands under a picture', { timeout: TEST_MS }, async () => {
    await way.listen([]);
    await way.say({ id: 11, text: LONG, date: now(), isCaption: true });
    expect((await rig.posts())[0]?.results).toMatchObject([{ kind: 'call' }]);
  });

  it('does not read what is struck out', { timeout: TEST_MS }, async () => {
    await way.listen([]);
    const text = 'BTC/USDT long 59000 58000, targets 62000 64000, stop 57000';
    await way.say({ id: 11, text, date: now(), marks: [{ kind: 'strikethrough', offset: text.indexOf('59000'), length: 5 }] });
    const [view] = (await rig.user.call('GET', '/posts')).body.items as unknown as readonly { readonly results: readonly unknown[] }[];
    expect(view?.results).toMatchObject([{ reading: { entry: { prices: ['58000'] } } }]);
  });
}

function followsCalls(): void {
  it('does nothing for a version that comes again', { timeout: TEST_MS }, async () => {
    const bot = await rig.follower();
    await way.listen([bot]);
    const post = { id: 11, text: LONG, date: now() };
    await way.say(post);
    await way.repeat(post);
    expect(await rows()).toHaveLength(1);
    expect(await deeds()).toEqual([{ command: 'signal', outcome: 'given' }]);
    await rig.rests(bot, 'buy 59000');
  });

  it('follows a call through its edit and the answer that cancels it', { timeout: TEST_MS }, async () => {
    const bot = await rig.follower();
    await way.listen([bot]);
    const date = now();
    await way.say({ id: 11, text: LONG, date });
    await way.say({ id: 11, text: LONG.replace('59000', '58000'), date, editDate: date + 2 });
    await rig.rests(bot, 'buy 58000');
    await way.say({ id: 12, text: 'cancelled', date: date + 3, replyTo: 11 });
    await rig.rests(bot);
    expect((await deeds()).map((deed) => (deed as { readonly command: string }).command)).toEqual(['signal', 'change_signal', 'cancel_entries']);
  });
}
