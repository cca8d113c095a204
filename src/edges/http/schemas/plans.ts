/** Wire shapes of plans, codes and payments. */
import { z } from 'zod';
import { MAX_CODE_VALID_DAYS, type PlanView } from '#app/plans/plans.ts';
import { MAX_DAYS, PLAN_TERMS, PLANS } from '#core/plans/plan.ts';
import type { RedeemCodeRecord } from '#core/plans/subscription-store.ts';
import { idInput, isoTime, isoTimeOrNull, pageOf, textInput, timeInput, timeOutput } from './shared-pieces.ts';

const plan = z.enum(PLANS);

const Terms = z
  .object({
    requests_per_minute: z.int().describe('Requests of this user in a minute.'),
    signal_delay_seconds: z.number().describe('Signals are shown so long after they opened.'),
    signal_rows: z.int().nullable().describe('Signals in one list at most; `null` for all.'),
    signal_notices_per_hour: z.int().describe('Signals of which you are told one by one in an hour; of the rest in one notice.'),
    sockets: z.boolean().describe('Whether `/ws/signals` is open.'),
  })
  .describe('What the plan that holds now allows.');

export const SubscriptionItem = z
  .object({
    plan: plan.describe('What holds now.'),
    status: z.enum(['active', 'grace', 'expired']).describe('`grace`: it has run out and is still honoured for three days, because payments come late.'),
    source: z.enum(['registration', 'grant', 'code', 'payment']).describe('How the user came by the plan of the record.'),
    since: timeOutput.describe('Since when the plan of the record was held.'),
    expires_at: timeOutput.nullable().describe('When it runs out; `null` for what does not.'),
    ends_at: timeOutput.nullable().describe('When it stops to hold, grace included; `null` when it does not, or has.'),
    terms: Terms,
  })
  .meta({
    id: 'Subscription',
    description: 'The plan of a user.',
    examples: [
      {
        plan: 'free',
        status: 'active',
        source: 'registration',
        since: '2026-11-20T07:00:00.000Z',
        expires_at: null,
        ends_at: null,
        terms: { requests_per_minute: 1200, signal_delay_seconds: 60, signal_rows: 10, signal_notices_per_hour: 5, sockets: false },
      },
    ],
  });

export const PlanChoice = z
  .strictObject({ plan: plan.describe('`free` gives the present plan up at once. `vip` cannot be taken like this.') })
  .meta({ id: 'PlanChoice', description: 'The plan to have from now on.', examples: [{ plan: 'free' }] });

export const Redemption = z
  .strictObject({ code: z.string().min(1).max(128).describe('The code, exactly as it was given.') })
  .meta({ id: 'Redemption', description: 'A code to be used up.', examples: [{ code: 'Zk0q3v7y2mJx5u8rB1nC4tD6wE9' }] });

export const PlanGrant = z
  .strictObject({
    plan: plan.describe('The plan.'),
    until: timeInput.nullable().default(null).describe('When it ends; left out, it does not.'),
  })
  .meta({ id: 'PlanGrant', description: 'A plan for a user.', examples: [{ plan: 'vip', until: '2027-11-20T00:00:00.000Z' }] });

const Person = z
  .object({
    id: z.string().describe('Id of the user.'),
    email: z.string().describe('E-mail address.'),
    role: z.string().describe('`owner` or `user`.'),
    created_at: timeOutput.describe('When the user registered.'),
    subscription: SubscriptionItem.describe('The plan.'),
  })
  .meta({
    id: 'Person',
    description: 'A user with the plan that holds.',
    examples: [
      {
        id: '0198f5a2-6d1c-7c33-9b1e-4f6a1d2b3c4d',
        email: 'ada@example.org',
        role: 'user',
        created_at: '2026-11-20T07:00:00.000Z',
        subscription: exampleSubscription(),
      },
    ],
  });

export const PersonPage = pageOf('PersonPage', Person, 'Everybody, the newest first.');

export const NewRedeemCode = z
  .strictObject({
    days: z.int().min(1).max(MAX_DAYS).describe('Days of VIP it is worth.'),
    note: textInput(200).default('from the owner').describe('What it is for; only the owner reads it.'),
    for_user_id: idInput.nullable().default(null).describe('The only user who may redeem it; left out, whoever has it may.'),
    valid_days: z.int().min(1).max(MAX_CODE_VALID_DAYS).default(30).describe('For how many days it can be redeemed.'),
  })
  .meta({ id: 'NewRedeemCode', description: 'A code to be made.', examples: [{ days: 30, note: 'for the first testers', valid_days: 14 }] });

