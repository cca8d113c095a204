/** The words of posts in English and Russian: what each tells the reader. A star ends the stem of a word that is inflected. */

/** What a word does to the numbers and claims around it. */
export type Role =
  | 'entry'
  | 'target'
  | 'stop'
  | 'leverage'
  | 'market_order'
  | 'zone'
  | 'above'
  | 'below'
  | 'long'
  | 'short'
  | 'buy'
  | 'sell'
  | 'cross'
  | 'isolated'
  | 'spot'
  | 'futures'
  | 'dex'
  | 'spread'
  | 'funding'
  | 'exit'
  | 'interval'
  | 'arbitrage'
  | 'ignored'
  | 'filler'
  | 'limit'
  | 'reached'
  | 'moved'
  | 'breakeven'
  | 'cancel'
  | 'close'
  | 'closed'
  | 'all'
  | 'advert'
  | 'promotion'
  | 'past'
  | 'doubt'
  | 'negation';

const WORDS: Readonly<Record<Role, string>> = {
  entry: 'entry entries enter entering ent вход входа входы входим входить заходим твх набор набираем открываем',
  target: 'target targets tp tps take goal goals цел* тп тейк* тэйк*',
  stop: 'stop stops stoploss sl invalidation стоп* сл',
  leverage: 'leverage lev плеч*',
  market_order: 'market cmp now рынку маркет* рыночн* сейчас',
  zone: 'zone range area зон* диапазон*',
  above: 'above выше',
  below: 'below ниже',
  long: 'long longs longing лонг лонга лонгуем лонгую лонге',
  short: 'short shorts shorting шорт шорта шортим шорчу шорте',
  buy: 'buy buying купить покупаем покупк* берем берём',
  sell: 'sell selling продать продаем продаём продаж*',
  cross: 'cross кросс*',
  isolated: 'isolated iso изолир* изол',
  spot: 'spot спот спота споте споту',
  futures: 'futures future fut futs perp perps perpetual swap фьюч* перп* бессрочн* своп*',
  dex: 'dex декс дексе dexes',
  spread: 'spread gap diff difference basis спред* спрэд* разниц* базис',
  funding: 'funding fund fr фандинг* финансировани* фанд',
  exit: 'exit out выход* выхода',
  interval: 'every каждые interval интервал*',
  arbitrage: 'arbitrage arb arbitr арбитраж* арб связк*',
  ignored:
    'volume vol vol24 объем* объём* oi liquidity liq ликвидност* капа mcap fdv cap fee fees комисси* risk риск* rr signal сигнал* size max макс* depth стакан* age lifetime живет живёт возраст deposit* withdraw* ввод* вывод* next countdown until через id no номер confidence rsi ema tf таймфрейм r apr apy годов* annual* депозит* bal balance чистый net profit прибыль',
  limit: 'limit лимит*',
  filler:
    'at the a an and or by in on of from to is for with price prices around near avg average loss order orders point points usdt usd usdc по и или в на от до с со около районе цене цена цены текущей текущим точка точки лосс профит профиты фикс ордер* contract контракт* уровен* уровня биржа бирже биржи exchange exchanges exch type тип side direction направление сторона позиция position pair пара монета coin монет* токен* token trade setup сетап сделка rate ставка курс margin маржа mode режим use используем new новый новая vip alert vs против млн млрд тыс mln bln bn million billion thousand',
  reached: 'hit hits reached done filled achieved взят* взяли достигнут* достиг* исполнен* выполнен* сработал* выбило выбит*',
  moved: 'move moved moving shift trail перенос* переносим переставля* переставьте двигаем подтягива* перенес* перенёс* ставим',
  breakeven: 'breakeven be бу безубыт*',
  cancel: 'cancel cancelled canceled cancelling отмен* удаляем неактуал*',
  close: 'close closing закрываем закрыть закрываю закрывайте фиксируем фиксирую фиксируйте',
  closed: 'closed converged закрыт закрылся закрыта закрыты закрыли сошелся сошёлся схлопнул* исчез*',
  all: 'all все всё fully full полностью целиком',
  advert:
    'course lesson webinar урок* вебинар* guarantee* guaranteed airdrop giveaway promo promocode bonus referral cashback discount sponsored ad ads pump pumps pumping гарант* розыгрыш* раздач* промокод* бонус* рефк* реферал* кэшбэк* кешбэк* скидк* реклам* спонсор* памп* оплат* подписка тариф* обучени* удво* миллион* slots seats мест места register registration регистр* whitelist presale пресейл* sale хамстер casino казино betting ставки managed доверительн* заработ*',
  promotion: 'join subscribe подпис* подпиш* вступ* channel канал* чат chat group групп* premium премиум* прем',
  past: 'yesterday already expired valid invalid outdated old late уже поздно устарел* archive архив* recap results result review history weekly monthly earned gained made booked profited called posted caught ago worked missed statistics stats winrate roi pnl вчера прошл* итог* результат* отчет* отчёт* заработали забрали сделали отработал* отработка давал* показал* статистик* обзор* дал дали купил* продал* вышли вошли зашли поймал* неделю месяц* сегодняшн* был была было были was were had gave went pumped',
  doubt:
    'ex eg almost about nearly soon approaching почти скоро вот if maybe might could would should may wen when soon imagine dream think opinion hypothetical example sample demo test paper joke meme lol lmao moon prediction predict forecast expect poll vote waiting wait watch watching watchlist rumor rumour если бы может возможно наверное кажется думаю думаете считаю мнение пример* образец тест* шутк* мем* когда представь* прогноз* жду ждем ждём ожида* наблюда* следим слух* опрос кто почему зачем вдруг гипотез* учебн*',
  negation: 'not never dont don avoid without fake scam unless cannot не никогда нет избега* скам фейк*',
};

