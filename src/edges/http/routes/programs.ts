/** Users' own strategies: looked over, uploaded, compared, rolled back and removed. */
import { readFileSync } from 'node:fs';
import { createTwoFilesPatch } from 'diff';
import { z } from 'zod';
import type { OwnStrategies } from '#app/own-strategies/own-strategies.ts';
import { AppError } from '#core/errors.ts';
import type { ProgramFile } from '#core/sandbox/program.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import {
  DiffQuery,
  Program,
  ProgramCheck,
  ProgramCheckBody,
  ProgramChoice,
  ProgramDiff,
  ProgramPage,
  ProgramParams,
  ProgramSource,
  ProgramUpload,
  ProgramVersion,
  ProgramVersionPage,
  ProgramVersionParams,
  presentCheck,
  presentProgram,
  presentSource,
  presentVersion,
} from '../schemas/programs.ts';

/** Room for the largest program with every character escaped. */
const UPLOAD_LIMIT_BYTES = 1_024 * 1_024;
/** Uploads and checks of one address in a minute; each runs a program for a moment. */
const CHECKS_PER_MINUTE = 20;

const tags = ['strategies'];

const UPLOAD = operation({
  tags,
  operationId: 'uploadStrategy',
  summary: 'Upload a strategy of your own',
  description:
    'Looks the program over as `POST /strategies/check` does and keeps it as the next version of the strategy it declares, which new bots take from now on; bots that are there keep theirs. The very files of the present version make no new one (200).',
  body: ProgramUpload,
  response: { 200: ProgramVersion, 201: ProgramVersion },
  problems: ['program_invalid', 'sandbox_unavailable'],
});

const CHECK = operation({
  tags,
  operationId: 'checkStrategy',
  summary: 'Look a program over',
  description: 'Its syntax, what it may not use, what it declares; then it trades a made-up history for a moment. Nothing is kept.',
  body: ProgramCheckBody,
  response: { 200: ProgramCheck },
  problems: ['sandbox_unavailable'],
});

const LIST = operation({
  tags,
  operationId: 'listOwnStrategies',
  summary: 'List your own strategies',
  description: 'Strategies you have uploaded, all of them on one page.',
  response: { 200: ProgramPage },
});

const VERSIONS = operation({
  tags,
  operationId: 'listStrategyVersions',
  summary: 'List the versions of a strategy of yours',
  description: 'All of them on one page, the newest first.',
  params: ProgramParams,
  response: { 200: ProgramVersionPage },
  problems: ['not_found'],
});

const SOURCE = operation({
  tags,
  operationId: 'getStrategyVersion',
  summary: 'Get a version with its files',
  description: 'What was uploaded, as it was.',
  params: ProgramVersionParams,
  response: { 200: ProgramSource },
  problems: ['not_found'],
});

const DIFF = operation({
  tags,
  operationId: 'diffStrategyVersions',
  summary: 'Compare two versions',
  description: 'What is different between them, as a unified diff.',
  params: ProgramParams,
  querystring: DiffQuery,
  response: { 200: ProgramDiff },
  problems: ['not_found'],
});

const CHOOSE = operation({
  tags,
  operationId: 'rollBackStrategy',
  summary: 'Roll back to a version',
  description: 'Makes an older (or newer) version the one that new bots take. No version changes, and bots keep theirs.',
  params: ProgramParams,
  body: ProgramChoice,
  response: { 200: Program },
  problems: ['not_found'],
});

const REMOVE = operation({
  tags,
  operationId: 'removeStrategy',
  summary: 'Remove a strategy of yours',
  description: 'With all of its versions. Refused while a bot is at work with it; a stopped bot that names it cannot be started any more.',
  params: ProgramParams,
  response: { 204: z.undefined().describe('Removed.') },
  problems: ['not_found', 'strategy_in_use'],
});

const Declarations = z.string().meta({ id: 'Declarations', description: 'Declarations in TypeScript.', examples: ["declare module 'argosy/strategy' {}"] });

const TYPES = operation({
  tags,
  operationId: 'getStrategyTypes',
  summary: 'The words a strategy is written in',
  description: 'A TypeScript declaration of the module `argosy/strategy`: put it beside your file, and your editor knows it.',
  response: {
    200: {
      description: 'A file `argosy-strategy.d.ts`.',
      content: { 'text/plain': { schema: Declarations } },
    },
  },
});

const checking = { bodyLimit: UPLOAD_LIMIT_BYTES, config: { callsPerMinute: CHECKS_PER_MINUTE } } as const;

export function addProgramRoutes(server: HttpServer, parts: RouteParts): void {
  const own = (): OwnStrategies => parts.own ?? unavailable();
  const types = readFileSync(new URL('../../../app/own-strategies/argosy-strategy.d.ts', import.meta.url), 'utf8');

  server.post('/strategies', { schema: UPLOAD, ...checking }, async (request, reply) => {
    const { version, isNew } = await own().upload(request.userId, request.body.files, request.body.note);
    return reply
      .code(isNew ? 201 : 200)
      .header('location', `/api/v1/strategies/${version.name}/versions/${version.version}`)
      .send(presentVersion(version));
  });

  server.post('/strategies/check', { schema: CHECK, ...checking }, async (request) => presentCheck(await own().check(request.userId, request.body.files)));

  server.get('/strategies/own', { schema: LIST }, async (request) => ({ items: (await own().list(request.userId)).map(presentProgram), next_cursor: null }));

  server.get('/strategies/argosy-strategy.d.ts', { schema: TYPES }, async (_, reply) => reply.type('text/plain; charset=utf-8').send(types));

  server.get('/strategies/:name/versions', { schema: VERSIONS }, async (request) => ({
    items: (await own().versions(request.userId, request.params.name)).versions.map(presentVersion),
    next_cursor: null,
  }));

  server.get('/strategies/:name/versions/:version', { schema: SOURCE }, async (request) =>
    presentSource(await own().version(request.userId, request.params.name, request.params.version)),
  );

  server.get('/strategies/:name/diff', { schema: DIFF }, async (request) => {
    const { from, to } = request.query;
    const [before, after] = await Promise.all([
      own().version(request.userId, request.params.name, from),
      own().version(request.userId, request.params.name, to),
    ]);
    return { from, to, diff: diffOf(before, after) };
  });

  server.post('/strategies/:name/rollback', { schema: CHOOSE }, async (request) =>
    presentProgram(await own().choose(request.userId, request.params.name, request.body.version)),
  );

  server.delete('/strategies/:name', { schema: REMOVE }, async (request, reply) => {
    await own().remove(request.userId, request.params.name);
    return reply.code(204).send();
  });
}

interface Side {
  readonly version: number;
  readonly files: readonly ProgramFile[];
}

function diffOf(before: Side, after: Side): string {
  const paths = [...new Set([...before.files, ...after.files].map(({ path }) => path))];
  const textOf = ({ files }: Side, path: string): string => files.find((file) => file.path === path)?.text ?? '';
  return paths
    .filter((path) => textOf(before, path) !== textOf(after, path))
    .map((path) => createTwoFilesPatch(path, path, textOf(before, path), textOf(after, path), `version ${before.version}`, `version ${after.version}`))
    .join('');
}

function unavailable(): never {
  throw new AppError('sandbox_unavailable', 'This server runs no strategies of users.');
}
