/** The sandbox of users' strategies, and what of the product runs inside it. */
import { fileURLToPath } from 'node:url';
import { openSandbox } from '#adapters/sandbox/sandbox.ts';
import { OwnStrategies, type OwnStrategiesParts } from '#app/own-strategies/own-strategies.ts';
import type { Config } from '#config';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import type { Strategy } from '#core/strategy.ts';
import type { Closing } from './_closing.ts';
import { openStrategies } from './_plugins.ts';

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Starts nothing yet: processes come with the first question. */
export function openStrategySandbox(limits: Parameters<typeof openSandbox>[1] = {}): StrategySandbox {
  const own = (name: string): string => pathOf(`../app/own-strategies/${name}`);
  return openSandbox({ source: pathOf('..'), guest: own('guest.ts'), api: own('api.ts'), types: own('argosy-strategy.d.ts') }, limits);
}

/** Every strategy of the product by its name, and users' own. */
export function openAllStrategies(config: Config, parts: Omit<OwnStrategiesParts, 'sandbox'>, closing: Closing): StrategyParts {
  const strategies = openStrategies(config);
  const sandbox = openStrategySandbox();
  closing.add('sandbox', () => sandbox.close());
  return { strategies, own: new OwnStrategies({ ...parts, sandbox }) };
}

export interface StrategyParts {
  readonly strategies: ReadonlyMap<string, Strategy>;
  readonly own: OwnStrategies;
}