const VENUES: Readonly<Record<string, string>> = {
  mexc: 'mexc мекс мекси мекса мексе мехс мэкс',
  binance: 'binance bnc бинанс* бинансе',
  bybit: 'bybit bybt байбит* бибит*',
  okx: 'okx okex окекс* окх* окикс',
  bitget: 'bitget битгет* бидгет',
  gate: 'gate gateio гейт* гэйт*',
  kucoin: 'kucoin куко* кукоин* кук',
  bingx: 'bingx бингx* бингикс* бингх*',
  htx: 'htx huobi хуоби* хтх',
  kraken: 'kraken кракен*',
  lbank: 'lbank лбанк* эльбанк*',
  xt: 'xt',
  coinex: 'coinex коинекс*',
  bitmart: 'bitmart битмарт*',
  hyperliquid: 'hyperliquid гиперликвид* хайперликвид*',
  aster: 'aster',
};

const DEXES: Readonly<Record<string, string>> = {
  pancakeswap: 'pancakeswap pancake панкейк* панкейксвап* блинчик*',
  uniswap: 'uniswap юнисвап* юник',
  raydium: 'raydium рейдиум* радиум*',
  jupiter: 'jupiter юпитер*',
  orca: 'orca',
  aerodrome: 'aerodrome аэродром*',
  sushiswap: 'sushiswap суши',
};

const MAJORS = new Set(
  'BTC ETH SOL XRP BNB DOGE ADA TRX TON AVAX LTC BCH SUI APT ATOM FIL INJ SEI TIA PEPE SHIB WIF BONK FLOKI UNI AAVE ETC XLM HBAR ICP FET ENA WLD STX ALGO VET'.split(
    ' ',
  ),
);

/** Currencies a price may be given in. */
export const QUOTES: ReadonlySet<string> = new Set(['USDT', 'USDC', 'USD', 'FDUSD', 'BUSD', 'BTC', 'ETH', 'EUR', 'TRY']);

interface Lexicon<Meaning> {
  readonly exact: ReadonlyMap<string, Meaning>;
  readonly stems: ReadonlyMap<string, Meaning>;
}

function lexicon<Meaning extends string>(lists: Readonly<Record<Meaning, string>>): Lexicon<Meaning> {
  const exact = new Map<string, Meaning>();
  const stems = new Map<string, Meaning>();
  for (const [meaning, words] of Object.entries(lists) as [Meaning, string][])
    for (const word of words.split(' ')) {
      if (word.endsWith('*')) stems.set(word.slice(0, -1), meaning);
      else exact.set(word, meaning);
    }
  return { exact, stems };
}

const MAX_STEM_LENGTH = 12;
const MIN_STEM_LENGTH = 3;

function lookUp<Meaning>({ exact, stems }: Lexicon<Meaning>, word: string): Meaning | null {
  const whole = exact.get(word);
  if (whole !== undefined) return whole;
  for (let length = Math.min(word.length, MAX_STEM_LENGTH); length >= MIN_STEM_LENGTH; length--) {
    const stem = stems.get(word.slice(0, length));
    if (stem !== undefined) return stem;
  }
  return null;
}

const ROLES = lexicon(WORDS);
const VENUE_WORDS = lexicon<string>(VENUES);
const DEX_WORDS = lexicon<string>(DEXES);

/** What a word in lower case does, or null for a word that says nothing here. */
export function roleOf(word: string): Role | null {
  return lookUp(ROLES, word);
}

/** The venue or decentralised exchange that a word in lower case names, slang included. */
export function venueOf(word: string): { readonly name: string; readonly isDex: boolean } | null {
  const name = lookUp(VENUE_WORDS, word);
  if (name !== null) return { name, isDex: false };
  const dex = lookUp(DEX_WORDS, word);
  return dex === null ? null : { name: dex, isDex: true };
}

/** Whether a bare word in capitals is a coin that needs no mark to be known. */
export function isMajor(word: string): boolean {
  return MAJORS.has(word);
}
