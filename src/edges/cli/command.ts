/** What every command is: words for it, what it takes, and what it does. */
import type { Text } from '#core/params.ts';
import type { Operator } from './operator.ts';

export interface CliCommand {
  /** As typed, with the arguments it takes: `start [bots...]`. */
  readonly usage: string;
  readonly summary: Text;
  readonly options?: readonly { readonly flags: string; readonly help: Text }[];
  /** Returns the exit code: 0 when all is well. Refusals are AppErrors, failures PortErrors; whoever runs it tells them. */
  run(operator: Operator, args: readonly (string | readonly string[] | undefined)[], options: Readonly<Record<string, unknown>>): Promise<number>;
}

/** Text in the language of the person at the terminal. */
export function speaker({ language }: Operator): (en: string, ru: string) => string {
  return (en, ru) => (language === 'ru' ? ru : en);
}
