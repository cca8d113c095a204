/** Backs the installation up every night, where a directory for it is configured. */
import type { JobKind } from '../job-kind.ts';
import { ProgressLine } from '../progress-line.ts';

/** Progress is told in steps of this share. */
const STEP = 0.05;

export const backup: JobKind = {
  kind: 'backup',
  title: { en: 'Back up database and keys', ru: 'Резервная копия базы и ключей' },
  repeat: ({ backups }) => (backups === null ? null : { cron: '11 2 * * *' }),
  attempts: 3,
  backoffMs: 600_000,
  run: async (job, { backups, clock, log }) => {
    if (backups === null) throw new Error('no directory for backups is configured here: set ARGOSY_BACKUP_DIR for every worker');
    let told = 0;
    const line = new ProgressLine(job, log);
    const report = await backups.add(clock.now(), (share) => {
      if (share - told < STEP) return;
      told = share;
      line.tell({ share: Math.round(share * 100) / 100 });
    });
    await line.settled();
    return { ...report };
  },
};
