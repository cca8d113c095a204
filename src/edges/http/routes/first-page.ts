/** The first page and what it is dressed in. */
import { PortError } from '#core/errors.ts';
import type { RunnerRecord } from '#core/store/runners.ts';
import { FAVICON, FIRST_PAGE_STYLE, renderFirstPage } from '../first-page.ts';
import { type Language, languageOf } from '../language.ts';
import type { RouteParts } from '../parts.ts';
import type { HttpServer } from '../route.ts';

export function addFirstPage(server: HttpServer, parts: RouteParts): void {
  const hidden = { config: { isPublic: true }, schema: { hide: true } };

  server.get<{ Querystring: { lang?: unknown } }>('/', hidden, async (request, reply) => {
    const { lang } = request.query;
    const language: Language = lang === 'en' || lang === 'ru' ? lang : languageOf(request.headers['accept-language']);
    const database = await askDatabase();
    const page = renderFirstPage(
      {
        version: parts.version,
        roles: parts.roles,
        databaseKind: parts.databaseKind,
        uptimeMs: parts.clock.now() - parts.startedAt,
        venues: [...parts.venues.values()].map((venue) => ({ title: venue.title, notice: venue.market.notice() })),
        strategies: [...parts.strategies.values()].map((strategy) => strategy.title),
        ...database,
      },
      language,
    );
    return reply
      .type('text/html; charset=utf-8')
      .header('content-language', language)
      .header('vary', 'accept-language')
      .header('cache-control', 'no-store')
      .send(page);
  });

  server.get('/first-page.css', hidden, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=3600').send(FIRST_PAGE_STYLE),
  );
  server.get('/favicon.svg', hidden, async (_request, reply) => reply.type('image/svg+xml').header('cache-control', 'public, max-age=86400').send(FAVICON));

  async function askDatabase() {
    try {
      const [users, botCounts, observing, runners] = await Promise.all([
        parts.store.users.count(),
        parts.store.bots.countByStatus(),
        parts.store.operations.observing(),
        parts.store.runners.live(),
      ]);
      return { isDatabaseUp: true, hasOwner: users > 0, botCounts, observing: observing?.reason ?? null, processes: countRoles(runners) };
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      return { isDatabaseUp: false, hasOwner: true, botCounts: {}, observing: null, processes: {} };
    }
  }
}

/** How many processes do what. One that does everything needs no list. */
function countRoles(runners: readonly RunnerRecord[]): Readonly<Record<string, number>> {
  if (runners.length <= 1) return {};
  const counts: Record<string, number> = {};
  for (const role of runners.flatMap(({ roles }) => roles)) counts[role] = (counts[role] ?? 0) + 1;
  return counts;
}
