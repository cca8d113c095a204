/** How the server is, for people and for whatever watches over it. */
import type { z } from 'zod';
import type { HealthReport } from '#core/health.ts';
import type { Clock } from '#core/ports.ts';
import { isOperator, type OperatorParts } from '../operators.ts';
import type { HealthSource } from '../parts.ts';
import type { HttpServer } from '../route.ts';
import { Health, Liveness } from '../schemas/health.ts';

export interface HealthParts extends OperatorParts {
  readonly health: HealthSource;
  readonly clock: Clock;
  readonly version: string;
  readonly startedAt: number;
}

const tags = ['system'];

const GET_LIVENESS = {
  tags,
  operationId: 'getLiveness',
  summary: 'Is the process alive',
  description: 'Answers as long as the process does.',
  response: { 200: Liveness },
};

const GET_READINESS = {
  tags,
  operationId: 'getReadiness',
  summary: 'Can the server serve',
  description: 'Looks now at what nothing can be served without. 200 when all of it answers, 503 when it does not within two seconds.',
  response: { 200: Health, 503: Health },
};

const GET_HEALTH = {
  tags,
  operationId: 'getHealth',
  summary: 'How the server is',
  description:
    'Looks now at every dependency, for two seconds at most. 200 while the server serves, 503 when it does not. What is behind a check is told on the server’s own machine, to the owner and to whoever has the token of ARGOSY_METRICS_TOKEN.',
  response: { 200: Health, 503: Health },
};

export function addHealthRoutes(server: HttpServer, parts: HealthParts): void {
  const { clock, version, startedAt, health } = parts;
  const config = { isPublic: true, isUncounted: true } as const;

  // Asks nobody and waits for nothing: a process whose database hangs is alive, and killing it would not help.
  server.get(
    '/health/live',
    {
      config,
      schema: GET_LIVENESS,
    },
    async () => ({ status: 'ok' as const }),
  );

  server.get(
    '/health/ready',
    {
      config,
      schema: GET_READINESS,
    },
    async (_request, reply) => {
      const report = await health.read('vital');
      return reply.code(report.status === 'unavailable' ? 503 : 200).send(present(report, false));
    },
  );

  server.get(
    '/health',
    {
      config,
      schema: GET_HEALTH,
    },
    async (request, reply) => {
      const report = await health.read('all');
      // Without the database nobody can be recognised: then the figures are for this machine only.
      const mayLook = await isOperator(request, parts).catch(() => false);
      return reply.code(report.status === 'unavailable' ? 503 : 200).send(present(report, mayLook));
    },
  );

  function present(report: HealthReport, withDetails: boolean): z.output<typeof Health> {
    return {
      status: report.status,
      version,
      uptime_seconds: Math.floor((clock.now() - startedAt) / 1000),
      checks: Object.fromEntries(report.checks.map(({ name, status }) => [name, status])),
      ...(withDetails
        ? { details: report.checks.map(({ name, status, detail, tookMs, figures }) => ({ name, status, detail, took_ms: tookMs, figures: { ...figures } })) }
        : {}),
    };
  }
}
