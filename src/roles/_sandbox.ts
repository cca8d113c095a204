/** The sandbox of users' strategies, and what of the product runs inside it. */
import { fileURLToPath } from 'node:url';
import { openSandbox } from '#adapters/sandbox/sandbox.ts';
import { OwnStrategies, type OwnStrategiesParts } from '#app/own-strategies/own-strategies.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import type { Closing } from './_closing.ts';

/** Starts nothing yet: processes come with the first question. */
export function openStrategySandbox(limits: Parameters<typeof openSandbox>[1] = {}): StrategySandbox {
  const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  return openSandbox(
    { source: pathOf('..'), guest: pathOf('../app/own-strategies/guest.ts'), api: pathOf('../app/own-strategies/api.ts') },
    limits,
  );
}

export function openOwnStrategies(parts: Omit<OwnStrategiesParts, 'sandbox'>, closing: Closing): OwnStrategies {
  const sandbox = openStrategySandbox();
  closing.add('sandbox', () => sandbox.close());
  return new OwnStrategies({ ...parts, sandbox });
}
