/** The OpenAPI document says all there is to say, about every operation and every field. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS } from '#core/errors.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Api, ask, openApi } from './_api.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}
interface Media {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
interface Operation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly operationId?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly description?: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Media>> }>>;
}
interface Document {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>>; readonly securitySchemes: object };
}

let database: TestStore;
let api: Api;
let document: Document;

beforeAll(async () => {
  database = await createTestStore();
  api = await openApi(database.store);
  document = (await ask(api.server, 'GET', '/openapi.json')).body as unknown as Document;
});
afterAll(() => database.drop());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );
const resolve = (schema: Schema): Schema =>
  schema.$ref === undefined ? schema : (document.components.schemas[schema.$ref.replace('#/components/schemas/', '')] ?? {});

describe('the OpenAPI document', () => {
  it('is of version 3.1, with every route of the API in it', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(
      operations()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(
      [
        'DELETE /api/v1/admin/network-sources/{exchange}',
        'GET /api/v1/admin/network-sources',
        'PUT /api/v1/admin/network-sources/{exchange}',
        'DELETE /api/v1/alerts/{id}',
        'GET /api/v1/alerts',
        'GET /api/v1/alerts/{id}',
        'PATCH /api/v1/alerts/{id}',
        'POST /api/v1/alerts',
        'DELETE /api/v1/bots/{id}/hook',
        'GET /api/v1/bots/{id}/hook',
        'PATCH /api/v1/bots/{id}/hook',
        'POST /api/v1/bots/{id}/hook',
        'POST /api/v1/hooks/{hook}',
        'POST /api/v1/hooks/{hook}/{secret}',
        'POST /api/v1/telegram/updates',
        'DELETE /api/v1/users/me/telegram-link',
        'GET /api/v1/users/me/telegram-link',
        'POST /api/v1/users/me/telegram-link',
        'DELETE /api/v1/accounts/{id}',
        'DELETE /api/v1/backtests/{id}',
        'DELETE /api/v1/backtests/{id}/checks/{check}',
        'DELETE /api/v1/optimizations/{id}',
        'GET /api/v1/backtests/{id}/checks',
        'GET /api/v1/backtests/{id}/checks/{check}',
        'GET /api/v1/optimizations',
        'GET /api/v1/optimizations/{id}',
        'GET /api/v1/optimizations/{id}/results',
        'POST /api/v1/backtests/{id}/checks',
        'POST /api/v1/optimizations',
        'POST /api/v1/optimizations/{id}/cancel',
        'POST /api/v1/optimizations/{id}/pause',
        'POST /api/v1/optimizations/{id}/resume',
        'POST /api/v1/optimizations/{id}/results/{rank}/deploy',
        'DELETE /api/v1/datasets/{id}',
        'GET /api/v1/backtests',
        'GET /api/v1/backtests/compare',
        'GET /api/v1/backtests/{id}',
        'GET /api/v1/backtests/{id}/equity.csv',
        'GET /api/v1/backtests/{id}/fills.csv',
        'GET /api/v1/backtests/{id}/orders.csv',
        'GET /api/v1/backtests/{id}/report.html',
        'GET /api/v1/backtests/{id}/result',
        'GET /api/v1/backtests/{id}/trades.csv',
        'GET /api/v1/datasets',
        'POST /api/v1/backtests',
        'POST /api/v1/backtests/{id}/cancel',
        'POST /api/v1/backtests/{id}/deploy',
        'POST /api/v1/datasets',
        'POST /api/v1/bots/{id}/backtest',
        'GET /api/v1/bots/{id}/report',
        'DELETE /api/v1/bots/{id}',
        'DELETE /api/v1/orders/{id}',
        'DELETE /api/v1/orders/{id}/actions',
        'GET /api/v1/accounts',
        'GET /api/v1/accounts/{id}',
        'GET /api/v1/accounts/{id}/balances',
        'GET /api/v1/accounts/{id}/positions',
        'GET /api/v1/auth/me',
        'GET /api/v1/bots',
        'GET /api/v1/bots/{id}',
        'GET /api/v1/bots/{id}/equity',
        'GET /api/v1/bots/{id}/events',
        'GET /api/v1/bots/{id}/fills',
        'GET /api/v1/bots/{id}/orders',
        'GET /api/v1/bots/{id}/stats',
        'GET /api/v1/bots/{id}/tape',
        'GET /api/v1/bots/{id}/versions',
        'GET /api/v1/exchanges',
        'GET /api/v1/market/book',
        'GET /api/v1/market/candles',
        'GET /api/v1/market/instruments',
        'GET /api/v1/market/ticker',
        'GET /api/v1/market/history',
        'GET /api/v1/market/tickers',
        'GET /api/v1/market/trades',
        'GET /api/v1/orders',
        'GET /api/v1/orders/{id}',
        'GET /api/v1/orders/{id}/events',
        'GET /api/v1/strategies',
        'GET /api/v1/strategies/argosy-strategy.d.ts',
        'GET /api/v1/strategies/own',
        'GET /api/v1/strategies/{name}/diff',
        'GET /api/v1/strategies/{name}/versions',
        'GET /api/v1/strategies/{name}/versions/{version}',
        'POST /api/v1/strategies',
        'POST /api/v1/strategies/check',
        'POST /api/v1/strategies/{name}/rollback',
        'DELETE /api/v1/strategies/{name}',
        'GET /api/v1/admin/audit',
        'GET /api/v1/users/me/audit',
        'GET /api/v1/admin/jobs',
        'GET /api/v1/admin/jobs/{id}',
        'POST /api/v1/admin/jobs',
        'POST /api/v1/admin/jobs/{id}/cancel',
        'POST /api/v1/admin/jobs/{id}/retry',
        'GET /api/v1/admin/log-level',
        'GET /api/v1/admin/runners',
        'GET /api/v1/admin/trading',
        'PUT /api/v1/admin/log-level',
        'POST /api/v1/admin/trading/observe',
        'POST /api/v1/admin/trading/resume',
        'GET /health',
        'GET /metrics',
        'GET /health/live',
        'GET /health/ready',
        'PATCH /api/v1/accounts/{id}',
        'PATCH /api/v1/bots/{id}',
        'POST /api/v1/accounts',
        'POST /api/v1/accounts/{id}/test',
        'POST /api/v1/auth/login',
        'POST /api/v1/auth/logout',
        'POST /api/v1/auth/refresh',
        'POST /api/v1/auth/register',
        'POST /api/v1/bots',
        'POST /api/v1/bots/preview',
        'POST /api/v1/bots/{id}/commands',
        'POST /api/v1/bots/{id}/commands/preview',
        'POST /api/v1/bots/{id}/panic',
        'POST /api/v1/bots/{id}/pause',
        'POST /api/v1/bots/{id}/start',
        'POST /api/v1/bots/{id}/stop',
        'POST /api/v1/market/history/downloads',
        'POST /api/v1/orders',
        'POST /api/v1/orders/cancel',
        'GET /api/v1/notifications',
        'POST /api/v1/notifications/{id}/read',
        'POST /api/v1/notifications/mail-addresses',
        'POST /api/v1/notifications/mail-addresses/confirm',
        'POST /api/v1/notifications/read-all',
        'GET /api/v1/notifications/settings',
        'PUT /api/v1/notifications/settings',
        'POST /api/v1/notifications/test',
        'GET /api/v1/notifications/targets',
        'POST /api/v1/notifications/targets',
        'DELETE /api/v1/notifications/targets/{id}',
        'GET /api/v1/notifications/web-push/key',
        'POST /api/v1/notifications/web-push',
        'POST /api/v1/notifications/web-push/unsubscribe',
        'GET /api/v1/notifications/deliveries',
        'POST /api/v1/notifications/deliveries/{id}/retry',
        'GET /api/v1/admin/notifications/deliveries',
        'POST /api/v1/admin/notifications/deliveries/{id}/retry',
        'DELETE /api/v1/admin/redeem-codes/{id}',
        'DELETE /api/v1/signals/{id}',
        'GET /api/v1/admin/redeem-codes',
        'GET /api/v1/admin/users',
        'GET /api/v1/market/cryptocurrencies',
        'GET /api/v1/signals',
        'GET /api/v1/signals/choices',
        'GET /api/v1/signals/funding-rate',
        'GET /api/v1/signals/mexc-dex',
        'GET /api/v1/signals/mexc-spot-futures',
        'GET /api/v1/signals/{id}',
        'GET /api/v1/signals/{id}/history',
        'GET /api/v1/users/me/subscription',
        'POST /api/v1/admin/redeem-codes',
        'POST /api/v1/payments/webhook',
        'POST /api/v1/signals/{id}/bots',
        'POST /api/v1/signals/{id}/bots/preview',
        'POST /api/v1/users/me/subscription/redeem',
        'POST /api/v1/ws/ticket',
        'PUT /api/v1/admin/users/{id}/subscription',
        'PUT /api/v1/signals/choices',
        'PUT /api/v1/users/me/subscription',
        'DELETE /api/v1/posts/sources/{id}',
        'DELETE /api/v1/posts/{id}',
        'GET /api/v1/posts',
        'GET /api/v1/posts/sources',
        'GET /api/v1/posts/{id}',
        'PATCH /api/v1/posts/sources/{id}',
        'POST /api/v1/posts',
        'POST /api/v1/posts/sources',
      ].sort(),
    );
  });

  it('gives every operation a known tag, a summary, a description and a name of its own', () => {
    const tags = new Set(document.tags.map(({ name }) => name));
    const lacking = operations().filter(
      ({ operation }) => operation.tags?.every((tag) => tags.has(tag)) !== true || !operation.summary || !operation.description || !operation.operationId,
    );
    expect(lacking.map(({ name }) => name)).toEqual([]);
    const names = operations().map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('gives every body an example, and every response a description', () => {
    const lacking = operations().flatMap(({ name, operation }) => {
      const bodies = [operation.requestBody, ...Object.values(operation.responses)].flatMap((body) => Object.entries(body?.content ?? {}));
      return [
        ...bodies.filter(([, media]) => media.example === undefined && media.examples === undefined).map(([type]) => `${name}: ${type} without example`),
        ...Object.entries(operation.responses)
          .filter(([, { description }]) => !description || description === 'Default Response')
          .map(([status]) => `${name}: ${status} without description`),
      ];
    });
    expect(lacking).toEqual([]);
  });

  it('has examples that have the fields their schemas demand, and no others', () => {
    const problems = operations().flatMap(({ name, operation }) =>
      [operation.requestBody, ...Object.values(operation.responses)]
        .flatMap((body) => Object.values(body?.content ?? {}))
        .flatMap(({ schema, example, examples }) =>
          [example, ...Object.values(examples ?? {}).map(({ value }) => value)]
            .filter((value) => value !== undefined)
            .flatMap((value) => mismatches(schema, value, name)),
        ),
    );
    expect(problems).toEqual([]);
  });

  it('describes every component, every field of it and every parameter', () => {
    const lacking = [
      ...Object.entries(document.components.schemas).flatMap(([name, schema]) => [...(schema.description ? [] : [name]), ...undescribed(schema, name)]),
      ...operations().flatMap(({ name, operation }) =>
        (operation.parameters ?? []).filter(({ description }) => !description).map((parameter) => `${name} ${parameter.in} ${parameter.name}`),
      ),
    ];
    expect(lacking).toEqual([]);
  });

  it('has no reference to nowhere and no component that nobody refers to', () => {
    const text = JSON.stringify(document);
    const referred = new Set([...text.matchAll(/#\/components\/schemas\/([^"]+)/g)].map(([, name]) => name));
    expect([...referred].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  it('asks for an access token everywhere but at the door', () => {
    const open = operations().filter(({ operation }) => operation.security?.length === 0);
    expect(open.map(({ name }) => name).sort()).toEqual([
      'GET /health',
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
      'POST /api/v1/auth/login',
      'POST /api/v1/auth/logout',
      'POST /api/v1/auth/refresh',
      'POST /api/v1/auth/register',
      'POST /api/v1/hooks/{hook}',
      'POST /api/v1/hooks/{hook}/{secret}',
      'POST /api/v1/payments/webhook',
      'POST /api/v1/telegram/updates',
    ]);
    expect(document.components.securitySchemes).toMatchObject({ accessToken: { type: 'http', scheme: 'bearer' } });
    for (const { name, operation } of operations()) expect(operation.responses['401'] !== undefined || operation.security?.length === 0, name).toBe(true);
  });

  it('names for every problem a code that exists, under the status it has', () => {
    for (const { name, operation } of operations()) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        for (const code of Object.keys(content?.['application/problem+json']?.examples ?? {}))
          expect(`${name} ${code} ${ERRORS[code as keyof typeof ERRORS].status}`).toBe(`${name} ${code} ${status}`);
      }
    }
  });
});

function undescribed(schema: Schema, path: string): string[] {
  const inner = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
      ...(isDescribed(property) ? [] : [`${path}.${name}`]),
      ...undescribed(property, `${path}.${name}`),
    ]),
    ...(schema.items === undefined ? [] : undescribed(schema.items, `${path}[]`)),
    ...(schema.anyOf ?? []).flatMap((one) => undescribed(one, path)),
  ];
  return inner;
}

function isDescribed(schema: Schema): boolean {
  return Boolean(schema.description) || Boolean(resolve(schema).description) || (schema.anyOf ?? []).some((one) => isDescribed(one));
}

function mismatches(schema: Schema, value: unknown, path: string): string[] {
  const { properties, required = [], additionalProperties, items } = resolve(schema);
  if (Array.isArray(value)) return items === undefined ? [] : value.flatMap((item, index) => mismatches(items, item, `${path}[${index}]`));
  if (properties === undefined || typeof value !== 'object' || value === null) return [];
  const given = Object.entries(value);
  return [
    ...required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${path} lacks ${name}`),
    ...given
      .filter(([name]) => properties[name] === undefined && (additionalProperties === false || additionalProperties === undefined))
      .map(([name]) => `${path} has ${name}`),
    ...given.flatMap(([name, inner]) => (properties[name] === undefined ? [] : mismatches(properties[name], inner, `${path}.${name}`))),
  ];
}