const codeFields = {
  id: z.string().describe('Id of the code.'),
  days: z.int().describe('Days of VIP it is worth.'),
  note: z.string().describe('What it is for.'),
  for_user_id: z.string().nullable().describe('The only user who may redeem it; `null` for whoever has it.'),
  status: z.enum(['open', 'redeemed', 'revoked', 'lapsed']).describe('Whether it can still be redeemed.'),
  valid_until: timeOutput.describe('Until when it can be redeemed.'),
  created_at: timeOutput.describe('When it was made.'),
  redeemed_by: z.string().nullable().describe('Who has redeemed it.'),
  redeemed_at: timeOutput.nullable().describe('When it was redeemed.'),
};
const codeExample = {
  id: '0198f5a9-6d1c-7c33-9b1e-4f6a1d2b3c4d',
  days: 30,
  note: 'for the first testers',
  for_user_id: null,
  status: 'open' as const,
  valid_until: '2026-12-04T07:00:00.000Z',
  created_at: '2026-11-20T07:00:00.000Z',
  redeemed_by: null,
  redeemed_at: null,
};

const RedeemCode = z.object(codeFields).meta({ id: 'RedeemCode', description: 'A code, without its text.', examples: [codeExample] });
export const RedeemCodePage = pageOf('RedeemCodePage', RedeemCode, 'Codes, the newest first.');
export const MadeRedeemCode = z
  .object({ ...codeFields, code: z.string().describe('The code. It is told this once and cannot be read again.') })
  .meta({ id: 'MadeRedeemCode', description: 'A new code.', examples: [{ ...codeExample, code: 'Zk0q3v7y2mJx5u8rB1nC4tD6wE9' }] });

export const PaymentNotice = z
  .strictObject({
    id: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable characters without blanks')
      .describe('Id of the event at whoever takes the payment; the same event counts once.'),
    type: z.enum(['subscription_paid', 'subscription_ended']).describe('`subscription_paid` adds days; `subscription_ended` ends a paid plan at once.'),
    user_id: idInput.describe('Whose plan it is about.'),
    days: z.int().min(1).max(MAX_DAYS).default(30).describe('Days that were paid for.'),
  })
  .meta({
    id: 'PaymentNotice',
    description: 'A payment.',
    examples: [{ id: 'evt_81JX2', type: 'subscription_paid', user_id: '0198f5a2-6d1c-7c33-9b1e-4f6a1d2b3c4d', days: 30 }],
  });

export const PaymentReceipt = z
  .object({ outcome: z.enum(['applied', 'repeated']).describe('`repeated`: it counted before and changed nothing now.') })
  .meta({ id: 'PaymentReceipt', description: 'What became of a payment notice.', examples: [{ outcome: 'applied' }] });

export function presentPlan({ subscription, standing }: PlanView): z.output<typeof SubscriptionItem> {
  const { requestsPerMinute, signalDelayMs, signalRows, signalNoticesPerHour, mayStream } = PLAN_TERMS[standing.plan];
  return {
    plan: standing.plan,
    status: standing.state,
    source: subscription.source,
    since: isoTime(subscription.since),
    expires_at: isoTimeOrNull(subscription.expiresAt),
    ends_at: isoTimeOrNull(standing.endsAt),
    terms: {
      requests_per_minute: requestsPerMinute,
      signal_delay_seconds: signalDelayMs / 1_000,
      signal_rows: Number.isFinite(signalRows) ? signalRows : null,
      signal_notices_per_hour: signalNoticesPerHour,
      sockets: mayStream,
    },
  };
}

export function presentCode(record: RedeemCodeRecord, now: number): z.output<typeof RedeemCode> {
  const { id, days, note, forUserId, validUntil, createdAt, redeemedBy, redeemedAt, revokedAt } = record;
  const status = redeemedAt !== null ? 'redeemed' : revokedAt !== null ? 'revoked' : validUntil <= now ? 'lapsed' : 'open';
  return {
    id,
    days,
    note,
    for_user_id: forUserId,
    status,
    valid_until: isoTime(validUntil),
    created_at: isoTime(createdAt),
    redeemed_by: redeemedBy,
    redeemed_at: isoTimeOrNull(redeemedAt),
  };
}

function exampleSubscription() {
  return {
    plan: 'vip' as const,
    status: 'active' as const,
    source: 'code' as const,
    since: '2026-11-20T07:00:00.000Z',
    expires_at: '2026-12-20T07:00:00.000Z',
    ends_at: '2026-12-20T07:00:00.000Z',
    terms: { requests_per_minute: 3600, signal_delay_seconds: 0, signal_rows: null, signal_notices_per_hour: 30, sockets: true },
  };
}
