/**
 * What every route declares besides its schemas, and how routes say who may call them.
 */
import type { FastifyBaseLogger, FastifyInstance, FastifySchema, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { ErrorCode } from '#core/errors.ts';

declare module 'fastify' {
  interface FastifySchema {
    /** Codes this route may refuse with besides those every route may. */
    readonly problems?: readonly ErrorCode[];
  }
  interface FastifyContextConfig {
    /** Whether the route answers without an access token. */
    isPublic?: boolean;
  }
  interface FastifyRequest {
    /** The user of the access token; empty on public routes. */
    userId: string;
  }
}

/** The server as routes see it: schemas are zod's. */
export type HttpServer = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, ZodTypeProvider>;

/** Paths whose answers are for one user alone and need an access token unless a route says otherwise. */
export const API_PREFIX = '/api/v1';
/** Paths that are for the owner of the installation alone: everybody else is refused with `forbidden`. */
export const OWNER_PREFIX = `${API_PREFIX}/admin/`;

export const TAGS = [
  { name: 'auth', description: 'Registration, login and sessions.' },
  { name: 'accounts', description: 'Exchange accounts and their keys.' },
  { name: 'bots', description: 'Bots: create, start, watch, stop.' },
  { name: 'backtests', description: 'Strategies over history: asked for, read, compared, made into bots.' },
  { name: 'optimizations', description: 'Settings of strategies searched for over history, with what is to be believed of them.' },
  { name: 'orders', description: 'Orders placed by bots and by hand.' },
  { name: 'strategies', description: 'Strategies of your own: check, upload, compare, roll back.' },
  { name: 'catalogue', description: 'Strategies, exchanges, instruments and prices.' },
  { name: 'signals', description: 'Arbitrage that is real after costs, while it lasts.' },
  { name: 'plans', description: 'What a user’s plan is, and how it changes.' },
  { name: 'sockets', description: 'What opens a socket; the guide on sockets says what goes over them.' },
  { name: 'admin', description: 'What the owner sets for the whole installation.' },
  { name: 'system', description: 'How the server is.' },
] as const;

/** Keeps the types of a route's declaration exact; what it declares is checked, answered and documented by it. */
export function operation<const Schema extends FastifySchema>(schema: Schema): Schema {
  return schema;
}
