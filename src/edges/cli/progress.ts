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

export interface Task<Result> {
  readonly title: string;
  readonly work: (report: Report) => Promise<Result>;
}

/** Does many things, some at once, with a bar for each; the results in the sequence of the tasks. What one throws ends all; Ctrl+C is left to the tasks. */
export async function withTasks<Result>(terminal: Terminal, tasks: readonly Task<Result>[], atOnce: number): Promise<readonly Result[]> {
  const results = new Map<number, Result>();
  const listed = tasks.map(({ title, work }, index) => ({
    title,
    task: async (_context: unknown, task: { output: string }) => {
      results.set(
        index,
        await work((share, note) => {
          task.output = `${barOf(share)} ${note}`;
        }),
      );
    },
  }));
  const renderer = terminal.isInteractive ? ('default' as const) : ('silent' as const);
  await new Listr(listed, {
    concurrent: atOnce,
    renderer,
    fallbackRenderer: 'silent',
    registerSignalListeners: false,
    rendererOptions: { showErrorMessage: false, collapseSubtasks: false },
  }).run();
  return tasks.map((_, index) => results.get(index) as Result);
}

/** `━━━━━─────  50 %`. */
export function barOf(share: number): string {
  const part = Math.min(1, Math.max(0, share));
  const full = Math.floor(part * WIDTH);
  return `${'━'.repeat(full)}${'─'.repeat(WIDTH - full)} ${String(Math.floor(part * 100)).padStart(3)} %`;
}
