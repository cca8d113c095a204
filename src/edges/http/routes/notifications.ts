/** Notifications: the list, what to be told and where, a test of each channel, and what did not get through. */
import { z } from 'zod';
import { AppError } from '#core/errors.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { NotificationSettingsAnswer, NotificationSettingsInput, presentSettings, readSettings } from '../schemas/notification-settings.ts';
import {
  DeliveryPage,
  DeliveryQuery,
  MailAddressInput,
  MailCodeInput,
  MailCodeSent,
  NewTarget,
  NotificationPage,
  NotificationQuery,
  presentDelivery,
  presentNotice,
  presentTarget,
  ReadAllInput,
  TargetInput,
  TargetPage,
  TestInput,
  UnreadCount,
  WebPushEnd,
  WebPushInput,
  WebPushKey,
} from '../schemas/notifications.ts';
import { IdParams, isoTime } from '../schemas/shared-pieces.ts';
import { pageAnswer, pageRequest } from '../translate.ts';

const tags = ['notifications'];
/** Tests of one address in a minute: each sends a message. */
const TESTS_PER_MINUTE = 6;

const LIST = operation({
  tags,
  operationId: 'listNotifications',
  summary: 'What you were told',
  description: 'Everything that has happened to what is yours, each once, whatever else you are told of where.',
  querystring: NotificationQuery,
  response: { 200: NotificationPage },
});
const READ = operation({
  tags,
  operationId: 'markNotificationRead',
  summary: 'Mark one as read',
  description: 'One that is read already stays as it is.',
  params: IdParams,
  response: { 200: UnreadCount },
  problems: ['not_found'],
});
const READ_ALL = operation({
  tags,
  operationId: 'markAllNotificationsRead',
  summary: 'Mark all as read',
  description: 'All of them, or those up to the newest that you have seen, so that none is passed over that came meanwhile.',
  body: ReadAllInput,
  response: { 200: UnreadCount },
});
const SETTINGS = operation({
  tags,
  operationId: 'getNotificationSettings',
  summary: 'What you are told, where and when',
  description: 'The settings, and which channels there are on this server.',
  response: { 200: NotificationSettingsAnswer },
});
const PUT_SETTINGS = operation({
  tags,
  operationId: 'putNotificationSettings',
  summary: 'Say what to be told, where and when',
  description: 'Replaces all settings. What is critical (a bot that has stopped with an error, a channel that was switched off) is told at once at any hour.',
  body: NotificationSettingsInput,
  response: { 200: NotificationSettingsAnswer },
});
const TEST = operation({
  tags,
  operationId: 'testNotifications',
  summary: 'Try a channel',
  description: 'Sends a test to your addresses of the channel, by the way every notice goes. What came of it stands among the deliveries.',
  body: TestInput,
  response: { 202: z.undefined().describe('It is under way.') },
  problems: ['rate_limited'],
});
const TARGETS = operation({
  tags,
  operationId: 'listNotificationTargets',
  summary: 'Where you are told',
  description: 'Your addresses of all channels, on one page. A Telegram chat is linked by the bot, an e-mail address by registration or by a code.',
  response: { 200: TargetPage },
});
const ADD_TARGET = operation({
  tags,
  operationId: 'addNotificationTarget',
  summary: 'Add an address',
  description: 'A webhook, a channel of Discord or Slack, or an app on a phone. One that is there already is switched on again.',
  body: TargetInput,
  response: { 201: NewTarget },
  problems: ['too_many_kept'],
});
const ASK_MAIL = operation({
  tags,
  operationId: 'askForMailAddress',
  summary: 'Have a code sent to an e-mail address',
  description:
    'For an address besides the one you have registered with. The code holds for half an hour at least; five an hour, and three a day to one address.',
  body: MailAddressInput,
  response: { 202: MailCodeSent },
  problems: ['too_many_kept', 'rate_limited', 'mail_unavailable'],
});
const CONFIRM_MAIL = operation({
  tags,
  operationId: 'confirmMailAddress',
  summary: 'Confirm an e-mail address',
  description:
    'With the code that was sent there. You are told things there from now on, as at your other addresses; remove those that you do not want any more.',
  body: MailCodeInput,
  response: { 201: NewTarget },
  problems: ['too_many_kept', 'rate_limited'],
});
const REMOVE_TARGET = operation({
  tags,
  operationId: 'removeNotificationTarget',
  summary: 'Remove an address',
  description: 'Nothing is sent there any more, not even what is under way.',
  params: IdParams,
  response: { 204: z.undefined().describe('Removed.') },
  problems: ['not_found'],
});
const PUSH_KEY = operation({
  tags,
  operationId: 'getWebPushKey',
  summary: 'The key for Web Push',
  description: 'Browsers ask for it when they are to be told.',
  response: { 200: WebPushKey },
});
const PUSH = operation({
  tags,
  operationId: 'subscribeWebPush',
  summary: 'Have this browser told',
  description: 'Takes what `pushManager.subscribe` has given. The same browser again stays one.',
  body: WebPushInput,
  response: { 201: NewTarget },
  problems: ['too_many_kept'],
});
const PUSH_END = operation({
  tags,
  operationId: 'unsubscribeWebPush',
  summary: 'Have this browser told no more',
  description: 'One that nobody knows changes nothing.',
  body: WebPushEnd,
  response: { 204: z.undefined().describe('It is told nothing any more.') },
});
const DELIVERIES = operation({
  tags,
  operationId: 'listNotificationDeliveries',
  summary: 'What did not get through',
  description: 'Notices to your addresses that were given up on, with the reason; or those under way, or sent.',
  querystring: DeliveryQuery,
  response: { 200: DeliveryPage },
});
const RETRY = operation({
  tags,
  operationId: 'retryNotificationDelivery',
  summary: 'Send one once more',
  description: 'Tries a notice again that was given up on, from the beginning.',
  params: IdParams,
  response: { 202: z.undefined().describe('It is under way.') },
  problems: ['not_found', 'delivery_state_conflict'],
});
const ALL_DELIVERIES = operation({
  ...DELIVERIES,
  tags: ['admin'],
  operationId: 'listAllNotificationDeliveries',
  summary: 'What did not get through to anybody',
  description: 'The same for all users of the installation.',
});
const RETRY_ANY = operation({ ...RETRY, tags: ['admin'], operationId: 'retryAnyNotificationDelivery', summary: 'Send one of anybody once more' });

