/** What the owner sets for the whole installation: whether it trades, and how much this process logs. */

import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { LogLevelItem, ObserveWish, TradingItem } from '../schemas/admin.ts';
import { isoTime } from '../schemas/shared-pieces.ts';

const tags = ['admin'];

const GET_TRADING = operation({
  tags,
  operationId: 'getTrading',
  summary: 'Does this installation trade',
  description: 'For the owner. A restored copy observes only until it is told otherwise.',
  response: { 200: TradingItem },
});

const OBSERVE = operation({
  tags,
  operationId: 'observeOnly',
  summary: 'Send no orders from now on',
  description:
    'For the owner. Bots stop working within seconds and nothing is sent to an exchange any more, no cancel either: orders that rest there stay. From when this has answered no new order can leave.',
  body: ObserveWish,
  response: { 200: TradingItem },
});

const RESUME = operation({
  tags,
  operationId: 'resumeTrading',
  summary: 'Trade again',
  description:
    'For the owner. Bots that are wanted running go on: each compares its orders with the exchange first. Make sure that no other copy trades on the same accounts.',
  response: { 200: TradingItem },
});

const GET_LOG_LEVEL = operation({
  tags,
  operationId: 'getLogLevel',
  summary: 'How much this process logs',
  description: 'For the owner.',
  response: { 200: LogLevelItem },
});

const SET_LOG_LEVEL = operation({
  tags,
  operationId: 'setLogLevel',
  summary: 'Log more or less, at once',
  description: 'For the owner. Holds for the process that answers, until it ends. Other processes take the signal SIGUSR2: it switches to `debug` and back.',
  body: LogLevelItem,
  response: { 200: LogLevelItem },
});

export function addAdminRoutes(server: HttpServer, parts: RouteParts): void {
  addTradingRoutes(server, parts);
  addLogRoutes(server, parts);
}

function addTradingRoutes(server: HttpServer, { store, clock, bus, log }: RouteParts): void {
  const trading = async () => {
    const observing = await store.operations.observing();
    return observing === null
      ? { mode: 'trading' as const, since: null, reason: null }
      : { mode: 'observe_only' as const, since: isoTime(observing.since), reason: observing.reason };
  };

  server.get(
    '/admin/trading',
    {
      schema: GET_TRADING,
    },
    trading,
  );

  server.post(
    '/admin/trading/observe',
    {
      schema: OBSERVE,
    },
    async ({ userId, body }) => {
      await store.operations.setObserving({ since: clock.now(), reason: body.reason });
      log.warn({ userId, reason: body.reason }, 'the installation observes only from now on');
      bus.publish('bot_commands', {});
      return trading();
    },
  );

  server.post(
    '/admin/trading/resume',
    {
      schema: RESUME,
    },
    async ({ userId }) => {
      await store.operations.setObserving(null);
      log.warn({ userId }, 'the installation trades again');
      bus.publish('bot_commands', {});
      return trading();
    },
  );
}

function addLogRoutes(server: HttpServer, { store, log, logLevel }: RouteParts): void {
  server.get(
    '/admin/log-level',
    {
      schema: GET_LOG_LEVEL,
    },
    async () => ({ level: logLevel.get() }),
  );

  server.put(
    '/admin/log-level',
    {
      schema: SET_LOG_LEVEL,
    },
    async ({ userId, body }) => {
      await store.audit.add({ action: 'log_level_set', subject: { kind: 'installation', id: '' }, ownerId: null, details: { level: body.level } });
      logLevel.set(body.level);
      log.warn({ userId, level: body.level }, 'the log level was changed');
      return { level: logLevel.get() };
    },
  );
}
