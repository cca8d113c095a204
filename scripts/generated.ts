/** Renders every file that is derived from others, so that `generate` can write them and the tidy test can find a stale one. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ERRORS } from '#core/errors.ts';
import { INDICATORS } from '#core/indicators/index.gen.ts';
import type { Field } from '#core/params.ts';
import type { Strategy } from '#core/strategy.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { notesOf, variableNames } from '../src/config/environment.ts';
import { exchangesGuide, GUIDE } from './generated-capabilities.ts';
import { openApiDocument } from './generated-openapi.ts';

export interface GeneratedFile {
  /** Path from the project's root. */
  readonly path: string;
  readonly content: string;
}

/** All generated files as they should be now. */
export async function generatedFiles(root: string): Promise<readonly GeneratedFile[]> {
  return [
    { path: '.env.example', content: environmentExample() },
    { path: 'docs/errors.md', content: errorsPage() },
    { path: 'src/strategies/index.gen.ts', content: registry(root, STRATEGY_REGISTRY) },
    { path: 'src/scanners/index.gen.ts', content: registry(root, SCANNER_REGISTRY) },
    { path: 'src/core/indicators/index.gen.ts', content: registry(root, INDICATOR_REGISTRY) },
    { path: 'src/adapters/venues/index.gen.ts', content: registry(root, VENUE_REGISTRY) },
    { path: 'src/app/jobs/kinds/index.gen.ts', content: registry(root, JOB_REGISTRY) },
    { path: 'src/app/optimize/objectives/index.gen.ts', content: registry(root, OBJECTIVE_REGISTRY) },
    { path: 'src/app/optimize/searches/index.gen.ts', content: registry(root, SEARCH_REGISTRY) },
    { path: 'docs/strategies.md', content: strategiesPage() },
    { path: 'docs/indicators.md', content: indicatorsPage() },
    { path: GUIDE, content: await exchangesGuide(root) },
    { path: 'docs/openapi.json', content: await openApiDocument() },
  ];
}

interface RegistryRecipe {
  readonly folder: string;
  readonly says: string;
  readonly type: { readonly name: string; readonly from: string };
  readonly constant: string;
}

const STRATEGY_REGISTRY: RegistryRecipe = {
  folder: 'src/strategies',
  says: 'Every strategy in this folder',
  type: { name: 'Strategy', from: '#core/strategy.ts' },
  constant: 'STRATEGIES',
};
const SCANNER_REGISTRY: RegistryRecipe = {
  folder: 'src/scanners',
  says: 'Every scanner in this folder',
  type: { name: 'Scanner', from: '#core/signals/scanner.ts' },
  constant: 'SCANNERS',
};
const INDICATOR_REGISTRY: RegistryRecipe = {
  folder: 'src/core/indicators',
  says: 'Every indicator in this folder',
  type: { name: 'Indicator', from: '../indicator.ts' },
  constant: 'INDICATORS',
};
const VENUE_REGISTRY: RegistryRecipe = {
  folder: 'src/adapters/venues',
  says: 'Every venue in this folder',
  type: { name: 'VenueModule', from: './_venue.ts' },
  constant: 'VENUES',
};
const JOB_REGISTRY: RegistryRecipe = {
  folder: 'src/app/jobs/kinds',
  says: 'Every kind of job in this folder',
  type: { name: 'JobKind', from: '../job-kind.ts' },
  constant: 'JOB_KINDS',
};

const OBJECTIVE_REGISTRY: RegistryRecipe = {
  folder: 'src/app/optimize/objectives',
  says: 'Every objective in this folder',
  type: { name: 'Objective', from: '../objective.ts' },
  constant: 'OBJECTIVES',
};
const SEARCH_REGISTRY: RegistryRecipe = {
  folder: 'src/app/optimize/searches',
  says: 'Every way to search in this folder',
  type: { name: 'Search', from: '../search.ts' },
  constant: 'SEARCHES',
};

/** Names of the plug-ins in a folder: files that are neither parts (`_x.ts`), tests, nor generated. */
export function pluginNames(fileNames: readonly string[]): readonly string[] {
  return fileNames
    .filter((name) => /^[a-z][a-z0-9-]*\.ts$/.test(name))
    .map((name) => basename(name, '.ts'))
    .toSorted();
}

