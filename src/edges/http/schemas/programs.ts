/** Wire shapes of users' own strategies. */
import { z } from 'zod';
import type { Checked } from '#core/sandbox/port.ts';
import type { ProgramFile } from '#core/sandbox/program.ts';
import { MAX_PROGRAM_FILES, MAX_PROGRAM_SIZE } from '#core/sandbox/program.ts';
import { type ProgramRecord, type ProgramVersionRecord, programReference } from '#core/sandbox/program-store.ts';
import { isoTime, pageOf, timeOutput } from './shared-pieces.ts';

const fileShape = {
  path: z.string().min(1).max(64).describe('Its name, such as `main.ts`: small letters, digits and `-`, ending in `.ts` or `.js`.'),
  text: z.string().max(MAX_PROGRAM_SIZE).describe('What is in it.'),
};
const files = z
  .array(z.strictObject(fileShape))
  .min(1)
  .max(MAX_PROGRAM_FILES)
  .describe(`One file, or a few; the first has the default export. At most ${MAX_PROGRAM_SIZE / 1_024} KiB of text together.`);

const EXAMPLE = "import { defineStrategy } from 'argosy/strategy';\n\nexport default defineStrategy({ … });\n";

export const ProgramUpload = z
  .strictObject({ files, note: z.string().trim().max(500).default('').describe('What is new in this version, for yourself.') })
  .meta({ id: 'StrategyUpload', description: 'A strategy of your own.', examples: [{ files: [{ path: 'main.ts', text: EXAMPLE }], note: 'first try' }] });

export const ProgramCheckBody = z
  .strictObject({ files })
  .meta({ id: 'StrategyCheckRequest', description: 'A program to be looked over.', examples: [{ files: [{ path: 'main.ts', text: EXAMPLE }] }] });

const issue = z.object({
  file: z.string().describe('The file.'),
  line: z.int().describe('Counts from 1.'),
  column: z.int().describe('Counts from 1.'),
  message: z.string().describe('What is wrong.'),
  remedy: z.string().describe('What to do.'),
});

export const ProgramCheck = z
  .object({
    ok: z.boolean().describe('Whether it would be taken.'),
    hash: z.string().describe('Digest of the files.'),
    issues: z.array(issue).describe('What has to be changed.'),
    name: z.string().nullable().describe('The name it declares; `null` while there are issues.'),
    trial: z
      .object({
        is_done: z.boolean().describe('Whether it has traded a made-up history.'),
        orders: z.int().describe('Orders it placed there.'),
        note: z.string().describe('Why it has not, where it has not.'),
      })
      .describe('How it did on a made-up history; says nothing about how good it is.'),
  })
  .meta({
    id: 'StrategyCheck',
    description: 'What became of looking a program over.',
    examples: [{ ok: true, hash: 'fe7b34b9', issues: [], name: 'breakout', trial: { is_done: true, orders: 23, note: '' } }],
  });

const versionShape = {
  name: z.string().describe('Its name.'),
  version: z.int().describe('Counts from 1; never changes.'),
  strategy: z.string().describe('Give it as `strategy` when creating a bot, to pin this version.'),
  hash: z.string().describe('Digest of its files.'),
  note: z.string().describe('What you said of it.'),
  created_at: timeOutput.describe('When it was uploaded.'),
};

const VERSION_EXAMPLE = {
  name: 'breakout',
  version: 3,
  strategy: 'custom:breakout@3',
  hash: 'fe7b34b9',
  note: 'wider stop',
  created_at: '2026-11-20T07:00:00.000Z',
};

export const ProgramVersion = z
  .object(versionShape)
  .meta({ id: 'StrategyVersion', description: 'A version of a strategy of yours.', examples: [VERSION_EXAMPLE] });
export const ProgramVersionPage = pageOf('StrategyVersionPage', ProgramVersion, 'Versions, the newest first.');

export const ProgramSource = z
  .object({ ...versionShape, files: z.array(z.object(fileShape)).describe('Its files.') })
  .meta({ id: 'StrategySource', description: 'A version with its files.', examples: [{ ...VERSION_EXAMPLE, files: [{ path: 'main.ts', text: EXAMPLE }] }] });

export const Program = z
  .object({
    name: z.string().describe('Its name.'),
    version: z.int().describe('The version that new bots take.'),
    created_at: timeOutput.describe('When its first version came.'),
    changed_at: timeOutput.describe('When another version was made the present one.'),
  })
  .meta({
    id: 'OwnStrategy',
    description: 'A strategy of yours.',
    examples: [{ name: 'breakout', version: 3, created_at: '2026-11-19T07:00:00.000Z', changed_at: '2026-11-20T07:00:00.000Z' }],
  });
export const ProgramPage = pageOf('OwnStrategyPage', Program, 'Your own strategies in the order of their names.');

export const ProgramDiff = z
  .object({
    from: z.int().describe('The version before.'),
    to: z.int().describe('The version after.'),
    diff: z.string().describe('What is different, as a unified diff; empty where nothing is.'),
  })
  .meta({
    id: 'StrategyDiff',
    description: 'What is different between two versions.',
    examples: [{ from: 2, to: 3, diff: '--- main.ts\tversion 2\n+++ main.ts\tversion 3\n' }],
  });

export const ProgramParams = z.strictObject({ name: z.string().min(1).max(48).describe('Name of a strategy of yours.') });
const versionNumber = z.coerce.number().int().min(1).max(999_999);
export const ProgramVersionParams = z.strictObject({ ...ProgramParams.shape, version: versionNumber.describe('Number of a version.') });
export const DiffQuery = z.strictObject({ from: versionNumber.describe('The version before.'), to: versionNumber.describe('The version after.') });
export const ProgramChoice = z
  .strictObject({ version: z.int().min(1).max(999_999).describe('The version that new bots shall take.') })
  .meta({ id: 'StrategyChoice', description: 'A version to go back, or forward, to.', examples: [{ version: 2 }] });

export function presentCheck({ hash, issues, declaration, trial }: Checked): z.output<typeof ProgramCheck> {
  const { isDone, orders, note } = trial;
  return { ok: declaration !== null, hash, issues: [...issues], name: declaration?.name ?? null, trial: { is_done: isDone, orders, note } };
}

export function presentProgram({ name, version, createdAt, changedAt }: ProgramRecord): z.output<typeof Program> {
  return { name, version, created_at: isoTime(createdAt), changed_at: isoTime(changedAt) };
}

export function presentVersion({ name, version, hash, note, createdAt }: ProgramVersionRecord): z.output<typeof ProgramVersion> {
  return { name, version, strategy: programReference(name, version), hash, note, created_at: isoTime(createdAt) };
}

export function presentSource(version: ProgramVersionRecord & { readonly files: readonly ProgramFile[] }): z.output<typeof ProgramSource> {
  return { ...presentVersion(version), files: version.files.map(({ path, text }) => ({ path, text })) };
}
