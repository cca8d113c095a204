/** How the server is, for people and for whatever watches over it. */

import type { z } from 'zod';
import type { RouteParts } from '../parts.ts';
import type { HttpServer } from '../route.ts';
import { Health, Liveness } from '../schemas/catalogue.ts';

/** How long the database may take to answer before it counts as unavailable. */
const PING_TIMEOUT_MS = 2_000;

export function addHealthRoutes(server: HttpServer, { store, clock, version, startedAt, log }: RouteParts): void {
  const tags = ['system'];
  const config = { isPublic: true, rateLimit: false } as const;

  server.get(
    '/health/live',
    {
      config,
      schema: {
        tags,
        operationId: 'getLiveness',
        summary: 'Is the process alive',
        description: 'Answers as long as the process does.',
        response: { 200: Liveness },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  for (const path of ['/health/ready', '/health'] as const) {
    server.get(
      path,
      {
        config,
        schema: {
          tags,
          operationId: path === '/health' ? 'getHealth' : 'getReadiness',
          summary: path === '/health' ? 'How the server is' : 'Is the server ready',
          description: 'Asks the database now. 200 when it answers, 503 when it does not. `degraded` answers 200.',
          response: { 200: Health, 503: Health },
        },
      },
      async (_request, reply) => {
        const parked = await parkedInTime();
        const isDatabaseUp = parked !== null;
        const health: z.output<typeof Health> = {
          status: parked === null ? 'unavailable' : parked > 0 ? 'degraded' : 'ok',
          version,
          uptime_seconds: Math.floor((clock.now() - startedAt) / 1000),
          checks: {
            database: isDatabaseUp ? 'ok' : 'unavailable',
            outbox: parked === null ? 'unknown' : parked > 0 ? 'parked' : 'ok',
            parked_facts: parked ?? 0,
          },
        };
        return reply.code(isDatabaseUp ? 200 : 503).send(health);
      },
    );
  }

  /** How many facts are parked, or `null` when the database does not answer in time. */
  function parkedInTime(): Promise<number | null> {
    return new Promise((resolve) => {
      const callOff = clock.after(PING_TIMEOUT_MS, () => resolve(null));
      const asked = store.ping().then(() => store.facts.parked());
      asked.then(
        (count) => {
          callOff();
          resolve(count);
        },
        (error: unknown) => {
          callOff();
          log.warn({ err: error }, 'database does not answer');
          resolve(null);
        },
      );
    });
  }
}
