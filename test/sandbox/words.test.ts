/** The words that programs are promised are the words they get. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as api from '#app/own-strategies/api.ts';
import { INDICATORS } from '#core/indicators/index.gen.ts';

const TYPES = readFileSync(new URL('../../src/app/own-strategies/argosy-strategy.d.ts', import.meta.url), 'utf8');
const promised = [...TYPES.matchAll(/^ {2}export (?:const|function) (\w+)/gm)].map(([, name = '']) => name);

it('everything that can be imported is declared, and the other way round', () => {
  expect(Object.keys(api).toSorted()).toEqual(promised.toSorted());
});

it('every indicator of the product can be imported, under the settings and figures that are declared', () => {
  const given = Object.values(api) as readonly unknown[];
  for (const indicator of INDICATORS) expect(given, indicator.name).toContain(indicator);
  for (const [name, indicator] of Object.entries(api)) {
    const known = INDICATORS.find((each) => each === (indicator as unknown));
    if (known === undefined) continue;
    const declared = new RegExp(`export const ${name}: (Value|Bar)Indicator<([^;]*)>;`).exec(TYPES);
    const [settings = '', figures = ''] = (declared?.[2] ?? '').split(/,\s+(?=Readonly)/);
    const named = (text: string): readonly string[] => [...text.matchAll(/'(\w+)'/g)].map(([, each = '']) => each);
    expect(declared?.[1], name).toBe(known.input === 'value' ? 'Value' : 'Bar');
    expect(named(settings), name).toEqual(Object.keys(known.settings));
    expect(named(figures), name).toEqual(known.outputs.length === 1 ? [] : [...known.outputs]);
  }
});
