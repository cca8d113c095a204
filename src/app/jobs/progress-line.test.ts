import { expect, it } from 'vitest';
import type { JobData } from '#core/jobs.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { ProgressLine } from './progress-line.ts';

it('tells one report after another, passes over one that cannot be kept, and settles after the last', async () => {
  const lines: KeptLine[] = [];
  const kept: JobData[] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  const progress = async (value: JobData): Promise<void> => {
    const turn = Promise.withResolvers<void>();
    waiting.push(turn);
    await turn.promise;
    kept.push(value);
  };
  const line = new ProgressLine({ progress }, quietLog(lines));
  for (const share of [0.1, 0.2, 1]) line.tell({ share });
  const settled = line.settled();
  await Promise.resolve();
  expect(waiting).toHaveLength(1);
  waiting[0]?.resolve();
  await expect.poll(() => waiting.length).toBe(2);
  waiting[1]?.reject(new Error('away'));
  await expect.poll(() => waiting.length).toBe(3);
  waiting[2]?.resolve();
  await settled;
  expect(kept).toEqual([{ share: 0.1 }, { share: 1 }]);
  expect(lines.map(({ message }) => message)).toEqual(['progress could not be told']);
});
