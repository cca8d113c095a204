/** A terminal that nobody sits at: it keeps what is printed, answers what is asked, and is never interrupted. */
import type { Terminal } from '#edges/cli/operator.ts';

export function scriptedTerminal(print: (text: string) => void, answers: readonly string[] = []): Terminal {
  const left = [...answers];
  const interruption = () => ({ isAsked: () => false, onAsked: () => () => undefined, close: () => undefined });
  return { print, isInteractive: false, askSecret: async () => left.shift() ?? null, interruption };
}
