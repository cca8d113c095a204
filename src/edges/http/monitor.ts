/**
 * The way to the figures and the health of a process that serves no API: the same paths and the same rules of who may look.
 */
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { NOT_FOUND } from '#app/missing.ts';
import type { Ids, Log } from '#core/ports.ts';
import { AccessTokens } from './access-tokens.ts';
import type { Exposition } from './parts.ts';
import { answerError, answerProblem } from './problem.ts';
import { lendLog } from './request-log.ts';
import type { HttpServer } from './route.ts';
import { addHealthRoutes, type HealthParts } from './routes/health.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { compileValidator } from './validation.ts';

export interface MonitorParts extends Omit<HealthParts, 'accessTokens'> {
  readonly exposition: Exposition;
  readonly jwtSecret: string;
  readonly ids: Ids;
  readonly log: Log;
}

/** The server, ready to listen or to be asked through `inject`. */
export async function buildMonitor(parts: MonitorParts): Promise<FastifyInstance> {
  const server = Fastify({
    loggerInstance: lendLog(parts.log),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: () => parts.ids.next(),
  }).withTypeProvider<ZodTypeProvider>() as unknown as HttpServer;
  server.setValidatorCompiler(compileValidator);
  server.setSerializerCompiler(serializerCompiler);
  server.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  server.setNotFoundHandler((request, reply) => answerProblem(request, reply, { code: 'not_found', detail: NOT_FOUND }));
  const watched = { ...parts, accessTokens: new AccessTokens(parts.jwtSecret, parts.clock, parts.ids) };
  addHealthRoutes(server, watched);
  addMetricsRoute(server, watched);
  await server.ready();
  return server as unknown as FastifyInstance;
}
