import { describe, expect, it } from 'vitest';
import type { Field, ParamsSpec } from '#core/params.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import { OPTION_TITLES } from './option-titles.ts';
import { schemaOf } from './strategies.ts';

function optionsOf(spec: ParamsSpec): readonly string[] {
  return Object.values(spec).flatMap((field: Field) => (field.kind === 'rows' ? optionsOf(field.fields) : field.kind === 'choice' ? field.options : []));
}

describe('the choices in settings', () => {
  const options = new Set(
    STRATEGIES.flatMap(({ params, commands = {} }) => [params, ...Object.values(commands).map((each) => each.params)].flatMap(optionsOf)),
  );

  it('have names in both languages, and no other has', () => {
    expect(Object.keys(OPTION_TITLES).toSorted()).toEqual([...options].toSorted());
    for (const [option, { en, ru }] of Object.entries(OPTION_TITLES)) expect([/^[\x20-\x7e]+$/.test(en), /[а-яё]/i.test(ru)], option).toEqual([true, true]);
  });

  it('stand in the schema of a form beside the words of the wire', () => {
    const field = { kind: 'choice', options: ['buy', 'sell'], title: { en: 'Side', ru: 'Сторона' }, help: { en: '', ru: '' } } as const;
    expect(schemaOf({ side: field }, 'ru')['properties']).toMatchObject({
      side: {
        enum: ['buy', 'sell'],
        oneOf: [
          { const: 'buy', title: 'Покупка' },
          { const: 'sell', title: 'Продажа' },
        ],
      },
    });
    // A user's own strategy may have words that nobody knows here.
    expect(schemaOf({ side: { ...field, options: ['up', 'down'] } }, 'en')['properties']).toEqual({
      side: { type: 'string', enum: ['up', 'down'], title: 'Side', description: '' },
    });
  });
});
