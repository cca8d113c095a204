/** The terminal of whoever types a command: lines out, secrets in without showing them. Without a terminal a secret is the next line of the input. */
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

export interface TerminalStreams {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

export interface OpenTerminal {
  print(text: string): void;
  readonly isInteractive: boolean;
  /** `null` when the input has no line left. */
  askSecret(question: string): Promise<string | null>;
  /** Ctrl+C asks for an end instead of being one, until this is closed; a second one ends the program. */
  interruption(): { isAsked(): boolean; onAsked(callback: () => void): () => void; close(): void };
  close(): void;
}

export function openTerminal({ input, output }: TerminalStreams): OpenTerminal {
  const isInteractive = input.isTTY === true && output.isTTY === true;
  let lines: { readonly reader: Interface; readonly next: AsyncIterator<string> } | null = null;
  const nextLine = async (): Promise<string | null> => {
    if (lines === null) {
      const reader = createInterface({ input, output: DEAF, terminal: isInteractive });
      lines = { reader, next: reader[Symbol.asyncIterator]() };
      // Ctrl+C means the program, not the line.
      reader.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    }
    const line = await lines.next.next();
    return line.done === true ? null : line.value;
  };
  return {
    print: (text) => void output.write(`${text}\n`),
    isInteractive,
    askSecret: async (question) => {
      if (isInteractive) output.write(question);
      const line = await nextLine();
      if (isInteractive) output.write('\n');
      return line;
    },
    interruption: () => interruption(),
    close: () => lines?.reader.close(),
  };
}

function interruption(): ReturnType<OpenTerminal['interruption']> {
  const callbacks = new Set<() => void>();
  let isAsked = false;
  const ask = (): void => {
    isAsked = true;
    for (const callback of [...callbacks]) callback();
  };
  process.once('SIGINT', ask);
  return {
    isAsked: () => isAsked,
    onAsked: (callback) => {
      if (isAsked) callback();
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
    close: () => process.removeListener('SIGINT', ask),
  };
}

/** What is typed is echoed to nobody. */
const DEAF = new Writable({ write: (_chunk, _encoding, done) => done() });
