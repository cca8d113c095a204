/** `argosy data download`: candles from an exchange onto the disk, only what is not there yet. */
import { type DownloadReport, downloadCandles } from '#app/history/download.ts';
import { downloadRecords } from '#app/history/download-records.ts';
import type { Stop } from '#app/history/patient-asking.ts';
import { AppError, PortError } from '#core/errors.ts';
import { type CliCommand, speaker } from '../command.ts';
import type { Operator } from '../operator.ts';
import { type Task, withTasks } from '../progress.ts';
import { type AnySeries, everySeries, FROM, INTERVAL, isRecords, JSON_OUTPUT, lengthOf, nameOf, partsOf, spanOf, TO, textOf } from './arguments.ts';

/** Series at once: more would only wait for the same budget of the exchange. */
export const AT_ONCE = 3;
const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

type Outcome = { readonly series: AnySeries; readonly report?: DownloadReport; readonly problem?: string };

export const download: CliCommand = {
  usage: 'download <exchange> <symbols...>',
  summary: {
    en: 'download candles, funding or trades; goes on where it was ended',
    ru: 'загрузить свечи, финансирование или сделки; продолжает с места остановки',
  },
  options: [INTERVAL, FROM, TO, JSON_OUTPUT],
  run: async (operator, [exchange, symbols], options) => {
    const say = speaker(operator);
    const now = operator.clock.now();
    const span = spanOf({ from: new Date(now - DEFAULT_DAYS * DAY_MS).toISOString(), ...options }, now);
    const venueId = String(exchange);
    const wanted = everySeries(venueId, partsOf(symbols), partsOf(textOf(options, 'interval') ?? '1h'));
    const { outcomes, notice } = await operator.history.withVenue(venueId, async (venue) => {
      const stop = operator.terminal.interruption();
      const tasks = wanted.map(
        (series): Task<Outcome> => ({ title: nameOf(series), work: (report) => one(operator, series, span, { market: venue.market, stop, report }) }),
      );
      const done = await withTasks(operator.terminal, tasks, AT_ONCE).finally(() => stop.close());
      return { outcomes: done, notice: venue.market.notice()?.[operator.language] ?? null };
    });
    if (options['json'] === true)
      operator.terminal.print(
        JSON.stringify(
          outcomes.map((outcome) => presented(outcome, notice)),
          null,
          2,
        ),
      );
    else for (const line of [...outcomes.map((outcome) => sentence(outcome, say)), ...(notice === null ? [] : [notice])]) operator.terminal.print(line);
    return outcomes.every(({ report }) => report?.isStopped === false) ? 0 : 1;
  },
};

async function one(
  { history, clock, log }: Operator,
  series: AnySeries,
  span: { readonly from: number; readonly to: number },
  {
    market,
    stop,
    report,
  }: {
    readonly market: Parameters<typeof downloadCandles>[2]['market'] & Parameters<typeof downloadRecords>[2]['market'];
    readonly stop: Stop;
    readonly report: (share: number, note: string) => void;
  },
): Promise<Outcome> {
  try {
    const onProgress = ({ done, total, added }: { readonly done: number; readonly total: number; readonly added: number }): void =>
      report(total === 0 ? 1 : done / total, `+${added}`);
    const parts = { market, clock, log, stop, onProgress };
    if (!isRecords(series)) return { series, report: await downloadCandles(series, span, { ...parts, history: history.candles }) };
    return { series, report: { holes: 0, refused: [], ...(await downloadRecords(series, span, { ...parts, records: history.candles.records })) } };
  } catch (error) {
    // One symbol that fails keeps no other from coming.
    if (error instanceof AppError || error instanceof PortError) return { series, problem: `${error.code}: ${error.message}` };
    throw error;
  }
}

function sentence({ series, report, problem }: Outcome, say: (en: string, ru: string) => string): string {
  const name = nameOf(series);
  if (report === undefined) return `${name}: ${problem}`;
  const { added, holes, refused, isStopped } = report;
  const [first] = refused;
  return [
    isRecords(series)
      ? say(`${name}: ${added} came`, `${name}: загружено: ${added}`)
      : say(`${name}: ${added} candles came`, `${name}: загружено свечей: ${added}`),
    ...(holes > 0 ? [say(`${holes} the exchange does not have`, `у биржи нет: ${holes}`)] : []),
    ...(first === undefined
      ? []
      : [say(`refused: ${new Date(first.startAt).toISOString()} ${first.problem}`, `отклонено: ${new Date(first.startAt).toISOString()} ${first.problem}`)]),
    ...(isStopped ? [say('stopped; the same command goes on', 'остановлено; та же команда продолжит')] : []),
  ].join(', ');
}

function presented({ series, report, problem }: Outcome, notice: string | null) {
  const { venue: exchange, symbol } = series;
  const interval = lengthOf(series);
  return { exchange, symbol, interval, ...(report === undefined ? { problem } : report), notice };
}
