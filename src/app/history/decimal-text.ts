/** A double as the shortest decimal that means it, in plain notation. */
import { Decimal, type DecimalString, plain } from '#core/money.ts';

export function decimalText(value: number): DecimalString {
  const text = String(value);
  return text.includes('e') ? plain(new Decimal(text)) : text;
}
