/** The import graph: who may import whom, and that nobody imports in a circle. Imports of types count like any other. */
import { isBuiltin } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { at, type Finding, type SourceFile } from './source.ts';

export interface Import {
  readonly specifier: string;
  /** Path in the project, or `null` for Node and npm. */
  readonly target: string | null;
  readonly index: number;
}

const IMPORT = /\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g;

export function importsOf(file: SourceFile): readonly Import[] {
  const inCode = [...file.uncommented.matchAll(IMPORT)].filter(({ index }) => file.code[index] !== ' ');
  return inCode.map((match) => {
    const specifier = match[1] ?? match[2] ?? '';
    return { specifier, target: resolveImport(file.path, specifier), index: match.index };
  });
}

function resolveImport(from: string, specifier: string): string | null {
  if (specifier === '#config') return 'src/config.ts';
  if (specifier.startsWith('#test/')) return specifier.slice(1);
  if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`;
  return specifier.startsWith('.') ? normalize(join(dirname(from), specifier)) : null;
}

type Layer = 'core' | 'plugins' | 'app' | 'adapters' | 'edges' | 'roles' | 'config';

function layerOf(path: string): Layer | null {
  if (path === 'src/main.ts' || path === 'src/argosy.ts' || path.startsWith('src/roles/')) return 'roles';
  if (path === 'src/config.ts' || path.startsWith('src/config/')) return 'config';
  const folder = /^src\/(core|strategies|scanners|app|adapters|edges)\//.exec(path)?.[1];
  return folder === 'strategies' || folder === 'scanners' ? 'plugins' : ((folder as Layer | undefined) ?? null);
}

/** What each layer may import besides itself; `packages` lists the npm packages and `node`, or allows all. */
const RULES: Readonly<Record<Layer, { readonly layers: readonly Layer[]; readonly packages: readonly string[] | 'all' }>> = {
  core: { layers: [], packages: ['decimal.js'] },
  plugins: { layers: ['core'], packages: [] },
  app: { layers: ['core'], packages: [] },
  adapters: { layers: ['core'], packages: 'all' },
  edges: { layers: ['core', 'app'], packages: 'all' },
  config: { layers: ['core'], packages: 'all' },
  roles: { layers: ['core', 'plugins', 'app', 'adapters', 'edges', 'config'], packages: 'all' },
};

/** Imports that cross a wall of the house. Tests beside the code may reach anywhere. */
export function forbiddenImports(files: readonly SourceFile[]): readonly Finding[] {
  return files.flatMap((file) => {
    const layer = layerOf(file.path);
    if (layer === null || file.path.endsWith('.test.ts')) return [];
    return importsOf(file).flatMap((imported) => {
      const problem = problemOf(file.path, layer, imported);
      return problem === null ? [] : [{ where: at(file, imported.index), problem }];
    });
  });
}

function problemOf(path: string, layer: Layer, { specifier, target }: Import): string | null {
  if (target === null) {
    const name = isBuiltin(specifier)
      ? 'node'
      : specifier.startsWith('@')
        ? specifier.split('/').slice(0, 2).join('/')
        : (specifier.split('/')[0] ?? specifier);
    if (name === 'ccxt' && !path.startsWith('src/adapters/venues/')) return 'imports ccxt, which only src/adapters/venues may';
    const { packages } = RULES[layer];
    return packages === 'all' || packages.includes(name) ? null : `${layer} may not import ${specifier}`;
  }
  const other = layerOf(target);
  if (target === 'package.json' && layer === 'roles') return null;
  if (other === null) return `imports ${target}, which is no part of the product`;
  if (other !== layer) return RULES[layer].layers.includes(other) ? null : `${layer} may not import ${other} (${specifier})`;
  return layer === 'adapters' || layer === 'edges' ? neighbourProblem(path, target) : null;
}

/** Adapters and edges stand alone: each keeps to its own folder, or to a shared file whose name begins with `_` in a folder above. */
function neighbourProblem(path: string, target: string): string | null {
  const [, layer, first] = path.split('/');
  const isSameFolder = first?.endsWith('.ts') !== true && target.startsWith(`src/${layer}/${first}/`);
  const isShared = new RegExp(`^src/${layer}/_[a-z-]+\\.ts$`).test(target);
  return isSameFolder || isShared ? null : `${path.split('/').slice(0, 3).join('/')} may not import its neighbour ${target}`;
}

/** Circles in the import graph, each told once as `a -> b -> a`. */
export function importCycles(files: readonly SourceFile[]): readonly Finding[] {
  const graph = new Map(files.map((file) => [file.path, importsOf(file).flatMap(({ target }) => (target === null ? [] : [target]))]));
  const done = new Set<string>();
  const findings: Finding[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) findings.push({ where: path, problem: `imports in a circle: ${[...trail.slice(start), path].join(' -> ')}` });
    if (start >= 0 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return findings;
}
