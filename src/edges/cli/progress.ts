/** Progress of long work: a bar at a terminal, a line at the begin and at the end elsewhere. */
import { Listr } from 'listr2';
import type { Terminal } from './operator.ts';

const WIDTH = 30;

/** `share` is from 0 to 1. */
export type Report = (share: number, note: string) => void;

/** Does the work under a title. Whatever it throws is the caller's to tell. */
export async function withProgress<Result>(terminal: Terminal, title: string, work: (report: Report) => Promise<Result>): Promise<Result> {
  if (!terminal.isInteractive) {
    terminal.print(title);
    return work(() => undefined);
  }
  const found: { result?: Result } = {};
  const tasks = new Listr(
    [
      {
        title,
        task: async (_context, task) => {
          found.result = await work((share, note) => {
            task.output = `${barOf(share)} ${note}`;
          });
        },
      },
    ],
    { renderer: 'default', rendererOptions: { collapseErrors: true, showErrorMessage: false, collapseSubtasks: false } },
  );
  await tasks.run();
  return found.result as Result;
}

/** `━━━━━─────  50 %`. */
export function barOf(share: number): string {
  const part = Math.min(1, Math.max(0, share));
  const full = Math.floor(part * WIDTH);
  return `${'━'.repeat(full)}${'─'.repeat(WIDTH - full)} ${String(Math.floor(part * 100)).padStart(3)} %`;
}
