/** Downloads candles for whoever asked for them; the same job done again goes on where the former try ended. */

import type { JobInHand } from '#core/jobs.ts';
import { type DownloadProgress, type DownloadReport, downloadCandles } from '../../history/download.ts';
import { downloadOf } from '../../history/download-orders.ts';
import { downloadRecords } from '../../history/download-records.ts';
import type { Stop } from '../../history/patient-asking.ts';
import { goOn, type JobKind } from '../job-kind.ts';
import { ProgressLine } from '../progress-line.ts';

/** Progress is told no more often. */
const TOLD_EVERY_MS = 1_000;

export const historyDownload: JobKind = {
  kind: 'history_download',
  title: { en: 'Download what was in the past', ru: 'Загрузка истории свечей' },
  attempts: 3,
  backoffMs: 60_000,
  priority: 200,
  run: async (job, { candleHistory: history, venues, clock, log }) => {
    const { exchange, series, span } = downloadOf(job.data);
    const market = venues.get(exchange)?.market;
    if (market === undefined) throw new Error(`this process knows no exchange ${exchange}`);
    const reports = [];
    const line = new ProgressLine(job, log);
    let toldAt = Number.NEGATIVE_INFINITY;
    for (const [index, each] of series.entries()) {
      const onProgress = ({ done, total, added }: DownloadProgress): void => {
        if (clock.now() - toldAt < TOLD_EVERY_MS && done < total) return;
        toldAt = clock.now();
        const share = (index + (total === 0 ? 1 : done / total)) / series.length;
        line.tell({ share: Math.round(share * 1_000) / 1_000, symbol: each.symbol, interval, added });
      };
      const interval = 'kind' in each ? each.kind : each.interval;
      const world = { market, clock, log, stop: stopOf(job), onProgress };
      const { added, ...more } =
        'kind' in each ? await downloadRecords(each, span, { ...world, records: history.records }) : await downloadCandles(each, span, { ...world, history });
      goOn(job);
      const { holes = 0, refused = [] } = more as Partial<DownloadReport>;
      reports.push({ symbol: each.symbol, interval, added, holes, refused: refused.length });
    }
    await line.settled();
    return { series: reports };
  },
};

function stopOf(job: JobInHand): Stop {
  return {
    isAsked: () => job.stopReason() !== null,
    onAsked: (callback) => {
      let isWanted = true;
      job.onStop(() => {
        if (isWanted) callback();
      });
      return () => {
        isWanted = false;
      };
    },
  };
}
