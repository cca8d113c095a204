/**
 * What the commands need of the machine they run on; plugged in where the configuration is known. Commands read and print
 * through it, so that tests run them without a terminal.
 */

import type { Stop } from '#app/history/patient-asking.ts';
import type { JobOffice } from '#app/jobs/job-office.ts';
import type { CandleHistory, TableCodecs } from '#core/history.ts';
import type { Inspection } from '#core/inspection.ts';
import type { Text } from '#core/params.ts';
import type { Clock, Ids, Log, Passwords, Vault } from '#core/ports.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import type { Store } from '#core/store/store.ts';
import type { TelegramUsers } from '#core/telegram-user/port.ts';
import type { Venue } from '#core/venue-ports.ts';

export type Language = keyof Text;

export interface Operator {
  readonly language: Language;
  readonly version: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly passwords: Passwords;
  readonly terminal: Terminal;
  readonly database: OperatorDatabase;
  readonly history: OperatorHistory;
  readonly log: Log;
  /** The API as the person with this e-mail, or as the owner. Throws AppError `not_found` where there is no such person. */
  asUser<Result>(email: string | undefined, work: (api: UserApi) => Promise<Result>): Promise<Result>;
  /** What a running server says of itself; `null` when none answers at the configured address. */
  server(): Promise<ServerReport | null>;
  /** Where programs of users are looked over; the caller closes it. */
  sandbox(): StrategySandbox;
  /** Opens what is sealed in the database. */
  vault(): Vault;
  /** Accounts of people at Telegram; `null` while the switch is off. */
  telegramUsers(): Promise<TelegramUsers | null>;
  /** Everything the doctor looks at, in this sequence. */
  inspections(): readonly Inspection[];
}

export interface Terminal {
  /** Prints one line or more. */
  print(text: string): void;
  /** Whether a person watches; then progress is drawn. */
  readonly isInteractive: boolean;
  /** Asks for a text that is not shown while it is typed; `null` when nobody can be asked. */
  askSecret(question: string): Promise<string | null>;
  /** From now on Ctrl+C asks for an end instead of being one, until this is closed. */
  interruption(): Interruption;
}

export interface Interruption extends Stop {
  close(): void;
}

/** Candles on the disk; no database is needed. */
export interface OperatorHistory {
  readonly directory: string;
  readonly candles: CandleHistory;
  readonly codecs: TableCodecs;
  /** Opens a venue for as long as the work takes. Throws AppError `exchange_unknown`. */
  withVenue<Result>(id: string, work: (venue: Venue) => Promise<Result>): Promise<Result>;
}

export interface OperatorDatabase {
  readonly kind: 'embedded' | 'server';
  /** The store, of the running Argosy where there is one; otherwise the embedded database is started for as long as `work` takes. */
  use<Result>(work: (store: Store) => Promise<Result>): Promise<Result>;
  /** The jobs of the installation, reached in the same way. */
  useJobs<Result>(work: (office: JobOffice) => Promise<Result>): Promise<Result>;
  /** Brings the schema to this version; how many migrations it had seen, and has now. */
  migrate(): Promise<{ readonly before: number; readonly after: number }>;
  /** Passphrase from the configuration; `null` when there is none. */
  readonly passphrase: string | null;
  backup(
    path: string,
    passphrase: string,
    onProgress: (share: number, table: string) => void,
  ): Promise<{ readonly bytes: number; readonly rows: Readonly<Record<string, number>> }>;
  /** Restores the database and, where the installation keeps its own keys, puts them into the data directory. */
  restore(
    path: string,
    passphrase: string,
    onProgress: (share: number, what: 'checking' | 'restoring', table: string) => void,
  ): Promise<{ readonly createdAt: number; readonly rows: Readonly<Record<string, number>> }>;
  /** Writes the keys of a backup into files of a directory; returns their paths. */
  extractKeys(path: string, passphrase: string, directory: string): Promise<readonly string[]>;
}

/** The product's own API as somebody of this installation, in this process: the same checks, rights and answers as over the network. */
export interface UserApi {
  /** The answer as JSON, `null` where it has no body. `path` follows `/api/v1`. Throws AppError with the code and the fields of the refusal. */
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  /** An answer that is a page or a table. Throws as {@link ask} does. */
  read(path: string): Promise<string>;
  /** A body that is no JSON. Throws as {@link ask} does. */
  send(path: string, type: string, text: string): Promise<unknown>;
  /** Whether no other process of the installation runs: then this one computes what is asked for, as long as it is here. */
  readonly isAlone: boolean;
}

export interface ServerReport {
  readonly address: string;
  readonly status: string;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly checks: Readonly<Record<string, string>>;
}
