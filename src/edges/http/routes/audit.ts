/** The audit log: all of it for the owner of the installation, a user's own for each user. */
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { AuditPage, presentEntry } from '../schemas/audit.ts';
import { PageQuery } from '../schemas/shared-pieces.ts';
import { pageAnswer, pageRequest } from '../translate.ts';

const LIST_AUDIT = operation({
  tags: ['admin'],
  operationId: 'listAudit',
  summary: 'Who did what',
  description:
    'For the owner: everything that was done to users, accounts, bots and the installation, when and from where. Entries are never changed or removed.',
  querystring: PageQuery,
  response: { 200: AuditPage },
});

const LIST_OWN_AUDIT = operation({
  tags: ['auth'],
  operationId: 'listOwnAudit',
  summary: 'What was done to what is mine',
  description: 'Logins, and everything that was done to your accounts and bots, by whomever: look here for what was not you.',
  querystring: PageQuery,
  response: { 200: AuditPage },
});

export function addAuditRoutes(server: HttpServer, { store }: RouteParts): void {
  server.get('/admin/audit', { schema: LIST_AUDIT }, async ({ query }) => pageAnswer(await store.audit.list(pageRequest(query)), presentEntry));

  server.get('/users/me/audit', { schema: LIST_OWN_AUDIT }, async ({ query, userId }) =>
    pageAnswer(await store.audit.ofUser(userId, pageRequest(query)), presentEntry),
  );
}