/** The name of what a plug-in's file exports: `spot-grid.ts` exports `spotGrid`. */
export function exportName(plugin: string): string {
  return plugin.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function registry(root: string, recipe: RegistryRecipe): string {
  const names = pluginNames(readdirSync(join(root, recipe.folder)));
  const typeImport = `import type { ${recipe.type.name} } from '${recipe.type.from}';`;
  const imports = names.map((name) => `import { ${exportName(name)} } from './${name}.ts';`);
  return `/** ${recipe.says}; made by \`npm run generate\` from the file names. */
${[typeImport, ...imports].join('\n')}

export const ${recipe.constant}: readonly ${recipe.type.name}[] = [${names.map(exportName).join(', ')}];
`;
}

function environmentExample(): string {
  const blocks = variableNames().map((name) => {
    const { help, example } = notesOf(name);
    return `# ${help}\n#${name}=${example}\n`;
  });
  return `# Every variable Argosy reads; none is needed. Copy this file to .env and take the # away before what you set.
# Each may also be given as NAME_FILE, naming a file that holds the value. Made by \`npm run generate\`.

${blocks.join('\n')}`;
}

function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(([code, entry]) => `| \`${code}\` | ${entry.status} | ${entry.title.en} | ${entry.remedy.en} |`);
  return `# Errors

Every refusal carries one of these codes. The HTTP API answers with problem details (RFC 9457) whose \`code\` is in the first column.
Made by \`npm run generate\` from \`src/core/errors.ts\`.

| code | status | what happened | what to do |
|---|---|---|---|
${rows.join('\n')}
`;
}

function strategiesPage(): string {
  const parts = STRATEGIES.map((strategy) => {
    const rows = Object.entries(strategy.params).map(([name, field]) => `| \`${name}\` | ${expects(field)} | ${field.help.en} |`);
    return `## ${strategy.title.en} (\`${strategy.name}\`, version ${strategy.version})\n\n${strategy.summary.en}\n\n| setting | expects | meaning |\n|---|---|---|\n${rows.join('\n')}\n${commandRows(strategy)}`;
  });
  return `# Strategies\n\nWhat each strategy does and the settings it takes as \`config\`. Made by \`npm run generate\` from the strategies' own declarations.\n\n${parts.join('\n')}`;
}

function commandRows({ commands = {} }: Strategy): string {
  const rows = Object.entries(commands).map(([name, { help, params }]) => {
    const takes = Object.entries(params).map(([key, field]) => `\`${key}\` (${expects(field)})`);
    return `| \`${name}\` | ${takes.length === 0 ? 'nothing' : takes.join(', ')} | ${help.en} |`;
  });
  return rows.length === 0 ? '' : `\n| command | takes | what it does |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function indicatorsPage(): string {
  const rows = INDICATORS.map(({ name, title, summary, settings, outputs, input, warmUp }) => {
    const defaults = Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, setting.default]));
    const given = Object.entries(settings).map(([key, setting]) => `${key} = ${setting.default}`);
    const fed = input === 'value' ? 'a number, closes unless named' : 'bars';
    return `| \`${name}(${given.join(', ')})\` | ${outputs.map((output) => `\`${output}\``).join(', ')} | ${fed} | ${warmUp(defaults)} | ${title.en}. ${summary.en} |`;
  });
  return `# Indicators

What conditions and strategies are made of. The figure named first is meant where none is named. Warm-up is with the default settings,
in bars until the first figure. Where the values come from that they are held to: [decision 14](decisions/0014-indicators-of-our-own.md).
Made by \`npm run generate\` from the indicators' own declarations.

| name and settings | figures | fed with | warm-up | meaning |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

function expects(field: Field): string {
  const need = field.default === undefined ? (field.optional === true ? 'optional' : 'required') : `default \`${field.default}\``;
  switch (field.kind) {
    case 'decimal':
      return `decimal ${field.isExclusive === true ? 'above' : 'from'} ${field.min}${field.max === undefined ? '' : ` to ${field.max}`}; ${need}`;
    case 'integer':
      return `whole number from ${field.min} to ${field.max}; ${need}`;
    case 'choice':
      return `${field.options.map((option) => `\`${option}\``).join(', ')}; ${need}`;
    case 'boolean':
      return `true or false; ${need}`;
    case 'text':
      return `text of at most ${field.maxLength} characters; ${need}`;
    case 'rows':
      return `up to ${field.maxRows} rows of ${Object.entries(field.fields)
        .map(([name, each]) => `\`${name}\` (${expects(each)})`)
        .join(', ')}`;
  }
}
