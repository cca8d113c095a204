/**
 * The Log port on pino: one JSON line per fact to the output and, where asked for, to rotated files. At a terminal only
 * what a person must see is shown, in readable lines. Whatever looks like a secret is masked before it is written.
 */
import { once } from 'node:events';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import type { RotatedFile } from 'pino-roll';
import { PortError } from '#core/errors.ts';
import type { Log } from '#core/ports.ts';
import { makeDirectory } from './_directory.ts';
import { cleanFields, type Fields } from './_redaction.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  readonly level: LogLevel;
  /** Path of the log file; rotation puts a number before its ending. `null` writes none. */
  readonly file: string | null;
  /** Where lines go besides the file. */
  readonly output: NodeJS.WritableStream;
  /** `null` writes JSON; a level writes readable lines of that level and above, for people. */
  readonly readableFrom: LogLevel | null;
  /** When the file is rotated, such as `20m`, and how many files before it are kept; for tests. */
  readonly rotation?: { readonly size: string; readonly kept: number };
}

/** Holds for every child of the log at once. */
export interface LogLevelSwitch {
  get(): LogLevel;
  set(level: LogLevel): void;
}

export interface OpenLog {
  readonly log: Log;
  /** The least important lines that are written; lines for people at a terminal keep a limit of their own. */
  readonly level: LogLevelSwitch;
  /** Flushes the file; call it last. */
  close(): Promise<void>;
}

const ROTATION = { size: '20m', kept: 10 } as const;

/** Opens the log. PortError `configuration_invalid` when the log file cannot be written. */
export async function openLog(options: LogOptions): Promise<OpenLog> {
  const output = options.readableFrom === null ? options.output : new ReadableLines(options.output);
  const streams: pino.StreamEntry[] = [{ level: options.readableFrom ?? 'debug', stream: output as pino.DestinationStream }];
  const file = options.file === null ? null : await openRotatedFile(options.file, options.rotation ?? ROTATION);
  if (file !== null) {
    streams.push({ level: 'debug', stream: file });
    // A full disk must not stop trading: the output says so once, and the file goes on when it can.
    file.once('error', (error: Error) =>
      output.write(
        `${JSON.stringify({ level: 'error', time: new Date().toISOString(), err: { message: error.message }, msg: 'the log file cannot be written' })}\n`,
      ),
    );
    file.on('error', () => undefined);
  }
  const settings: pino.LoggerOptions = {
    // What is written is decided by the gate: a child of pino keeps the level its parent had when it was made.
    level: 'debug',
    base: null,
    serializers: { err: (error: unknown) => error },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
  };
  const logger = pino(settings, pino.multistream(streams, { dedupe: false }));
  const gate = new Gate(options.level);
  return { log: new PinoLog(logger, gate), level: gate, close: () => (file === null ? Promise.resolve() : endOf(file)) };
}

/** From the least to the most important. */
const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

class Gate implements LogLevelSwitch {
  #level: LogLevel;
  rank: number;

  constructor(level: LogLevel) {
    this.#level = level;
    this.rank = RANKS[level];
  }

  get(): LogLevel {
    return this.#level;
  }

  set(level: LogLevel): void {
    this.#level = level;
    this.rank = RANKS[level];
  }
}

class PinoLog implements Log {
  readonly #logger: pino.Logger;
  readonly #gate: Gate;

  constructor(logger: pino.Logger, gate: Gate) {
    this.#logger = logger;
    this.#gate = gate;
  }

  debug(fields: Fields, message: string): void {
    if (this.#gate.rank <= RANKS.debug) this.#logger.debug(cleanFields(fields), message);
  }

  info(fields: Fields, message: string): void {
    if (this.#gate.rank <= RANKS.info) this.#logger.info(cleanFields(fields), message);
  }

  warn(fields: Fields, message: string): void {
    if (this.#gate.rank <= RANKS.warn) this.#logger.warn(cleanFields(fields), message);
  }

  error(fields: Fields, message: string): void {
    this.#logger.error(cleanFields(fields), message);
  }

  child(fields: Fields): Log {
    return new PinoLog(this.#logger.child(cleanFields(fields)), this.#gate);
  }
}

async function openRotatedFile(path: string, { size, kept }: NonNullable<LogOptions['rotation']>): Promise<RotatedFile> {
  try {
    makeDirectory(dirname(path));
    const { default: openRolled } = await import('pino-roll');
    const file = await openRolled({ file: path, size, limit: { count: kept, removeOtherLogFiles: true } });
    if (file.fd < 0) await once(file, 'ready');
    return file;
  } catch (cause) {
    throw new PortError('configuration_invalid', `the log file ${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, {
      outcome: 'failed',
      cause,
    });
  }
}

function endOf(file: RotatedFile): Promise<void> {
  return new Promise((resolve) => {
    file.once('close', () => resolve());
    file.end();
  });
}

/** Turns JSON lines into `12:31:05 warning  message  key=value`. */
class ReadableLines extends Writable {
  readonly #output: NodeJS.WritableStream;

  constructor(output: NodeJS.WritableStream) {
    super({ decodeStrings: false });
    this.#output = output;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.#output.write(readable(chunk));
    done();
  }
}

const WORDS: Readonly<Record<string, string>> = { debug: 'debug  ', info: 'info   ', warn: 'warning', error: 'error  ' };

function readable(line: string): string {
  const { level, time, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const cause = typeof err === 'object' && err !== null && 'message' in err ? `: ${err.message}` : '';
  const fields = Object.entries(rest).map(([name, value]) => `  ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${String(time).slice(11, 19)} ${WORDS[String(level)]}  ${msg}${cause}${fields.join('')}\n`;
}
