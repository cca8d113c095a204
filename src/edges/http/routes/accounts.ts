/** Exchange accounts and their keys. */
import { z } from 'zod';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { Account, AccountChange, AccountPage, Balances, KeyTest, NewAccount, presentAccount } from '../schemas/accounts.ts';
import { Positions, presentPosition } from '../schemas/positions.ts';
import { IdParams, PageQuery } from '../schemas/shared-pieces.ts';
import { givenKeys, pageAnswer, pageRequest } from '../translate.ts';

const tags = ['accounts'];

const CREATE_ACCOUNT = operation({
  tags,
  operationId: 'createAccount',
  summary: 'Add an exchange account',
  description:
    'Tries the keys at the exchange first and stores them encrypted. Keys that may withdraw, may not trade or are not accepted are refused, and then nothing is stored.',
  body: NewAccount,
  response: { 201: Account },
  problems: ['exchange_unknown', 'key_rejected', 'key_can_withdraw', 'key_cannot_trade', 'key_in_use', 'venue_unavailable', 'venue_rate_limited'],
});

const LIST_ACCOUNTS = operation({
  tags,
  operationId: 'listAccounts',
  summary: 'List exchange accounts',
  description: 'Your exchange accounts, newest first.',
  querystring: PageQuery,
  response: { 200: AccountPage },
});

const GET_ACCOUNT = operation({
  tags,
  operationId: 'getAccount',
  summary: 'Get an exchange account',
  description: 'One of your exchange accounts, without its keys.',
  params: IdParams,
  response: { 200: Account },
  problems: ['not_found'],
});

const UPDATE_ACCOUNT = operation({
  tags,
  operationId: 'updateAccount',
  summary: 'Rename an account or replace its keys',
  description:
    'New keys are tried at the exchange first; when they are refused the old ones stay. Keys are not replaced while a bot works on the account or orders are open: they might be of another account at the exchange.',
  params: IdParams,
  body: AccountChange,
  response: { 200: Account },
  problems: ['not_found', 'bot_running', 'key_rejected', 'key_can_withdraw', 'key_cannot_trade', 'key_in_use', 'venue_unavailable', 'venue_rate_limited'],
});

const DELETE_ACCOUNT = operation({
  tags,
  operationId: 'deleteAccount',
  summary: 'Delete an exchange account',
  description: 'Forgets the account and its keys. Its bots have to be deleted first.',
  params: IdParams,
  response: { 204: z.undefined().describe('Deleted.') },
  problems: ['not_found', 'account_in_use'],
});

const TEST_ACCOUNT = operation({
  tags,
  operationId: 'testAccount',
  summary: 'Test the keys of an account',
  description: 'Asks the exchange now whether the stored keys work and what they may do.',
  params: IdParams,
  response: { 200: KeyTest },
  problems: ['not_found', 'key_rejected', 'key_can_withdraw', 'key_cannot_trade', 'venue_unavailable', 'venue_rate_limited'],
});

const WalletQuery = z.strictObject({
  wallet: z
    .enum(['spot', 'perpetual'])
    .default('spot')
    .describe('Which wallet, where the exchange keeps them apart: the one for spot instruments or the one that perpetuals draw on.'),
});

const GET_BALANCES = operation({
  tags,
  operationId: 'getBalances',
  summary: 'Balances of an account',
  description: 'What the account holds at the exchange now, all of it on one page.',
  params: IdParams,
  querystring: WalletQuery,
  response: { 200: Balances },
  problems: ['not_found', 'key_rejected', 'venue_unavailable', 'venue_rate_limited'],
});

const GET_POSITIONS = operation({
  tags,
  operationId: 'getPositions',
  summary: 'Positions of an account',
  description: 'What the account holds in perpetuals at the exchange now; empty where the exchange has none.',
  params: IdParams,
  response: { 200: Positions },
  problems: ['not_found', 'key_rejected', 'account_mode_unsupported', 'venue_unavailable', 'venue_rate_limited'],
});

export function addAccountRoutes(server: HttpServer, { accounts }: RouteParts): void {
  server.post('/accounts', { schema: CREATE_ACCOUNT }, async (request, reply) => {
    const { name, exchange } = request.body;
    const account = await accounts.create(request.userId, { name, exchange, ...givenKeys(request.body) });
    return reply.code(201).header('location', `/api/v1/accounts/${account.id}`).send(presentAccount(account));
  });

  server.get('/accounts', { schema: LIST_ACCOUNTS }, async (request) =>
    pageAnswer(await accounts.list(request.userId, pageRequest(request.query)), presentAccount),
  );

  server.get('/accounts/:id', { schema: GET_ACCOUNT }, async (request) => presentAccount(await accounts.get(request.userId, request.params.id)));

  server.patch('/accounts/:id', { schema: UPDATE_ACCOUNT }, async (request) =>
    presentAccount(await accounts.update(request.userId, request.params.id, { name: request.body.name, ...givenKeys(request.body) })),
  );

  server.delete('/accounts/:id', { schema: DELETE_ACCOUNT }, async (request, reply) => {
    await accounts.remove(request.userId, request.params.id);
    return reply.code(204).send();
  });

  server.post('/accounts/:id/test', { schema: TEST_ACCOUNT }, async (request) => {
    const { canTrade, canTradePerpetuals, canWithdraw, isIpRestricted, latencyMs } = await accounts.test(request.userId, request.params.id);
    const rights = { can_trade: canTrade, can_trade_perpetuals: canTradePerpetuals ?? null, can_withdraw: canWithdraw };
    return { ...rights, is_ip_restricted: isIpRestricted, latency_ms: Math.round(latencyMs) };
  });

  server.get('/accounts/:id/balances', { schema: GET_BALANCES }, async (request) => ({
    items: [...(await accounts.balances(request.userId, request.params.id, request.query.wallet))],
    next_cursor: null,
  }));

  server.get('/accounts/:id/positions', { schema: GET_POSITIONS }, async (request) => ({
    items: (await accounts.positions(request.userId, request.params.id)).map(presentPosition),
    next_cursor: null,
  }));
}
