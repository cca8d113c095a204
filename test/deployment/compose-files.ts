/** The compose files as `docker compose` reads them: merge keys resolved, checked against the specification's own schema. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { parse } from 'yaml';

export const ROOT = join(import.meta.dirname, '..', '..');

export interface Service {
  readonly image?: string;
  readonly user?: string;
  readonly command?: string | readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly restart?: string;
  readonly init?: boolean;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly logging?: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
  readonly deploy?: { readonly resources: { readonly limits: Readonly<Record<string, unknown>> } };
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks?: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

export function readCompose(name: string): ComposeFile {
  return parse(readFileSync(join(ROOT, name), 'utf8'), { merge: true }) as ComposeFile;
}

/** What the compose specification has against a file; empty when nothing. */
export function schemaFaults(file: ComposeFile): readonly string[] {
  const ajv = new Ajv({ allErrors: true, strict: false, allowUnionTypes: true });
  formats.default(ajv);
  // Formats of Go's own that no library of ours knows.
  ajv.addFormat('duration', true);
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, 'compose-spec.json'), 'utf8')) as { $schema?: string };
  delete schema.$schema;
  const validate = ajv.compile(schema);
  validate(file);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
