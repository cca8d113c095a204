/**
 * The store over PostgreSQL, embedded or separate: brought to the schema of this version, then one file for each area.
 */
import type { Store } from '#core/store/store.ts';
import { accountsOf } from './accounts.ts';
import { actionsOf } from './actions.ts';
import { alertsOf } from './alerts.ts';
import { auditOf } from './audit.ts';
import { backtestsOf } from './backtests.ts';
import { botsOf } from './bots.ts';
import { chatUpdatesOf } from './chat-updates.ts';
import { chatsOf } from './chats.ts';
import { checksOf } from './checks.ts';
import { commandsOf } from './commands.ts';
import { applyCommits } from './commit.ts';
import { CommitQueue } from './commit-queue.ts';
import { Database, type DatabaseOptions, TURN_PATIENCE_MS } from './database.ts';
import { factsOf } from './facts.ts';
import { fillsOf } from './fills.ts';
import { fundingOf } from './funding.ts';
import { hooksOf } from './hooks.ts';
import { installationNumber } from './installation.ts';
import { killSwitchOf } from './kill-switches.ts';
import { leasesOf } from './leases.ts';
import { liveOf } from './live.ts';
import { migrate } from './migrate.ts';
import { networkSourcesOf } from './network-sources.ts';
import { noticesOf } from './notices.ts';
import { operationsOf } from './operations.ts';
import { optimizationsOf } from './optimizations.ts';
import { ordersOf } from './orders.ts';
import { postsOf } from './posts.ts';
import { programsOf } from './programs.ts';
import { quotesOf } from './quotes.ts';
import { refreshTokensOf } from './refresh-tokens.ts';
import { runnersOf } from './runners.ts';
import { runsOf } from './runs.ts';
import { signalChoicesOf } from './signal-choices.ts';
import { signalTellingsOf } from './signal-tellings.ts';
import { signalsOf } from './signals.ts';
import { socketTicketsOf } from './socket-tickets.ts';
import { stewardshipOf } from './stewardship.ts';
import { subscriptionsOf } from './subscriptions.ts';
import { telegramUserOf } from './telegram-user.ts';
import { upkeepOf } from './upkeep.ts';
import { usersOf } from './users.ts';

const PING = { name: 'ping', text: 'select 1 as alive' };

/**
 * Opens the store at a PostgreSQL address and brings its schema up to date. PortError `store_unavailable` when it cannot be
 * reached, `configuration_invalid` when it was made by a newer version of Argosy.
 */
export async function openStore(options: DatabaseOptions): Promise<Store> {
  await migrate(options.url);
  const database = new Database(options);
  try {
    const number = await installationNumber(database);
    return storeOf(database, number);
  } catch (error) {
    await database.close();
    throw error;
  }
}

function storeOf(database: Database, installation: number): Store {
  const commits = new CommitQueue({
    together: (group) => database.commitTransaction((session) => applyCommits(session, group)),
    alone: (commit) => database.transaction((session) => applyCommits(session, [commit])),
    patienceMs: TURN_PATIENCE_MS,
  });
  return {
    installation: async () => installation,
    ping: async () => {
      await database.rows(PING);
    },
    close: () => database.close(),
    users: usersOf(database),
    refreshTokens: refreshTokensOf(database),
    socketTickets: socketTicketsOf(database),
    accounts: accountsOf(database),
    alerts: alertsOf(database),
    bots: botsOf(database),
    backtests: backtestsOf(database),
    chats: chatsOf(database),
    chatUpdates: chatUpdatesOf(database),
    checks: checksOf(database),
    optimizations: optimizationsOf(database),
    signals: signalsOf(database),
    runs: runsOf(database),
    runners: runnersOf(database),
    commit: (commit) => commits.add(commit),
    orders: ordersOf(database),
    posts: postsOf(database),
    programs: programsOf(database),
    commands: commandsOf(database),
    actions: actionsOf(database),
    fills: fillsOf(database),
    funding: fundingOf(database),
    hooks: hooksOf(database),
    leases: leasesOf(database),
    facts: factsOf(database),
    notices: noticesOf(database),
    stewardship: stewardshipOf(database),
    operations: operationsOf(database),
    upkeep: upkeepOf(database),
    audit: auditOf(database),
    subscriptions: subscriptionsOf(database),
    telegramUser: telegramUserOf(database),
    live: liveOf(database),
    signalChoices: signalChoicesOf(database),
    signalTellings: signalTellingsOf(database),
    networkSources: networkSourcesOf(database),
    quotes: quotesOf(database),
    killSwitch: killSwitchOf(database),
  };
}
