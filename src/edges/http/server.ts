/**
 * Builds the HTTP server: guards in front, use cases behind, one schema per route for checks, answers and documentation.
 */
import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { Backtests } from '#app/backtest/backtests.ts';
import { BotHistory } from '#app/bots/bot-stats.ts';
import { Bots } from '#app/bots/bots.ts';
import { Checks } from '#app/honesty/checks.ts';
import { JobOffice } from '#app/jobs/job-office.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import { NOT_FOUND } from '#app/missing.ts';
import { MailAddresses } from '#app/notices/mail-addresses.ts';
import { Notices } from '#app/notices/notices.ts';
import { databaseCheck, Health } from '#app/operations/health.ts';
import { Optimizations } from '#app/optimize/optimizations.ts';
import { Orders } from '#app/orders/orders.ts';
import { Accounts } from '#app/people/accounts.ts';
import { DEFAULT_THROTTLE, LoginThrottle } from '#app/people/login-throttle.ts';
import { Users } from '#app/people/users.ts';
import { Plans } from '#app/plans/plans.ts';
import { SignalBots } from '#app/signal-bots/signal-bots.ts';
import { SignalViews } from '#app/signal-views/signal-views.ts';
import { NO_METRICS } from '#core/metrics.ts';
import { NO_TRACING, type OpenSpan, type Tracing } from '#core/tracing.ts';
import { AccessTokens, digestOfToken } from './access-tokens.ts';
import { canonicalUrl } from './canonical-url.ts';
import { addDocs } from './docs.ts';
import { fixedLogLevel } from './fixed-log-level.ts';
import { parseJsonBody } from './json-body.ts';
import { requireOwner } from './operators.ts';
import type { HttpParts, RouteParts } from './parts.ts';
import { answerError, answerProblem, BODY_LIMIT_BYTES } from './problem.ts';
import { DEFAULT_QUOTAS, RequestLimits } from './request-limits.ts';
import { lendLog } from './request-log.ts';
import { API_PREFIX, type HttpServer, OWNER_PREFIX } from './route.ts';
import { addAccountRoutes } from './routes/accounts.ts';
import { addAdminRoutes } from './routes/admin.ts';
import { addAuditRoutes } from './routes/audit.ts';
import { addAuthRoutes } from './routes/auth.ts';
import { addBacktestRoutes } from './routes/backtests.ts';
import { addBotHistoryRoutes } from './routes/bot-history.ts';
import { addBotRoutes } from './routes/bots.ts';
import { addCatalogueRoutes } from './routes/catalogue.ts';
import { addCheckRoutes } from './routes/checks.ts';
import { addCryptocurrencyRoutes } from './routes/cryptocurrencies.ts';
import { addFirstPage } from './routes/first-page.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addHistoryRoutes } from './routes/history.ts';
import { addJobRoutes } from './routes/jobs.ts';
import { addMarketRoutes } from './routes/market.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addNetworkSourceRoutes } from './routes/network-sources.ts';
import { addNotificationRoutes } from './routes/notifications.ts';
import { addOptimizationRoutes } from './routes/optimizations.ts';
import { addOrderRoutes } from './routes/orders.ts';
import { addPlanRoutes } from './routes/plans.ts';
import { addPostRoutes } from './routes/posts.ts';
import { addProgramRoutes } from './routes/programs.ts';
import { addReachRoutes } from './routes/reach.ts';
import { addRunnerRoutes } from './routes/runners.ts';
import { addSignalBotRoutes } from './routes/signal-bots.ts';
import { addSignalRoutes } from './routes/signals.ts';
import { addSocketRoutes, addTicketRoute } from './routes/sockets.ts';
import { compileValidator } from './validation.ts';

export type { HttpParts } from './parts.ts';

/** A request that takes longer to arrive than this is dropped. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Node itself refuses more in an address and headers together. */
const MAX_URL_LENGTH = 16_384;
const GIVEN_REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;

