/**
 * Finishes the OpenAPI document that is derived from the routes: the problems each may answer with, who may call it,
 * an example for every body, and no component that nobody refers to.
 */
import type { SwaggerTransform, SwaggerTransformObject } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { ERRORS, type ErrorCode } from '#core/errors.ts';
import { OWNER_PREFIX } from './route.ts';
import { exampleOf, problemExample } from './schemas/shared-pieces.ts';

type Json = Record<string, unknown>;

/** What any route may answer with. */
const ALWAYS: readonly ErrorCode[] = ['rate_limited', 'store_unavailable', 'internal_error'];

/** Turns a route's zod schemas into JSON Schema and notes what {@link finishDocument} needs to know of it. */
export const describeRoute: SwaggerTransform = (route) => {
  const described = jsonSchemaTransform(route as Parameters<typeof jsonSchemaTransform>[0]);
  const given = route.schema;
  if (given === undefined || given.hide === true) return described;
  const isPublic = route.route.config?.isPublic === true;
  const takesInput = given.body !== undefined || given.querystring !== undefined || given.headers !== undefined;
  const codes = new Set<ErrorCode>([
    ...(given.problems ?? []),
    ...(isPublic ? [] : (['unauthenticated'] as const)),
    ...(route.url.startsWith(OWNER_PREFIX) ? (['forbidden'] as const) : []),
    ...(takesInput ? (['validation_failed'] as const) : []),
    ...ALWAYS,
  ]);
  if (given.body !== undefined) for (const code of ['malformed_request', 'payload_too_large'] as const) codes.add(code);
  return { ...described, schema: { ...described.schema, ...(isPublic ? { security: [] } : {}), 'x-problems': [...codes], 'x-example': exampleOf(given.body) } };
};

/** Completes the whole document. */
export const finishDocument: SwaggerTransformObject = (input) => {
  const document = jsonSchemaTransformObject(input) as unknown as Json & {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, Json> };
  };
  const { schemas } = document.components;
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations)) {
      addExample(operation.requestBody, schemas, operation['x-example']);
      delete operation['x-example'];
      for (const response of Object.values(operation.responses)) {
        addExample(response, schemas);
        describeResponse(response, schemas);
      }
      addProblems(operation);
    }
  }
  return { ...document, components: { ...document.components, schemas: referredTo(document, schemas) } } as ReturnType<SwaggerTransformObject>;
};

interface Body {
  description?: string;
  content?: Record<string, { schema: { $ref?: string }; example?: unknown; examples?: Json }>;
}

interface Operation {
  requestBody?: Body;
  responses: Record<string, Body>;
  'x-problems'?: readonly ErrorCode[];
  'x-example'?: unknown;
}

const REFERENCE = '#/components/schemas/';

/** `known` stands in where zod leaves the example out, as it does for whatever is changed on its way in. */
function addExample(body: Body | undefined, schemas: Readonly<Record<string, Json>>, known?: unknown): void {
  for (const media of Object.values(body?.content ?? {})) {
    const examples = schemas[nameIn(media.schema.$ref)]?.['examples'];
    media.example ??= Array.isArray(examples) ? examples[0] : known;
  }
}

function describeResponse(response: Body, schemas: Readonly<Record<string, Json>>): void {
  const [media] = Object.values(response.content ?? {});
  const description = schemas[nameIn(media?.schema.$ref)]?.['description'];
  if (typeof description === 'string') response.description = description;
}

/** One response for each status, with an example for each code that has it. */
function addProblems(operation: Operation): void {
  const byStatus = Map.groupBy(operation['x-problems'] ?? [], (code) => ERRORS[code].status);
  delete operation['x-problems'];
  for (const [status, codes] of [...byStatus].sort(([one], [other]) => one - other)) {
    const media = {
      schema: { $ref: `${REFERENCE}Problem` },
      examples: Object.fromEntries(codes.map((code) => [code, { summary: ERRORS[code].title.en, value: problemExample(code) }])),
    };
    const present = operation.responses[status];
    if (present !== undefined) present.content = { ...present.content, 'application/problem+json': media };
    else
      operation.responses[status] = {
        description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title.en}.`).join(' '),
        content: { 'application/problem+json': media },
      };
  }
}

/** The components that the paths reach, directly or through others. */
function referredTo(document: { readonly paths: unknown }, schemas: Readonly<Record<string, Json>>): Record<string, Json> {
  const reached = new Map<string, Json>();
  const visit = (value: unknown): void => {
    for (const match of JSON.stringify(value).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      const name = match[1] ?? '';
      const schema = schemas[name];
      if (schema === undefined || reached.has(name)) continue;
      reached.set(name, schema);
      visit(schema);
    }
  };
  visit(document.paths);
  return Object.fromEntries([...reached].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function nameIn(reference: string | undefined): string {
  return reference?.startsWith(REFERENCE) === true ? reference.slice(REFERENCE.length) : '';
}
