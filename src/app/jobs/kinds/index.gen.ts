/** Every kind of job in this folder; made by `npm run generate` from the file names. */
import type { JobKind } from '../job-kind.ts';
import { backup } from './backup.ts';
import { retention } from './retention.ts';
import { sessionCleanup } from './session-cleanup.ts';

export const JOB_KINDS: readonly JobKind[] = [backup, retention, sessionCleanup];
