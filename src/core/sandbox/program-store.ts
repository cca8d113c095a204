/** Where users' own strategies are kept: versions that never change, and which of them is the present one. */
import type { Declaration, ProgramFile } from './program.ts';

/** Strategies of one user, removed ones included, and versions of one strategy. */
export const MAX_PROGRAMS = 50;
export const MAX_PROGRAM_VERSIONS = 200;

export interface ProgramRecord {
  readonly userId: string;
  /** Unique among the strategies of its user, for ever: a removed one's versions are counted on. */
  readonly name: string;
  /** The version that new bots take. */
  readonly version: number;
  readonly createdAt: number;
  readonly changedAt: number;
}

export interface ProgramVersionRecord {
  readonly name: string;
  /** Counts from 1. */
  readonly version: number;
  readonly hash: string;
  /** What its author said of it. */
  readonly note: string;
  readonly declaration: Declaration;
  readonly createdAt: number;
}

export interface NewProgramVersion extends Omit<ProgramVersionRecord, 'version'> {
  readonly id: string;
  readonly userId: string;
  readonly files: readonly ProgramFile[];
}

export interface ProgramStore {
  /** Keeps a version and makes it the present one. The very files of the present version make no new one. `full` at {@link MAX_PROGRAMS} or {@link MAX_PROGRAM_VERSIONS}. */
  add(version: NewProgramVersion): Promise<{ readonly version: number; readonly isNew: boolean } | 'full'>;
  /** In the order of their names. */
  list(userId: string): Promise<readonly ProgramRecord[]>;
  get(userId: string, name: string): Promise<ProgramRecord | null>;
  /** Newest first. */
  versions(userId: string, name: string): Promise<readonly ProgramVersionRecord[]>;
  version(userId: string, name: string, version: number): Promise<(ProgramVersionRecord & { readonly files: readonly ProgramFile[] }) | null>;
  /** Makes a version the present one; `null` when there is none such. */
  choose(userId: string, name: string, version: number, at: number): Promise<ProgramRecord | null>;
  /** Hides it and its versions. `inUse` names the user's bots that are at work with it, and then nothing is done. */
  remove(
    userId: string,
    name: string,
    at: number,
  ): Promise<{ readonly outcome: 'removed' | 'missing' } | { readonly outcome: 'inUse'; readonly bots: readonly string[] }>;
}

const PREFIX = 'custom:';
const REFERENCE = /^custom:([a-z][a-z0-9_-]{0,47})(?:@([1-9]\d{0,5}))?$/;

/** A version of a user's own strategy as bots name it, such as `custom:breakout@3`. */
export function programReference(name: string, version: number): string {
  return `${PREFIX}${name}@${version}`;
}

/** Reads such a name; `version` is `null` where none is pinned. `null` for the name of a strategy of the product. */
export function readReference(strategy: string): { readonly name: string; readonly version: number | null } | null {
  const match = REFERENCE.exec(strategy);
  return match === null ? null : { name: match[1] ?? '', version: match[2] === undefined ? null : Number(match[2]) };
}

/** Whether this is the name of a strategy of some user's own. */
export function isOwnStrategy(strategy: string): boolean {
  return strategy.startsWith(PREFIX);
}
