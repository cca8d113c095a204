/** What is strange about candles though they can be used: told with the result, in words for people. */
import type { Bars } from '#core/bars/bars.ts';
import type { Text } from '#core/params.ts';

/** A move this many times its beginning within a bar or from one to the next is hardly ever a market. */
const WILD_FACTOR = 10;
/** Of the bars without a trade; beyond it fills at their prices mean little. */
const QUIET_SHARE = 0.2;

export interface LookedAt {
  readonly bars: Bars;
  /** The first bar that is run over. */
  readonly begin: number;
  readonly missing: number;
  readonly gaps: 'refuse' | 'fill' | 'skip';
  readonly roundedPrices: number;
  /** Where the span was to end; `null` where the candles themselves say. */
  readonly until: number | null;
}

export function candleWarnings({ bars, begin, missing, gaps, roundedPrices, until }: LookedAt): readonly Text[] {
  const warnings: Text[] = [];
  if (missing > 0)
    warnings.push(
      gaps === 'fill'
        ? {
            en: `${missing} candles were missing and are flat at the close before them, without volume.`,
            ru: `Не хватало свечей: ${missing}; на их месте ровная цена закрытия без объёма.`,
          }
        : { en: `${missing} candles are missing; time passes over them at once.`, ru: `Не хватает свечей: ${missing}; время проходит мимо них сразу.` },
    );
  if (roundedPrices > 0)
    warnings.push({ en: `${roundedPrices} prices were rounded to the price increment.`, ru: `Цен округлено до шага цены: ${roundedPrices}.` });
  const { wild, firstWild, quiet } = looks(bars, begin);
  if (wild > 0) {
    const at = isoTime(bars.startAt[firstWild] ?? 0);
    warnings.push(
      wild === 1
        ? {
            en: `A candle of ${at} moves by a factor of ${WILD_FACTOR} or more: look whether it is true before you trust the result.`,
            ru: `Свеча ${at} движется в ${WILD_FACTOR} раз или больше; проверьте её, прежде чем верить результату.`,
          }
        : {
            en: `${wild} candles move by a factor of ${WILD_FACTOR} or more, the first at ${at}: look whether they are true before you trust the result.`,
            ru: `Свечей с движением в ${WILD_FACTOR} раз и больше: ${wild}, первая ${at}; проверьте их, прежде чем верить результату.`,
          },
    );
  }
  if (quiet / (bars.length - begin) > QUIET_SHARE)
    warnings.push({
      en: `${percent(quiet / (bars.length - begin))} of the candles have no volume: at their prices nobody traded.`,
      ru: `У ${percent(quiet / (bars.length - begin))} свечей нет объёма: по их ценам никто не торговал.`,
    });
  const endAt = (bars.startAt[bars.length - 1] ?? 0) + bars.intervalMs;
  if (until !== null && endAt < until)
    warnings.push({
      en: `The candles end at ${isoTime(endAt)}, before the end that was asked for: the pair may have been delisted. What was held then is valued at the last price.`,
      ru: `Свечи кончаются ${isoTime(endAt)}, раньше заказанного конца: возможно, пара снята с торгов. Остаток оценён по последней цене.`,
    });
  return warnings;
}

function looks(bars: Bars, begin: number): { readonly wild: number; readonly firstWild: number; readonly quiet: number } {
  let [wild, firstWild, quiet] = [0, 0, 0];
  for (let index = begin; index < bars.length; index += 1) {
    const high = bars.highTicks[index] ?? 0;
    const low = bars.lowTicks[index] ?? 1;
    const before = index === 0 ? (bars.openTicks[0] ?? 1) : (bars.closeTicks[index - 1] ?? 1);
    if (Math.max(high, before) >= Math.min(low, before) * WILD_FACTOR) {
      if (wild === 0) firstWild = index;
      wild += 1;
    }
    if (bars.volumeLots[index] === 0) quiet += 1;
  }
  return { wild, firstWild, quiet };
}

function isoTime(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
