/** Settings of rules that stand for settings of indicators, with the same bounds. */
import type { IndicatorSetting } from '#core/indicator.ts';
import type { DecimalField, IntegerField, Text } from '#core/params.ts';

/** A number of bars, as the indicator takes it. */
export function periodField({ default: byDefault, min, max }: IndicatorSetting, title: Text, help: Text): IntegerField {
  return { kind: 'integer', min, max, default: byDefault, title, help };
}

/** A factor, as the indicator takes it. */
export function factorField({ default: byDefault, min, max }: IndicatorSetting, title: Text, help: Text): DecimalField {
  return { kind: 'decimal', min: String(min), max: String(max), default: String(byDefault), title, help };
}
