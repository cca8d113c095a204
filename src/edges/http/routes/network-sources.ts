/** By which of his accounts the owner lets networks of coins be read, for signals. */
import { z } from 'zod';
import { NetworkSources } from '#app/signals/networks/network-sources.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { ExchangeParams, NetworkSourceChoice, NetworkSourceItem, NetworkSourceList, presentSource } from '../schemas/network-sources.ts';

const tags = ['admin'];

const LIST = operation({
  tags,
  operationId: 'listNetworkSources',
  summary: 'Accounts by which networks of coins are read',
  description:
    'For the owner. Contracts, deposits and withdrawals of coins are told by most exchanges to holders of a key alone; without one signals say that they are not known.',
  response: { 200: NetworkSourceList },
});

const PUT = operation({
  tags,
  operationId: 'putNetworkSource',
  summary: 'Name the account by which networks of coins are read',
  description:
    'For the owner, and one of his own accounts. The exchange is asked once now, and every ten minutes from then on, for its list of coins and for nothing else.',
  params: ExchangeParams,
  body: NetworkSourceChoice,
  response: { 200: NetworkSourceItem },
  problems: ['not_found', 'exchange_unknown', 'key_rejected', 'venue_unavailable', 'venue_rate_limited'],
});

const REMOVE = operation({
  tags,
  operationId: 'removeNetworkSource',
  summary: 'Read networks of coins by no account',
  description: 'For the owner. What was read is forgotten within a minute.',
  params: ExchangeParams,
  response: { 204: z.undefined().describe('Nothing is read any more.') },
  problems: ['not_found', 'exchange_unknown'],
});

export function addNetworkSourceRoutes(server: HttpServer, parts: RouteParts): void {
  const sources = new NetworkSources(parts);
  server.get('/admin/network-sources', { schema: LIST }, async () => ({ items: (await sources.list()).map(presentSource), next_cursor: null }));
  server.put('/admin/network-sources/:exchange', { schema: PUT }, async ({ userId, params, body }) =>
    presentSource(await sources.set(userId, params.exchange, body.account_id)),
  );
  server.delete('/admin/network-sources/:exchange', { schema: REMOVE }, async ({ params }, reply) => {
    await sources.remove(params.exchange);
    return reply.code(204).send();
  });
}
