/** The figures of this process and of the installation, for Prometheus. */
import { z } from 'zod';
import { NOT_FOUND } from '#app/missing.ts';
import { isOperator, type OperatorParts } from '../operators.ts';
import type { Exposition } from '../parts.ts';
import { answerProblem } from '../problem.ts';
import type { HttpServer } from '../route.ts';

const Exposed = z.string().meta({ id: 'Metrics', description: 'One metric a line.', examples: ['argosy_orders_total{venue="binance",outcome="filled"} 42'] });

export function addMetricsRoute(server: HttpServer, parts: OperatorParts & { readonly exposition?: Exposition | undefined }): void {
  const { exposition } = parts;
  server.get(
    '/metrics',
    {
      config: { isPublic: true },
      schema: {
        tags: ['system'],
        operationId: 'getMetrics',
        summary: 'Figures for Prometheus',
        description:
          'Text format of Prometheus. Open on the server’s own machine; elsewhere it takes the access token of the owner, or the token of ARGOSY_METRICS_TOKEN, as `Authorization: Bearer …`. For everybody else the path does not exist.',
        response: { 200: { description: 'One metric a line.', content: { 'text/plain': { schema: Exposed } } } },
        problems: ['not_found'],
      },
    },
    async (request, reply) => {
      if (exposition === undefined || !(await isOperator(request, parts))) return answerProblem(request, reply, { code: 'not_found', detail: NOT_FOUND });
      return reply
        .type(exposition.contentType)
        .header('cache-control', 'no-store')
        .serializer(String)
        .send(await exposition.read());
    },
  );
}
