/** The processes of the installation, for its owner. */
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { presentRunner, RunnerList } from '../schemas/runners.ts';

const LIST_RUNNERS = operation({
  tags: ['admin'],
  operationId: 'listRunners',
  summary: 'Which processes there are',
  description: 'For the owner: every process of the installation that is alive, and how many bots and accounts each holds. Bots are spread evenly.',
  response: { 200: RunnerList },
});

export function addRunnerRoutes(server: HttpServer, { store }: RouteParts): void {
  server.get('/admin/runners', { schema: LIST_RUNNERS }, async () => ({
    items: (await store.runners.live()).map(presentRunner),
    next_cursor: null,
  }));
}