export function addNotificationRoutes(server: HttpServer, parts: RouteParts): void {
  const { notices } = parts;

  server.get('/notifications', { schema: LIST }, async ({ userId, query }) => {
    const { unread, settings, ...page } = await notices.list(userId, pageRequest(query), query.unread === 'true');
    return { ...pageAnswer(page, (notice) => presentNotice(notice, settings)), unread_count: unread };
  });
  server.post('/notifications/:id/read', { schema: READ }, async ({ userId, params }) => ({ unread_count: await notices.markRead(userId, params.id) }));
  server.post('/notifications/read-all', { schema: READ_ALL }, async ({ userId, body }) => ({ unread_count: await notices.markAllRead(userId, body.up_to) }));

  server.get('/notifications/settings', { schema: SETTINGS }, async ({ userId }) => presentSettings(await notices.settings(userId), notices.channels));
  server.put('/notifications/settings', { schema: PUT_SETTINGS }, async ({ userId, body }) =>
    presentSettings(await notices.putSettings(userId, readSettings(body)), notices.channels),
  );
  const limited = { config: { rateLimit: { max: TESTS_PER_MINUTE, timeWindow: 60_000 } } };
  server.post('/notifications/test', { schema: TEST, ...limited }, async ({ userId, body }, reply) => {
    await notices.test(userId, body.channel);
    return reply.code(202).send();
  });
  addTargetRoutes(server, parts);

  server.get('/notifications/deliveries', { schema: DELIVERIES }, async ({ userId, query }) =>
    pageAnswer(await notices.deliveries(userId, query.state, pageRequest(query)), presentDelivery),
  );
  server.post('/notifications/deliveries/:id/retry', { schema: RETRY }, async ({ userId, params }, reply) => {
    await notices.retry(userId, params.id);
    return reply.code(202).send();
  });
  server.get('/admin/notifications/deliveries', { schema: ALL_DELIVERIES }, async ({ query }) =>
    pageAnswer(await notices.deliveries(null, query.state, pageRequest(query)), presentDelivery),
  );
  server.post('/admin/notifications/deliveries/:id/retry', { schema: RETRY_ANY }, async ({ params }, reply) => {
    await notices.retry(null, params.id);
    return reply.code(202).send();
  });
}

function addTargetRoutes(server: HttpServer, { notices, mailAddresses, webPushKey }: RouteParts): void {
  server.get('/notifications/targets', { schema: TARGETS }, async ({ userId }) => ({
    items: (await notices.targets(userId)).map(presentTarget),
    next_cursor: null,
  }));
  server.post('/notifications/targets', { schema: ADD_TARGET }, async ({ userId, body }, reply) => {
    if (body.channel === 'webhook') {
      const { target, secret } = await notices.addWebhook(userId, body.url);
      return reply.code(201).send({ ...presentTarget(target), secret });
    }
    const target = 'url' in body ? await notices.addChatWebhook(userId, body.channel, body.url) : await notices.addPhone(userId, body.channel, body.token);
    return reply.code(201).send({ ...presentTarget(target), secret: null });
  });
  server.post('/notifications/mail-addresses', { schema: ASK_MAIL }, async ({ userId, body: { address } }, reply) => {
    const expiresAt = await mailAddresses.ask(userId, address);
    return reply.code(202).send({ address, expires_at: isoTime(expiresAt) });
  });
  server.post('/notifications/mail-addresses/confirm', { schema: CONFIRM_MAIL }, async ({ userId, body: { address, code } }, reply) =>
    reply.code(201).send({ ...presentTarget(await mailAddresses.confirm(userId, address, code)), secret: null }),
  );
  server.delete('/notifications/targets/:id', { schema: REMOVE_TARGET }, async ({ userId, params }, reply) => {
    await notices.removeTarget(userId, params.id);
    return reply.code(204).send();
  });
  server.get('/notifications/web-push/key', { schema: PUSH_KEY }, async () => {
    if (webPushKey === undefined) throw new AppError('not_found', 'This server has no key for Web Push.');
    return { public_key: await webPushKey() };
  });
  server.post('/notifications/web-push', { schema: PUSH }, async ({ userId, body, headers }, reply) => {
    const { endpoint, keys } = body;
    const target = await notices.addBrowser(userId, { endpoint, keys }, headers['user-agent'] ?? '');
    return reply.code(201).send({ ...presentTarget(target), secret: null });
  });
  server.post('/notifications/web-push/unsubscribe', { schema: PUSH_END }, async ({ userId, body }, reply) => {
    await notices.removeBrowser(userId, body.endpoint);
    return reply.code(204).send();
  });
}