/** The server, ready to listen or to be asked through `inject`. Throws AppError `configuration_invalid`. */
export async function buildHttp(parts: HttpParts): Promise<FastifyInstance> {
  const server = Fastify({
    loggerInstance: lendLog(parts.log),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: ({ headers }) => requestIdFrom(headers['x-request-id']) ?? parts.ids.next(),
    rewriteUrl: (request) => canonicalUrl(request.url ?? '/'),
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: parts.trustedProxies === undefined || parts.trustedProxies.length === 0 ? false : [...parts.trustedProxies],
    routerOptions: { maxParamLength: MAX_URL_LENGTH },
    requestTimeout: REQUEST_TIMEOUT_MS,
    frameworkErrors: (error, request, reply) => void answerError(error, request as unknown as FastifyRequest, reply),
  }).withTypeProvider<ZodTypeProvider>() as unknown as HttpServer;

  server.setValidatorCompiler(compileValidator);
  server.setSerializerCompiler(serializerCompiler);
  server.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  takeJsonOnly(server);
  const methodsOf = watchRoutes(server);
  const routeParts = assemble(parts);
  await addGuards(server, routeParts);
  addRequestHooks(server, routeParts);
  if (parts.tracing !== undefined && parts.tracing !== NO_TRACING) traceRequests(server, parts.tracing);
  await addDocs(server, parts.version);
  addFirstPage(server, routeParts);
  addHealthRoutes(server, routeParts);
  addMetricsRoute(server, routeParts);
  await server.register(
    async (api) => {
      const typed = api as unknown as HttpServer;
      addAuthRoutes(typed, routeParts);
      addAccountRoutes(typed, routeParts);
      addBotRoutes(typed, routeParts);
      addBotHistoryRoutes(typed, routeParts);
      addOrderRoutes(typed, routeParts);
      addBacktestRoutes(typed, routeParts);
      addCheckRoutes(typed, routeParts);
      addOptimizationRoutes(typed, routeParts);
      addCatalogueRoutes(typed, routeParts);
      addProgramRoutes(typed, routeParts);
      addAdminRoutes(typed, routeParts);
      addRunnerRoutes(typed, routeParts);
      addNetworkSourceRoutes(typed, routeParts);
      addJobRoutes(typed, routeParts);
      addAuditRoutes(typed, routeParts);
      addMarketRoutes(typed, routeParts);
      addCryptocurrencyRoutes(typed, routeParts);
      addPlanRoutes(typed, routeParts);
      addSignalRoutes(typed, routeParts);
      addPostRoutes(typed, routeParts);
      addSignalBotRoutes(typed, routeParts);
      addTicketRoute(typed, routeParts);
      addHistoryRoutes(typed, routeParts);
      await addReachRoutes(typed, routeParts);
      addNotificationRoutes(typed, routeParts);
    },
    { prefix: API_PREFIX },
  );
  await addSocketRoutes(server, routeParts);
  server.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(request.url);
    // A path that takes the method and still has nothing, such as a file that is not there, is not found.
    if (methods.length === 0 || methods.includes(request.method)) return answerProblem(request, reply, { code: 'not_found', detail: NOT_FOUND });
    return answerProblem(request, reply.header('allow', methods.join(', ')), { code: 'method_not_allowed', detail: `This path takes ${methods.join(', ')}.` });
  });
  server.addHook('onClose', async () => routeParts.plans.close());
  server.addHook('onListen', async () => warmUp(parts));
  await server.ready();
  return server as unknown as FastifyInstance;
}

function assemble(parts: HttpParts): RouteParts {
  const accounts = new Accounts(parts);
  const throttle = new LoginThrottle(parts.clock, parts.limits?.login ?? DEFAULT_THROTTLE);
  const registration = parts.registration ?? 'local';
  const bots = new Bots({ ...parts, accounts });
  const plans = new Plans({ ...parts, digest: digestOfToken });
  const signalViews = new SignalViews({ ...parts, plans });
  const backtests = new Backtests({ ...parts, bots });
  return {
    ...parts,
    health: parts.health ?? new Health([databaseCheck(parts.store)], parts.clock),
    metrics: parts.metrics ?? NO_METRICS,
    watchToken: parts.watchToken ?? null,
    paymentSecret: parts.paymentSecret ?? null,
    requestLimits: new RequestLimits(parts.requestCounter, { ...DEFAULT_QUOTAS, ...parts.limits?.requestsPerMinute }),
    plans,
    signalViews,
    signalBots: new SignalBots({ ...parts, bots, accounts, plans, signalViews }),
    logLevel: parts.logLevel ?? fixedLogLevel(),
    accounts,
    accessTokens: new AccessTokens(parts.jwtSecret, parts.clock, parts.ids),
    users: new Users({ ...parts, throttle, registration, digest: digestOfToken, deviceDigest: (device) => parts.vault.fingerprint(device, 'login device') }),
    bots,
    history: new BotHistory(parts),
    orders: new Orders({ ...parts, accounts }),
    backtests,
    checks: new Checks(parts),
    optimizations: new Optimizations({ ...parts, bots, backtests }),
    jobOffice: new JobOffice(parts.jobs, JOB_KINDS),
    notices: new Notices({ ...parts, channels: parts.channels ?? [] }),
    mailAddresses: new MailAddresses({ ...parts, mail: parts.mail ?? null }),
  };
}

