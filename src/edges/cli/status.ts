/** `argosy status`: is it running, does it trade, and how is everything it depends on. */
import { type CliCommand, speaker } from './command.ts';
import { listOf } from './table.ts';

export const status: CliCommand = {
  usage: 'status',
  summary: { en: 'whether Argosy runs, trades and is well', ru: 'работает ли Argosy, торгует ли и всё ли в порядке' },
  run: async (operator) => {
    const say = speaker(operator);
    const server = await operator.server();
    const overview = await operator.database.use((store) => store.operations.overview());
    const bots = new Map<string, number>();
    for (const { status: state, count } of overview.bots) bots.set(state, (bots.get(state) ?? 0) + count);
    const none = say('none', 'нет');
    const rows: [string, string][] = [
      [
        say('Server', 'Сервер'),
        server === null
          ? say('not running here', 'здесь не запущен')
          : `${server.address}, ${server.status}, ${server.version}, ${duration(server.uptimeSeconds)}`,
      ],
      ...(server === null
        ? []
        : [
            [
              say('Checks', 'Проверки'),
              Object.entries(server.checks)
                .map(([name, state]) => `${name} ${state}`)
                .join(', '),
            ] as [string, string],
          ]),
      [say('Database', 'База данных'), operator.database.kind === 'embedded' ? say('embedded', 'встроенная') : say('server', 'на сервере')],
      [
        say('Trading', 'Торговля'),
        overview.observing === null
          ? say('on', 'включена')
          : say(`OBSERVES ONLY: ${overview.observing.reason}`, `ТОЛЬКО НАБЛЮДЕНИЕ: ${overview.observing.reason}`),
      ],
      [say('Bots', 'Боты'), [...bots].map(([state, count]) => `${count} ${state}`).join(', ') || none],
      [say('Leases held', 'Удерживаемые аренды'), overview.leases.map(({ kind, count }) => `${count} ${kind}`).join(', ') || none],
      [say('Quarantined runs', 'Прогоны в карантине'), String(overview.quarantinedRuns)],
      [say('Facts to tell', 'Не отправлено событий'), String(overview.outbox.depth)],
    ];
    operator.terminal.print(listOf(rows));
    if (overview.observing !== null)
      operator.terminal.print(
        say(
          '\nNo order is sent. If no other copy trades on the same accounts, end this with: argosy resume',
          '\nОрдера не отправляются. Если на тех же счетах не торгует другая копия, снимите режим: argosy resume',
        ),
      );
    return 0;
  },
};

function duration(seconds: number): string {
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  return [days > 0 ? `${days}d` : '', days + hours > 0 ? `${hours}h` : '', `${minutes}m`].filter((part) => part !== '').join(' ');
}
