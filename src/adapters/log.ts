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
}

export interface OpenLog {
  readonly log: Log;
  /** Flushes the file; call it last. */
  close(): Promise<void>;
}

const ROTATE_AT = '20m';
const KEPT_FILES = 10;

/** Opens the log. PortError `configuration_invalid` when the log file cannot be written. */
export async function openLog(options: LogOptions): Promise<OpenLog> {
  const output = options.readableFrom === null ? options.output : new ReadableLines(options.output);
  const streams: pino.StreamEntry[] = [{ level: options.readableFrom ?? options.level, stream: output as pino.DestinationStream }];
  const file = options.file === null ? null : await openRotatedFile(options.file);
  if (file !== null) {
    streams.push({ level: options.level, stream: file });
    // A full disk must not stop trading: the output says so once, and the file goes on when it can.
    file.once('error', (error: Error) =>
      output.write(
        `${JSON.stringify({ level: 'error', time: new Date().toISOString(), err: { message: error.message }, msg: 'the log file cannot be written' })}\n`,
      ),
    );
    file.on('error', () => undefined);
  }
  const settings: pino.LoggerOptions = {
    level: options.level,
    base: null,
    serializers: { err: (error: unknown) => error },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
  };
  const logger = pino(settings, pino.multistream(streams, { dedupe: false }));
  return { log: new PinoLog(logger), close: () => (file === null ? Promise.resolve() : endOf(file)) };
}

class PinoLog implements Log {
  readonly #logger: pino.Logger;

  constructor(logger: pino.Logger) {
    this.#logger = logger;
  }

  debug(fields: Fields, message: string): void {
    if (this.#logger.isLevelEnabled('debug')) this.#logger.debug(cleanFields(fields), message);
  }

  info(fields: Fields, message: string): void {
    if (this.#logger.isLevelEnabled('info')) this.#logger.info(cleanFields(fields), message);
  }

  warn(fields: Fields, message: string): void {
    if (this.#logger.isLevelEnabled('warn')) this.#logger.warn(cleanFields(fields), message);
  }

  error(fields: Fields, message: string): void {
    this.#logger.error(cleanFields(fields), message);
  }

  child(fields: Fields): Log {
    return new PinoLog(this.#logger.child(cleanFields(fields)));
  }
}

async function openRotatedFile(path: string): Promise<RotatedFile> {
  try {
    makeDirectory(dirname(path));
    const { default: openRolled } = await import('pino-roll');
    const file = await openRolled({ file: path, size: ROTATE_AT, limit: { count: KEPT_FILES, removeOtherLogFiles: true } });
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
