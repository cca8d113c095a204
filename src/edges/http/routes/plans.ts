/** Plans: the user's own, what the owner grants, codes, and the notices of whoever takes payments. */
import { z } from 'zod';
import { AppError } from '#core/errors.ts';
import { parseJsonBody } from '../json-body.ts';
import type { RouteParts } from '../parts.ts';
import { assertSigned, SIGNATURE_HEADER } from '../payment-signature.ts';
import { type HttpServer, operation } from '../route.ts';
import {
  MadeRedeemCode,
  NewRedeemCode,
  PaymentNotice,
  PaymentReceipt,
  PersonPage,
  PlanChoice,
  PlanGrant,
  presentCode,
  presentPlan,
  RedeemCodePage,
  Redemption,
  SubscriptionItem,
} from '../schemas/plans.ts';
import { IdParams, isoTime, PageQuery } from '../schemas/shared-pieces.ts';

const tags = ['plans'];
const response = { 200: SubscriptionItem };

const MINE = operation({ tags, operationId: 'getSubscription', summary: 'My plan', description: 'The plan of the user, made free at registration.', response });

const CHOOSE = operation({
  tags,
  operationId: 'chooseSubscription',
  summary: 'Give my plan up',
  description: 'Back to `free`, at once. `vip` is refused: it comes by a code, a payment, or the owner.',
  body: PlanChoice,
  response,
  problems: ['plan_not_for_taking'],
});

const REDEEM = operation({
  tags,
  operationId: 'redeemCode',
  summary: 'Redeem a code',
  description: 'Uses a code up: its days are added to the end of the present plan. The answer to a wrong code does not say what is wrong with it.',
  body: Redemption,
  response,
  problems: ['code_invalid', 'plan_endless'],
});

const PEOPLE = operation({
  tags: ['admin'],
  operationId: 'listUsers',
  summary: 'Users and their plans',
  description: 'For the owner.',
  querystring: PageQuery,
  response: { 200: PersonPage },
});

const GRANT = operation({
  tags: ['admin'],
  operationId: 'grantSubscription',
  summary: 'Give a user a plan',
  description: 'For the owner: sets the plan, whatever it was before.',
  params: IdParams,
  body: PlanGrant,
  response,
  problems: ['not_found'],
});

const MAKE_CODE = operation({
  tags: ['admin'],
  operationId: 'makeRedeemCode',
  summary: 'Make a code',
  description: 'For the owner: a code that one user redeems once for days of VIP.',
  body: NewRedeemCode,
  response: { 201: MadeRedeemCode },
  problems: ['too_many_kept'],
});

const LIST_CODES = operation({
  tags: ['admin'],
  operationId: 'listRedeemCodes',
  summary: 'Codes',
  description: 'For the owner. The codes themselves are kept by nobody.',
  querystring: PageQuery,
  response: { 200: RedeemCodePage },
});

const REVOKE_CODE = operation({
  tags: ['admin'],
  operationId: 'revokeRedeemCode',
  summary: 'Withdraw a code',
  description: 'For the owner: it cannot be redeemed any more. What was redeemed stays.',
  params: IdParams,
  response: { 204: z.undefined().describe('Withdrawn.') },
  problems: ['not_found', 'code_over'],
});

const PAYMENT = operation({
  tags,
  operationId: 'takePaymentNotice',
  summary: 'A payment notice',
  description: `For whoever takes the payments. The header \`${SIGNATURE_HEADER}\` is \`t=<seconds>,v1=<hex>\`: the HMAC-SHA256 of \`<seconds>.<body>\` under the secret of \`ARGOSY_PAYMENT_SECRET\`, not older than five minutes. The same event counts once, however often it comes.`,
  body: PaymentNotice,
  response: { 200: PaymentReceipt },
  problems: ['signature_invalid', 'not_found'],
});

export function addPlanRoutes(server: HttpServer, parts: RouteParts): void {
  const { plans } = parts;
  server.get('/users/me/subscription', { schema: MINE }, async ({ userId }) => presentPlan(await plans.mine(userId)));
  server.put('/users/me/subscription', { schema: CHOOSE }, async ({ userId, body }) => presentPlan(await plans.choose(userId, body.plan)));
  server.post('/users/me/subscription/redeem', { schema: REDEEM }, async ({ userId, body }) => presentPlan(await plans.redeem(userId, body.code)));
  addOwnerRoutes(server, parts);
  addPaymentRoute(server, parts);
}

function addOwnerRoutes(server: HttpServer, { plans, clock }: RouteParts): void {
  server.get('/admin/users', { schema: PEOPLE }, async ({ query }) => {
    const { items, nextCursor } = await plans.people({ limit: query.limit, cursor: query.cursor ?? null });
    const present = ({ user: { id, email, role, createdAt }, ...view }: (typeof items)[number]) => ({
      id,
      email,
      role,
      created_at: isoTime(createdAt),
      subscription: presentPlan(view),
    });
    return { items: items.map(present), next_cursor: nextCursor };
  });
  server.put('/admin/users/:id/subscription', { schema: GRANT }, async ({ params, body }) => presentPlan(await plans.grant(params.id, body.plan, body.until)));
  server.post('/admin/redeem-codes', { schema: MAKE_CODE }, async ({ body }, reply) => {
    const { days, note, for_user_id: forUserId, valid_days: validDays } = body;
    const { code, record } = await plans.makeCode({ days, note, forUserId, validDays });
    return reply.code(201).send({ ...presentCode(record, clock.now()), code });
  });
  server.get('/admin/redeem-codes', { schema: LIST_CODES }, async ({ query }) => {
    const { items, nextCursor } = await plans.codes({ limit: query.limit, cursor: query.cursor ?? null });
    return { items: items.map((item) => presentCode(item, clock.now())), next_cursor: nextCursor };
  });
  server.delete('/admin/redeem-codes/:id', { schema: REVOKE_CODE }, async ({ params }, reply) => {
    await plans.revokeCode(params.id);
    return reply.code(204).send();
  });
}

/** What is signed is the text of the body, so it is proven before anybody reads it. */
function addPaymentRoute(server: HttpServer, { plans, clock, paymentSecret }: RouteParts): void {
  server.register(async (scope) => {
    scope.removeContentTypeParser('application/json');
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
      try {
        if (paymentSecret === null) throw new AppError('not_found', 'This installation takes no payments: ARGOSY_PAYMENT_SECRET is not set.');
        assertSigned(String(body), request.headers[SIGNATURE_HEADER], paymentSecret, clock.now());
        done(null, parseJsonBody(String(body)));
      } catch (error) {
        done(error as Error, undefined);
      }
    });
    (scope as unknown as HttpServer).post('/payments/webhook', { config: { isPublic: true }, schema: PAYMENT }, async ({ body }) => {
      const { id, type, user_id: userId, days } = body;
      return { outcome: await plans.pay({ id, kind: type === 'subscription_paid' ? 'paid' : 'ended', userId, days }) };
    });
  });
}
