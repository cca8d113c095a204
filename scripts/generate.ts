/** Writes every generated file that is not as it should be: `npm run generate`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from './generated.ts';

const root = dirname(import.meta.dirname);
let written = 0;
for (const { path, content } of await generatedFiles(root)) {
  const target = join(root, path);
  if (existsSync(target) && readFileSync(target, 'utf8') === content) continue;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  console.log(`wrote ${path}`);
  written += 1;
}
if (written === 0) console.log('every generated file is up to date');
