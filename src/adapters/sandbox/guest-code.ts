/** The product's own modules as JavaScript, to be compiled into isolates: read once per process of a sandbox. */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface GuestModule {
  /** What every import in it means, by its specifier. */
  readonly imports: ReadonlyMap<string, string>;
  readonly code: string;
}

const IMPORT = /\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g;

/** Modules reachable from these entries by their paths. `source` is the folder of the product's sources. */
export function collectModules(source: string, entries: readonly string[]): ReadonlyMap<string, GuestModule> {
  const modules = new Map<string, GuestModule>();
  const queue = [...entries];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (modules.has(path)) continue;
    const text = readFileSync(path, 'utf8');
    const code = path.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
    const imports = new Map([...code.matchAll(IMPORT)].map(([, specifier = '']) => [specifier, resolve(source, path, specifier)]));
    modules.set(path, { imports, code });
    queue.push(...imports.values());
  }
  return modules;
}

function resolve(source: string, from: string, specifier: string): string {
  if (specifier.startsWith('#')) return join(source, specifier.slice(1));
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier));
  return fileURLToPath(import.meta.resolve(specifier));
}
