/** What a process with secrets and the process of a sandbox say to each other; what comes from there is checked here. */
import { z } from 'zod';
import type { ProgramFile } from '#core/sandbox/program.ts';

/** A question to the sandbox. Texts in JSON were made by the asker and go into an isolate as they are. */
export type Question =
  | { readonly op: 'check'; readonly files: readonly ProgramFile[] }
  | { readonly op: 'types'; readonly files: readonly ProgramFile[] }
  | { readonly op: 'plan'; readonly files: readonly ProgramFile[]; readonly hash: string; readonly question: string }
  | { readonly op: 'open'; readonly run: number; readonly files: readonly ProgramFile[]; readonly recipe: string; readonly state: string }
  | { readonly op: 'step'; readonly run: number; readonly event: string }
  | { readonly op: 'close'; readonly run: number }
  /** Columns of a history follow as bytes, one after the other. */
  | {
      readonly op: 'history';
      readonly key: number;
      readonly length: number;
      readonly intervalMs: number;
      /** What need not be kept any more. */
      readonly drop: readonly number[];
    }
  | {
      readonly op: 'rehearse';
      readonly files: readonly ProgramFile[];
      readonly hash: string;
      readonly options: string;
      readonly bars: number;
      readonly history: number | null;
      /** Of the instruments beyond the first; the options say which is whose. */
      readonly legs: readonly number[];
    };

/** Number of the answer that nobody has asked for: the process stands. Questions have numbers from 1. */
export const READY_ID = 0;

/** Limits that an isolate can run into, and whatever else keeps it from answering. */
const LIMIT = z.enum(['time', 'memory', 'threw']);
export type Limit = z.infer<typeof LIMIT>;

const Reply = z.discriminatedUnion('ok', [
  z.object({ id: z.int(), ok: z.literal(true), issues: z.array(z.unknown()).max(100).optional(), trial: z.string().max(20_000).optional() }),
  z.object({ id: z.int(), ok: z.literal(false), limit: LIMIT, message: z.string().max(1_000), stack: z.string().max(8_000) }),
]);

/** An answer; what the program's isolate says follows as bytes. */
export type Reply = z.infer<typeof Reply>;

/** Throws ZodError for anything that is no reply. */
export function readReply(header: unknown): Reply {
  return Reply.parse(header);
}
