/** Posts from their ways in to bots on paper and to live books: the API, the Telegram simulator, a fleet and simulated places, on one database. */
import { asyncActorScope } from '#adapters/actor-scope.ts';
import { systemClock } from '#adapters/clock.ts';
import { dexscreener } from '#adapters/feeds/dexscreener.ts';
import { randomIds } from '#adapters/ids.ts';
import { booksOf } from '#adapters/store/books.ts';
import { openTelegram } from '#adapters/telegram.ts';
import { VENUES } from '#adapters/venues/index.gen.ts';
import { BotHistory } from '#app/bots/bot-stats.ts';
import { Bots } from '#app/bots/bots.ts';
import { Notices } from '#app/notices/notices.ts';
import { Orders } from '#app/orders/orders.ts';
import { Accounts } from '#app/people/accounts.ts';
import { ChannelIntake } from '#app/posts/channel-intake.ts';
import { ClaimPools } from '#app/posts/claim-pools.ts';
import { ClaimWatch } from '#app/posts/claim-watch.ts';
import { LiveBooks } from '#app/posts/live-books.ts';
import { Posts } from '#app/posts/posts.ts';
import { NetworkReader } from '#app/signals/networks/network-reader.ts';
import { ChatLinks } from '#app/telegram/links.ts';
import type { Venue } from '#core/venue-ports.ts';
import { Conversation } from '#edges/telegram/conversation.ts';
import { PostInbox } from '#edges/telegram/posts.ts';
import { UpdateLoop } from '#edges/telegram/update-loop.ts';
import { SCANNERS } from '#scanners/index.gen.ts';
import { type Api, type Caller, openApi } from '#test/e2e/_api.ts';
import { Places } from '#test/signals/places.ts';
import { Fleet } from '#test/support/fleet.ts';
import type { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { TelegramSimulator } from '#test/telegram/simulator.ts';

export const CHANNEL = -1_001_234;
export const CHAT = 501;
const BOT_ID = '110201543';

/** A version of a post on the wire, as far as tests look at it. */
export interface ShownPost {
  readonly id: string;
  readonly message_id: string;
  readonly edit: number;
  readonly duplicate?: boolean;
  readonly withdrawn: boolean;
  readonly results: readonly {
    readonly id: string;
    readonly kind: string;
    readonly reason: string | null;
    readonly claim: { readonly status: string; readonly live_percent: string | null; readonly reason: string; readonly signal_id: string | null } | null;
    readonly deeds: readonly { readonly bot_id: string; readonly command: string; readonly outcome: string; readonly detail: string }[];
  }[];
}

export class PostRig {
  readonly fleet: Fleet;
  readonly api: Api;
  readonly user: Caller;
  readonly telegram: TelegramSimulator;
  readonly places: Places;
  readonly claims: ClaimWatch;
  /** Where posts of channels come in that are not brought by the bot. */
  readonly intake: ChannelIntake;
  readonly #loop: UpdateLoop;
  readonly #scanned: readonly Venue[];

  private constructor(
    fleet: Fleet,
    api: Api,
    user: Caller,
    { telegram, places }: Pick<PostRig, 'telegram' | 'places'>,
    clock: ManualClock | typeof systemClock,
  ) {
    this.fleet = fleet;
    this.api = api;
    this.user = user;
    this.telegram = telegram;
    this.places = places;
    const log = quietLog(fleet.lines);
    const parts = { ...fleetParts(fleet), log, actors: asyncActorScope() };
    const accounts = new Accounts(parts);
    const [links, bots] = [new ChatLinks({ ...parts, notices: new Notices({ ...parts, channels: ['telegram'] }) }), new Bots({ ...parts, accounts })];
    const conversation = new Conversation({
      ...parts,
      links,
      accounts,
      bots,
      history: new BotHistory(parts),
      orders: new Orders({ ...parts, accounts }),
      signals: { list: async () => ({ items: [], nextCursor: null, delayMs: 0, isCut: false }) },
    });
    const posts = new Posts({ ...parts, bots });
    this.intake = new ChannelIntake({ ...parts, posts });
    this.#loop = new UpdateLoop({
      ...parts,
      telegram: openTelegram({ token: this.telegram.token, apiRoot: this.telegram.apiRoot }),
      ...{ botId: BOT_ID, owner: 'one', conversation, webhook: null },
      posts: new PostInbox({ ...parts, links, posts }),
    });
    const urls: Readonly<Record<string, string>> = places.urls;
    this.#scanned = VENUES.filter(({ id }) => id === 'mexc' || id === 'bybit').map((module) =>
      module.open({ ...parts, url: urls[module.id] ?? null, urls, books: booksOf(fleet.store) }),
    );
    const scans = new Map(this.#scanned.flatMap(({ id, scan }) => (scan === undefined ? [] : [[id, scan] as const])));
    const networks = new NetworkReader({ ...parts, clock }, []);
    const pools = new ClaimPools({ source: dexscreener({ clock, url: places.urls.dexscreener }), clock });
    const books = new LiveBooks({ scans, networks, pools, clock, log });
    this.claims = new ClaimWatch({ store: fleet.store, bus: fleet.bus, scanners: SCANNERS, books, clock, log });
  }

  /** With `clock` the API and the watch of claims live by it. */
  static async open(clock: ManualClock | typeof systemClock = systemClock): Promise<PostRig> {
    const fleet = await Fleet.open({ paperPrices: 'simulator' });
    const api = await openApi(fleet.store, { ...fleetParts(fleet), clock, chatBot: { botId: BOT_ID, webhookSecret: null } });
    const telegram = new TelegramSimulator();
    await telegram.start();
    return new PostRig(fleet, api, await api.user(), { telegram, places: await Places.open() }, clock);
  }

  /** The bot begins to listen, and the user's chat is linked. */
  async listen(): Promise<void> {
    this.#loop.start();
    const { code } = (await this.user.call('POST', '/users/me/telegram-link')).body as unknown as { readonly code: string };
    await this.settled(this.telegram.say(CHAT, `/start ${code}`));
  }

  async settled(updateId: number): Promise<void> {
    const isDone = async (): Promise<boolean> =>
      (await this.fleet.database.query('select 1 from telegram_updates where update_id = $1 and done_at is not null', [updateId])).length > 0;
    await this.fleet.until(`update ${updateId} is dealt with`, isDone);
  }

  /** With `channel` it is read by the owner's account. */
  async source(
    kind: string,
    botIds: readonly string[] = [],
    user = this.user,
    channel?: string,
  ): Promise<{ readonly id: string; readonly code: string | null }> {
    const made = await user.call('POST', '/posts/sources', { kind, name: kind, bot_ids: botIds, ...(channel === undefined ? {} : { channel }) });
    if (made.status !== 201) throw new Error(made.text);
    return made.body as unknown as { readonly id: string; readonly code: string | null };
  }

  async send(sourceId: string, messageId: string, text: string, more: Readonly<Record<string, unknown>> = {}): Promise<ShownPost> {
    const answer = await this.user.call('POST', '/posts', { source_id: sourceId, message_id: messageId, text, ...more });
    if (answer.status > 201) throw new Error(answer.text);
    return answer.body as unknown as ShownPost;
  }

  /** The channel says something, or says it in another way. */
  async channelSays(messageId: number, text: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const post = { message_id: messageId, chat: { id: CHANNEL, type: 'channel' }, date: Math.floor(Date.now() / 1_000), text, ...more };
    await this.settled(this.telegram.push({ ['edit_date' in more ? 'edited_channel_post' : 'channel_post']: post }));
  }

  /** Newest first. */
  async posts(user = this.user): Promise<readonly ShownPost[]> {
    return (await user.call('GET', '/posts')).body.items as unknown as readonly ShownPost[];
  }

  async follower(symbol = 'BTC/USDT', config: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const asked = { name: symbol, strategy: 'signal_follower', symbol, mode: 'paper', exchange: 'paper', config: { investment: '1000', ...config } };
    const made = await this.user.call('POST', '/bots', asked);
    if (made.status !== 201) throw new Error(made.text);
    await this.user.call('POST', `/bots/${made.body.id}/start`);
    await this.fleet.until(
      'it runs',
      async () => ((await this.user.call('GET', `/bots/${made.body.id}`)).body as unknown as { status: string }).status === 'running',
    );
    return made.body.id;
  }

  async rests(botId: string, ...wanted: readonly string[]): Promise<void> {
    let last = '';
    const shown = async (): Promise<string> => {
      const { body } = await this.user.call('GET', `/orders?bot_id=${botId}&limit=200`);
      const orders = body.items as unknown as readonly { readonly side: string; readonly price: string; readonly status: string }[];
      return orders
        .flatMap(({ status, side, price }) => (status === 'open' || status === 'partially_filled' ? [`${side} ${price}`] : []))
        .toSorted()
        .join();
    };
    const isSo = async (): Promise<boolean> => (last = await shown()) === wanted.join();
    await this.fleet.until(`it rests as ${wanted.join()}`, isSo).catch((error: unknown) => {
      throw new Error(`${String(error)}; the book is ${last}`);
    });
  }

  async figures(botId: string): Promise<Readonly<Record<string, unknown>>> {
    return ((await this.user.call('GET', `/bots/${botId}/stats`)).body as unknown as { readonly figures: Readonly<Record<string, unknown>> }).figures;
  }

  async close(): Promise<void> {
    await this.claims.close();
    await this.#loop.close();
    for (const venue of this.#scanned) await venue.close();
    await this.api.server.close();
    await this.telegram.close();
    await this.places.close();
    await this.fleet.close();
  }
}

function fleetParts(fleet: Fleet) {
  return { store: fleet.store, venues: fleet.venues, strategies: fleet.strategies, bus: fleet.bus, clock: systemClock, ids: randomIds, vault: fleet.vault };
}
