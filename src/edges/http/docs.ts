/**
 * The documentation of the API, served from this machine alone: the OpenAPI document, Swagger UI and ReDoc.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { FAVICON } from './first-page.ts';
import { describeRoute, finishDocument } from './openapi.ts';
import { type HttpServer, TAGS } from './route.ts';

/** Fetched from its makers' server by ReDoc unless told otherwise; nothing here asks strangers for anything. */
const REMOTE_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const LOCAL_LOGO = '/favicon.svg';

const INTRODUCTION = `Runs, tests and watches trading bots.

**First steps.** Register at \`POST /api/v1/auth/register\`, log in, press *Authorize* with the access token, add an account at the
exchange \`paper\` (it needs no keys and trades play money), create a bot, start it.

**Conventions.** Names are snake_case. Prices, sizes and money are decimal strings in answers; requests take a string or a JSON number that
is exactly a decimal. Times are ISO 8601 in UTC. Lists are pages: \`items\` and \`next_cursor\`, which is given back as \`cursor\`.
Every refusal is a problem (RFC 9457) with a stable \`code\`. Paths without \`/v1\`, and \`/auth/…\` without \`/api\`, answer the same.`;

/** Must be registered before the routes it describes. */
export async function addDocs(server: HttpServer, version: string): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Argosy', version, description: INTRODUCTION, license: { name: 'AGPL-3.0-only', identifier: 'AGPL-3.0-only' } },
      servers: [{ url: '/', description: 'This server.' }],
      tags: TAGS.map((tag) => ({ ...tag })),
      security: [{ accessToken: [] }],
      components: {
        securitySchemes: {
          accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The `access_token` that login gives; it lasts ten minutes.' },
        },
      },
    },
    transform: describeRoute,
    transformObject: finishDocument,
  });
  await server.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { persistAuthorization: true, displayRequestDuration: true, docExpansion: 'list', filter: true, validatorUrl: null },
    logo: { type: 'image/svg+xml', content: FAVICON },
    theme: { title: 'Argosy API', favicon: [{ filename: 'favicon.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: FAVICON }] },
  });

  const hidden = { config: { isPublic: true }, schema: { hide: true } };
  server.get('/openapi.json', hidden, async (_request, reply) => reply.type('application/json').send(JSON.stringify(server.swagger())));
  server.get('/redoc', hidden, async (_request, reply) => reply.type('text/html; charset=utf-8').send(REDOC_PAGE));
  let script: Promise<string> | null = null;
  server.get('/redoc/redoc.standalone.js', hidden, async (_request, reply) => {
    script ??= loadRedoc();
    return reply
      .type('text/javascript; charset=utf-8')
      .header('cache-control', 'public, max-age=86400')
      .send(await script);
  });
}

async function loadRedoc(): Promise<string> {
  const source = await readFile(createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js'), 'utf8');
  return source.replaceAll(REMOTE_LOGO, LOCAL_LOGO);
}

const REDOC_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Argosy API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style>body { margin: 0; }</style>
</head>
<body>
<redoc spec-url="/openapi.json" disable-google-font="true" hide-download-button="false"></redoc>
<script src="/redoc/redoc.standalone.js"></script>
</body>
</html>
`;
