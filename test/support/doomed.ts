/** Starts a process that tells lines until a test kills it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Doomed {
  /** SIGKILL; settles when it is dead. */
  kill(): Promise<void>;
}

/** `script` beside this file. */
export function startDoomed(script: string, args: readonly string[], onLine: (line: string) => void): Doomed {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', onLine);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
