/** Strategies that cheat: their indicators compute over a whole history what live nobody could know. */
import { valueIndicator, type ValueIndicator } from '#core/indicator.ts';
import { bars, field, figureOf } from '#core/indicator-operand.ts';
import type { Strategy } from '#core/strategy.ts';
import { ENTER, LEAVE, STAY, signalStrategy } from '#strategies/_signal-position.ts';
