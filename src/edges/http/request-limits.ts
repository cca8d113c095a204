/**
 * How many requests are answered in a minute: of everybody behind one address, of one address without a token, and of each user by
 * plan, whatever the number of sessions and processes. What is left stands in the headers of the IETF draft
 * (draft-ietf-httpapi-ratelimit-headers) and in their older form.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#core/errors.ts';
import { PLAN_TERMS, type Plan } from '#core/plans/plan.ts';
import type { RequestCounter } from '#core/request-counter.ts';

/** Requests in a minute by policy. */
export interface RequestQuotas extends Readonly<Record<Plan, number>> {
  /** Of one address in all, with tokens and without: the houses of many users share one. */
  readonly address: number;
  /** Of one address without a token, or with one that is not valid. */
  readonly anonymous: number;
}

export const DEFAULT_QUOTAS: RequestQuotas = {
  address: 6_000,
  anonymous: 1_200,
  free: PLAN_TERMS.free.requestsPerMinute,
  vip: PLAN_TERMS.vip.requestsPerMinute,
};
export const WINDOW_MS = 60_000;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whoever watches over the server is never sent away. */
    isUncounted?: boolean;
    /** Calls of one user in a minute, for what is dear. */
    callsPerMinute?: number;
  }
}

interface Count {
  readonly policy: string;
  readonly quota: number;
  readonly left: number;
  readonly resetS: number;
}

export class RequestLimits {
  readonly #counter: RequestCounter;
  readonly #quotas: RequestQuotas;
  readonly #counts = new WeakMap<FastifyRequest, readonly Count[]>();

  constructor(counter: RequestCounter, quotas: RequestQuotas) {
    this.#counter = counter;
    this.#quotas = quotas;
  }

  /** Counts a request of whomever it is; to be asked first. Throws AppError `rate_limited`, as all of these do. */
  async arrived(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.#count(request, reply, 'address', this.#quotas.address, addressGroup(request.ip));
  }

  async anonymous(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.#count(request, reply, 'anonymous', this.#quotas.anonymous, addressGroup(request.ip));
  }

  async ofUser(request: FastifyRequest, reply: FastifyReply, userId: string, plan: Plan): Promise<void> {
    // One count for all plans: whoever changes plans within a minute has not begun anew.
    await this.#count(request, reply, plan, this.#quotas[plan], `user ${userId}`);
    const { callsPerMinute } = request.routeOptions.config;
    if (callsPerMinute !== undefined) await this.#count(request, reply, 'route', callsPerMinute, `${request.routeOptions.url ?? ''} ${userId}`);
  }

  async #count(request: FastifyRequest, reply: FastifyReply, policy: string, quota: number, whose: string): Promise<void> {
    if (request.routeOptions.config.isUncounted === true) return;
    const isUser = policy === 'free' || policy === 'vip';
    const { used, resetMs } = await this.#counter.count(isUser ? whose : `${policy} ${whose}`, WINDOW_MS);
    const count = { policy, quota, left: Math.max(0, quota - used), resetS: Math.max(1, Math.ceil(resetMs / 1_000)) };
    const counts = [...(this.#counts.get(request) ?? []), count];
    this.#counts.set(request, counts);
    announce(reply, counts);
    if (used > quota)
      throw new AppError(
        'rate_limited',
        `More than the ${quota} requests a minute that the policy "${policy}" allows; try again in ${count.resetS} s.`,
        [],
        resetMs,
      );
  }
}

function announce(reply: FastifyReply, counts: readonly Count[]): void {
  const tightest = counts.reduce((one, other) => (other.left < one.left ? other : one));
  void reply.headers({
    'ratelimit-policy': counts.map(({ policy, quota }) => `"${policy}";q=${quota};w=${WINDOW_MS / 1_000}`).join(', '),
    ratelimit: counts.map(({ policy, left, resetS }) => `"${policy}";r=${left};t=${resetS}`).join(', '),
    'ratelimit-limit': String(tightest.quota),
    'ratelimit-remaining': String(tightest.left),
    'ratelimit-reset': String(tightest.resetS),
  });
}

/** What one customer of a provider has: an address of version 4, the first half of one of version 6. */
export function addressGroup(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined || !ip.includes(':')) return mapped ?? ip;
  const [head = '', tail = ''] = ip.toLowerCase().split('%')[0]?.split('::') ?? [];
  const [before, after] = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
  const groups = [...(before ?? []), ...Array.from({ length: 8 - (before?.length ?? 0) - (after?.length ?? 0) }, () => '0'), ...(after ?? [])];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
