/** The role that talks to people by Telegram: what they say there is done by the same use cases as over HTTP. */
import { openTelegram } from '#adapters/telegram.ts';
import { BotHistory } from '#app/bots/bot-stats.ts';
import { Bots } from '#app/bots/bots.ts';
import { Notices } from '#app/notices/notices.ts';
import { Orders } from '#app/orders/orders.ts';
import { Accounts } from '#app/people/accounts.ts';
import { Plans } from '#app/plans/plans.ts';
import { Posts } from '#app/posts/posts.ts';
import { SignalViews } from '#app/signal-views/signal-views.ts';
import { ChatLinks } from '#app/telegram/links.ts';
import { digestOfToken } from '#edges/http/access-tokens.ts';
import { Conversation } from '#edges/telegram/conversation.ts';
import { PostInbox } from '#edges/telegram/posts.ts';
import { UpdateLoop } from '#edges/telegram/update-loop.ts';
import { channelNames } from './_channels.ts';
import { chatBotOf, UPDATES_PATH } from './_chat-bot.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';
import { readAsOwner } from './_telegram-user.ts';

/** Several may run: one at a time listens, and another takes over from it. Serves no address. */
export async function start(parts: Parts, closing: Closing): Promise<null> {
  const { config, log, owner } = parts;
  const { metrics } = parts.watch.open;
  const { token, apiRoot, webhook } = config.telegram;
  const accounts = new Accounts(parts);
  const bots = new Bots({ ...parts, accounts });
  const posts = new Posts({ ...parts, bots });
  await readAsOwner(parts, posts, closing);
  const bot = chatBotOf(config, parts.vault);
  if (token === null || bot === null) {
    log.info({ role: 'telegram' }, 'no bot talks: no TELEGRAM_BOT_TOKEN is set');
    return null;
  }
  const links = new ChatLinks({ ...parts, notices: new Notices({ ...parts, channels: channelNames(config) }) });
  const plans = new Plans({ ...parts, digest: digestOfToken });
  const conversation = new Conversation({
    ...parts,
    links,
    accounts,
    bots,
    history: new BotHistory(parts),
    orders: new Orders({ ...parts, accounts }),
    signals: new SignalViews({ ...parts, plans }),
  });
  const loop = new UpdateLoop({
    ...parts,
    telegram: openTelegram({ token: token.reveal(), apiRoot, metrics }),
    metrics,
    botId: bot.botId,
    owner,
    conversation,
    posts: new PostInbox({ ...parts, links, posts }),
    webhook: webhook === null || bot.webhookSecret === null ? null : { url: new URL(UPDATES_PATH, webhook).href, secret: bot.webhookSecret },
  });
  closing.add('telegram', () => loop.close().finally(() => plans.close()));
  loop.start();
  return null;
}
