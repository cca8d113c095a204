/** The screen of signals: what a user sees of them by plan and own choices, the best first. */
import type { SignalList, SignalView } from '#app/signal-views/signal-views.ts';
import { decimal, plain } from '#core/money.ts';
import type { Language } from '#core/notices/notice.ts';
import type { Text } from '#core/params.ts';
import type { SignalLeg } from '#core/signals/signal.ts';
import { duration, money, percent } from '../figures.ts';
import { bold, type Screen, screen, shortName, told } from '../screen.ts';
import { pageOf, pager, say } from './words.ts';

export const SIGNALS_A_PAGE = 5;
const MARKETS: Readonly<Record<SignalLeg['market'], Text>> = {
  spot: { en: 'spot', ru: 'спот' },
  futures: { en: 'futures', ru: 'фьючерсы' },
  dex: { en: 'DEX', ru: 'DEX' },
};

export function signalsScreen(list: SignalList, wanted: number, now: number, language: Language): Screen {
  const { items, page, pages } = pageOf(list.items, wanted, SIGNALS_A_PAGE);
  const count = `${list.items.length}${list.nextCursor === null ? '' : '+'}`;
  const late = duration(list.delayMs, language);
  return screen(
    [
      `<b>${say(language, 'Signals', 'Сигналы')}</b>${list.items.length === 0 ? '' : ` · ${count}`}`,
      list.delayMs > 0 ? say(language, `Free plan: ${late} late, the best alone.`, `Бесплатный тариф: с задержкой ${late}, только лучшие.`) : null,
      list.items.length === 0 ? say(language, 'Nothing that you want to see is open.', 'Открытых сигналов по вашим условиям нет.') : '',
      ...items.map((view) => signalLines(view, now, language)),
    ],
    [pager('signals', page, pages), [{ text: say(language, 'Refresh', 'Обновить'), verb: 'signals', argument: String(page) }]],
  );
}

/** What is left after all costs at the size it was computed for, how much is still worth it, and how long it has lasted. */
function signalLines({ signal }: SignalView, now: number, language: Language): string {
  const [bought, sold] = signal.legs;
  const [size, most] = [signal.sizeQuote, signal.maxSizeQuote].map((amount) => told(money(amount, signal.quote, language)));
  const net = percent(plain(decimal(signal.netPercent).div(100)), language);
  const worth = say(language, `net ${net} on ${size}, up to ${most}`, `чистыми ${net} на ${size}, до ${most}`);
  const legs = say(
    language,
    `buy ${place(bought, language)}, sell ${place(sold, language)}`,
    `купить: ${place(bought, language)}, продать: ${place(sold, language)}`,
  );
  return `${bold(shortName(signal.base))} · ${worth}\n${legs} · ${duration(now - signal.openedAt, language)}`;
}

function place({ venue, market }: SignalLeg, language: Language): string {
  return `${told(venue)} ${MARKETS[market][language]}`;
}
