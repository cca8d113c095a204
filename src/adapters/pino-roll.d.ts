/** What we use of pino-roll, which ships without types. */
declare module 'pino-roll' {
  import type { EventEmitter } from 'node:events';

  export interface RotatedFile extends EventEmitter {
    /** Below 0 until the file is open. */
    readonly fd: number;
    write(line: string): boolean;
    end(): void;
  }

  export default function open(options: {
    readonly file: string;
    readonly size: string;
    readonly limit: { readonly count: number; readonly removeOtherLogFiles: boolean };
  }): Promise<RotatedFile>;
}