/** Asks the venues without keys what they trade, so that the pages can say from the first request whose prices they show. */
function warmUp({ venues, log }: HttpParts): void {
  for (const venue of venues.values()) {
    if (venue.credentials.length === 0)
      venue.market.instruments().catch((error: unknown) => log.warn({ exchange: venue.id, err: error }, 'market data is not there yet'));
  }
}

function takeJsonOnly(server: HttpServer): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(String(body)));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
}

async function addGuards(server: HttpServer, parts: RouteParts): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        'object-src': ["'none'"],
        'script-src': ["'self'"],
        // Swagger UI and ReDoc set styles from their scripts, draw with data: images, and ReDoc searches in a worker of its own making.
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:'],
        'worker-src': ["'self'", 'blob:'],
      },
    },
    hsts: parts.isLoopback ? false : { maxAge: 15_552_000 },
  });
}

function addRequestHooks(server: HttpServer, parts: RouteParts): void {
  const { accessTokens, actors, clock, metrics, store, plans, requestLimits } = parts;
  const arrivals = new WeakMap<FastifyRequest, { readonly at: number; readonly measuredAt: number }>();
  server.decorateRequest('userId', '');
  server.addHook('onRequest', async (request, reply) => {
    arrivals.set(request, { at: clock.now(), measuredAt: metrics.now() });
    reply.header('x-request-id', request.id);
    await requestLimits.arrived(request, reply);
  });
  // After the count of requests, so that guessing tokens is counted too, and before the body is read.
  server.addHook('preParsing', async (request, reply) => {
    // The pattern, not the address, which can be written in more than one way.
    const { url: pattern = '', config } = request.routeOptions;
    if (request.is404 || config.isPublic === true || !pattern.startsWith(`${API_PREFIX}/`)) return requestLimits.anonymous(request, reply);
    reply.header('cache-control', 'no-store');
    try {
      request.userId = await accessTokens.userOf(request.headers.authorization);
    } catch (error) {
      await requestLimits.anonymous(request, reply);
      throw error;
    }
    // Without an answer of the database everybody has the least.
    const plan = await plans.planOf(request.userId).catch(() => 'free' as const);
    await requestLimits.ofUser(request, reply, request.userId, plan);
    if (pattern.startsWith(OWNER_PREFIX)) await requireOwner(request.userId, store);
  });
  // After the body has been read, which is done for whoever reads it; all that follows is the actor's.
  server.addHook('preHandler', (request, _reply, done) => {
    actors.run({ userId: request.userId === '' ? null : request.userId, address: request.ip }, done);
  });
  server.addHook('onResponse', async (request, reply) => {
    const arrival = arrivals.get(request) ?? { at: clock.now(), measuredAt: metrics.now() };
    // The pattern, not the address: what people put into addresses is theirs, and there is no end of it.
    const route = request.routeOptions.url ?? 'none';
    metrics.countRequest({ method: request.method, route, status: reply.statusCode, durationMs: metrics.now() - arrival.measuredAt });
    const fields = {
      method: request.method,
      route,
      status: reply.statusCode,
      durationMs: clock.now() - arrival.at,
      ...(request.userId === '' ? {} : { userId: request.userId }),
    };
    request.log.info(fields, 'request answered');
  });
}

/** A span for each request, around all that is done for it. */
function traceRequests(server: HttpServer, tracing: Tracing): void {
  const spans = new WeakMap<FastifyRequest, OpenSpan>();
  server.addHook('onRequest', (request, _reply, done) => {
    const span = tracing.begin('http.request', { 'http.request.method': request.method, request_id: request.id });
    spans.set(request, span);
    span.within(done);
  });
  server.addHook('onResponse', (request, reply, done) => {
    const answer = { 'http.route': request.routeOptions.url ?? 'none', 'http.response.status_code': reply.statusCode };
    spans.get(request)?.end(answer, reply.statusCode >= 500);
    done();
  });
}

/** Remembers every route; gives the methods that a path takes. */
function watchRoutes(server: HttpServer): (url: string) => string[] {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  server.addHook('onRoute', ({ url, method }) => {
    const pattern = url
      .split('/')
      .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
      .join('/');
    routes.push({ pattern: new RegExp(`^${pattern}/?$`), methods: [method].flat() });
  });
  return (url) => {
    const path = url.split('?')[0] ?? '';
    return [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))].sort();
  };
}

function requestIdFrom(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && GIVEN_REQUEST_ID.test(header) ? header : undefined;
}
