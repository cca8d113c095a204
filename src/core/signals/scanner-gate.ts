/**
 * How a scanner lets a bot enter: by the newest word of an open signal, which holds for a short while only. Who hears nothing any
 * more lets nobody in. Pure, so that the bot, who tells it and the tests agree.
 */
import type { DecimalString } from '../money.ts';
import type { ParamsOf, ParamsSpec } from '../params.ts';
import type { CommandSpec } from '../strategy.ts';
import { FRESH_MS, type SignalPair, unfitness } from './pair-signal.ts';
import type { Signal } from './signal.ts';

export const GATE_COMMAND = 'scanner_signal';

/** What the strategy declares as its command {@link GATE_COMMAND}. */
export const SCANNER_SIGNAL = {
  title: { en: 'Signal of the scanner', ru: 'Сигнал сканера' },
  help: {
    en: 'Sent by the installation while the scanner of start_signal has an open signal; entries are allowed until it runs out.',
    ru: 'Отправляется самой установкой, пока у сканера из start_signal открыт сигнал; входы разрешены до конца его срока.',
  },
  params: {
    id: {
      kind: 'text',
      maxLength: 64,
      pattern: '[A-Za-z0-9._:-]+',
      title: { en: 'Id', ru: 'Идентификатор' },
      help: { en: 'The signal.', ru: 'Сигнал.' },
    },
    version: {
      kind: 'integer',
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
      title: { en: 'Version', ru: 'Версия' },
      help: { en: 'Grows with every change of the signal; an older one is ignored.', ru: 'Растёт с каждым изменением сигнала; более старая пропускается.' },
    },
    net_percent: {
      kind: 'decimal',
      min: '-1000',
      max: '1000000',
      title: { en: 'Net', ru: 'Чистыми' },
      help: { en: 'What the signal leaves after all costs, in per cent.', ru: 'Сколько процентов остаётся по сигналу после всех издержек.' },
    },
    valid_until: {
      kind: 'integer',
      min: 0,
      max: 8_640_000_000_000_000,
      title: { en: 'Valid until', ru: 'Действует до' },
      help: {
        en: 'Milliseconds since 1970 (UTC); 20 s from now at most. 0: the signal is over.',
        ru: 'Миллисекунды с 1970 года (UTC); не дольше 20 с от текущего момента. 0: сигнал закончился.',
      },
    },
  } satisfies ParamsSpec,
} as const satisfies CommandSpec;

export type ScannerSignal = ParamsOf<typeof SCANNER_SIGNAL.params>;

/** A word of the scanner holds for so long, and opens nothing when it is older; healthy scanners speak every five seconds. */
export const GATE_LIFE_MS = FRESH_MS;

/** What a bot remembers of its scanner; closed with `until` 0. */
export interface ScannerGate {
  id: string;
  version: number;
  /** Entries before this. */
  until: number;
}

export function closedGate(): ScannerGate {
  return { id: '', version: 0, until: 0 };
}

/** Takes in what the scanner says. Never holds longer than {@link GATE_LIFE_MS} from `at`, whatever is asked for. */
export function hearScanner(gate: ScannerGate, said: ScannerSignal, minNetPercent: DecimalString, at: number): void {
  if (said.id === gate.id && said.version < gate.version) return;
  const isEnough = Number(said.net_percent) >= Number(minNetPercent);
  Object.assign(gate, { id: said.id, version: said.version, until: isEnough ? Math.min(said.valid_until, at + GATE_LIFE_MS) : 0 });
}

/** What a bot waits for. */
export interface GateWish extends Pick<SignalPair, 'symbol' | 'perpetualSymbol'> {
  readonly scanner: string;
  readonly minNetPercent: DecimalString;
  /** Where its orders would go; `null` on paper, where prices are those of another place anyway. */
  readonly venue: string | null;
}

/** Whether a signal is what the bot waits for, open or not. */
export function isWished({ scanner, legs: [bought, sold], direction }: Signal, wish: GateWish): boolean {
  if (scanner !== wish.scanner || direction !== 'forward') return false;
  if (wish.venue !== null && (bought.venue !== wish.venue || sold.venue !== wish.venue)) return false;
  return bought.symbol === wish.symbol && sold.symbol === wish.perpetualSymbol;
}

/** Until when a bot may enter because of this signal; 0 where it may not. */
export function gateUntil(signal: Signal, wish: GateWish, now: number): number {
  if (!isWished(signal, wish) || unfitness(signal, now) !== null) return 0;
  return Number(signal.netPercent) >= Number(wish.minNetPercent) ? signal.updatedAt + GATE_LIFE_MS : 0;
}

/** What the bot is told of a signal. */
export function scannerSignal({ id, version, netPercent }: Pick<Signal, 'id' | 'version' | 'netPercent'>, until: number): ScannerSignal {
  return { id, version, net_percent: netPercent, valid_until: until };
}
