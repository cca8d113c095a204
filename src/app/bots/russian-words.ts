/**
 * What plans and checks of settings say against them, in Russian: each sentence by its English template, in which `{}` stands for what
 * differs. Fragments stand inside sentences.
 */

type Phrase = readonly [english: string, russian: string];

const VALUES: readonly Phrase[] = [
  ['expected an object with the settings', 'ожидается объект с настройками'],
  ['is not a setting of this strategy; known are {}', 'такой настройки у этой стратегии нет; есть {}'],
  ['is not a command of {}; known are {}', 'такой команды у {} нет; есть {}'],
  ['is not a command of {}; it has none', 'такой команды у {} нет: у неё нет команд'],
  ['cannot be shown beforehand: {} does what its help says', 'показать заранее нельзя: {} делает то, что сказано в её описании'],
  ['is not a known field', 'такого поля нет'],
  ['is given twice', 'указано дважды'],
  ['expected a list', 'ожидается список'],
  ['must have at most {} rows, got {}', 'строк должно быть не больше {}, указано {}'],
  ['must have at most {} characters, got {}', 'символов должно быть не больше {}, указано {}'],
  ['is required', 'обязательно'],
  ['expected a whole number such as {}, got {}', 'ожидается целое число, например {}; указано {}'],
  ['expected a decimal such as "0.5", got {}', 'ожидается десятичное число, например "0.5"; указано: {}'],
  ['expected a finite decimal (numbers past 1e308 arrive as infinity)', 'ожидается конечное десятичное число (больше 1e308 превращается в бесконечность)'],
  ['has more than {} digits before or after the point', 'до или после точки больше {} цифр'],
  ['is not exact as a JSON number; send it as a string: {}', 'как число JSON теряет точность; передайте строкой: {}'],
  ['expected a text', 'ожидается текст'],
  ['must be between {} and {}, got {}', 'должно быть от {} до {}, указано {}'],
  ['must be between {} and {}, the prices the venue takes; got {}', 'должно быть от {} до {} (такие цены принимает биржа), указано {}'],
  ['must be one of {}, got {}', 'возможны: {}; указано {}'],
  ['must be one of {}', 'возможны: {}'],
  ['must be true or false, got {}', 'должно быть true или false, указано {}'],
  ['does not look as it must ({})', 'не того вида ({})'],
  ['must be above {}, got {}; leave it out to go without', 'должно быть больше {}, указано {}; чтобы обойтись без этого, не указывайте'],
  ['must be above {}, got {}', 'должно быть больше {}, указано {}'],
  ['must be at least {}, got {}; leave it out to go without', 'должно быть не меньше {}, указано {}; чтобы обойтись без этого, не указывайте'],
  ['must be at least {}, got {}', 'должно быть не меньше {}, указано {}'],
  ['must be at most {}, got {}', 'должно быть не больше {}, указано {}'],
  ['must be a multiple of the price increment {}; next to {} are {} and {}', 'должно быть кратно шагу цены {}; ближайшие к {} — {} и {}'],
  ["{} is no version of this bot's settings; GET {} lists them", 'версии {} настроек у этого бота нет; список: GET {}'],
  ['cannot be given together with {}; leave one of them out', 'нельзя указать вместе с {}; оставьте что-то одно'],
  [
    'cannot be planned: no market price is known; try again when the market answers',
    'рассчитать нельзя: цена рынка неизвестна; повторите, когда биржа ответит',
  ],
  ['these settings lead to figures too large to be computed exactly: {}', 'эти настройки дают слишком большие числа для точного расчёта: {}'],
  ['makes amounts that cannot be computed exactly; use less', 'суммы слишком велики для точного расчёта; уменьшите'],
];

/** Of requests as a whole. */
const REQUESTS: readonly Phrase[] = [
  ['must be at most {} characters long', 'символов должно быть не больше {}'],
  ['must be at least {} characters long', 'символов должно быть не меньше {}'],
  ['must be at most {}', 'должно быть не больше {}'],
  ['must be at least {}', 'должно быть не меньше {}'],
  ['is not one of the strategies', 'такой стратегии нет'],
  ['is not one of the exchanges', 'такой биржи нет'],
  ['is not traded at {}', 'этим не торгуют на {}'],
  ['is not one of your exchange accounts', 'такого счёта у вас нет'],
  ['is required unless exchange is given; both together are ambiguous', 'обязательно, если не указана exchange; вместе они неоднозначны'],
  ['must be "paper" on a paper account; nothing there is live', 'на учебном счёте должно быть "paper": настоящих денег там нет'],
  ['is a perpetual, and this strategy trades spot instruments only', 'бессрочный контракт, а эта стратегия торгует только на споте'],
  ['is a spot instrument, and this strategy trades perpetuals only', 'спотовый инструмент, а эта стратегия торгует только бессрочными контрактами'],
];

const MARKETS: readonly Phrase[] = [
  ['must be 1: {} is a spot instrument', 'должно быть 1: {} — спотовый инструмент'],
  ['must be at most {} for {}, got {}', 'должно быть не больше {} для {}, указано {}'],
  ['must be long or reverse: {} is a spot instrument; {} needs a perpetual', 'должно быть long или reverse: {} — спот; для {} нужен бессрочный контракт'],
  ['must be long: {} is a spot instrument; short needs a perpetual', 'должно быть long: {} — спот; для short нужен бессрочный контракт'],
  ['must be long, short or neutral: {}', 'должно быть long, short или neutral: {}'],
  ['must be bounded: {}', 'должно быть bounded: {}'],
  ['must be quote: {}', 'должно быть quote: {}'],
  ['must be keep or sell_all: {}', 'должно быть keep или sell_all: {}'],
  ['cannot be given: {}', 'нельзя указать: {}'],
  [
    '{}: the exchange would close the {} position at about {}, before the price reaches {}; use less leverage, {}or a narrower range',
    '{}: биржа закрыла бы позицию {} около {}, раньше чем цена дойдёт до {}; уменьшите плечо, {}или сузьте диапазон',
  ],
  [
    '{}: the exchange would close the position at about {}, before the price reaches {}; use less leverage, margin_mode cross or smaller steps',
    '{}: биржа закрыла бы позицию около {}, раньше чем цена дойдёт до {}; уменьшите плечо, выберите margin_mode cross или уменьшите шаги',
  ],
  [
    '{}: the exchange would close the position at about {}, before the price reaches {}; use less leverage or smaller steps',
    '{}: биржа закрыла бы позицию около {}, раньше чем цена дойдёт до {}; уменьшите плечо или шаги',
  ],
];

const GRID: readonly Phrase[] = [
  ['is required unless range is infinite', 'обязательно, если range не infinite'],
  ['is required with range infinite', 'обязательно при range infinite'],
  ['belongs to range infinite; leave it out, the step follows from levels', 'относится к range infinite; не указывайте, шаг следует из levels'],
  ['must be above {} {}, got {}', 'должно быть больше {} {}, указано {}'],
  ['must be below {} {}, got {}', 'должно быть меньше {} {}, указано {}'],
  ['must be below {} {}, which it is a part of; got {}', 'должно быть меньше {} {}, частью которого является; указано {}'],
  ['must be below the price at start, {}, or the bot would stop at once; got {}', 'должно быть ниже цены запуска {}, иначе бот сразу остановится; указано {}'],
  ['must be above the price at start, {}, or the bot would stop at once; got {}', 'должно быть выше цены запуска {}, иначе бот сразу остановится; указано {}'],
  ['must be above {} {}, or the grid could never expand there; got {}', 'должно быть больше {} {}, иначе сетка туда не расширится; указано {}'],
  ['must be below {} {}, or the grid could never expand there; got {}', 'должно быть меньше {} {}, иначе сетка туда не расширится; указано {}'],
  ['must be below {} {}, or the grid could never trail there; got {}', 'должно быть меньше {} {}, иначе сетка туда не сдвинется; указано {}'],
  ['cannot be given with range infinite, which goes up by itself; leave it out', 'нельзя указать при range infinite: сетка сама идёт вверх; не указывайте'],
  ['must be equal with range infinite, which has no lower and upper end to grow between', 'при range infinite должно быть equal: у неё нет двух краёв'],
  ['must be quote with range infinite, which keeps the value of the coin held', 'при range infinite должно быть quote: она держит стоимость монеты'],
  ['must be long with range infinite', 'при range infinite должно быть long'],
  ['cannot be given with direction neutral; use {}', 'нельзя указать при direction neutral; используйте {}'],
  ['is required with direction reverse, which works with the coin alone', 'обязательно при direction reverse: она работает только с монетой'],
  ['cannot be given with direction reverse, which works with base_investment', 'нельзя указать при direction reverse: она работает с base_investment'],
  ['must be 0 with direction reverse, which is given no quote', 'при direction reverse должно быть 0: котировки у неё нет'],
  ['is required unless order_size is given', 'обязательно, если не указан order_size'],
  ['makes more than {} price lines; use {}', 'линий получается больше {}; {}'],
  [
    '{} price lines between {} and {} fall on the same price, because the price increment is {}; use at most {} levels or widen the range',
    '{} линий между {} и {} совпадают по цене: её шаг {}; возьмите не больше {} уровней или расширьте диапазон',
  ],
  [
    '{} %: price lines fall on the same price, because the price increment is {}; use a larger step',
    '{} %: линии совпадают по цене, её шаг {}; возьмите шаг больше',
  ],
  [
    'gives orders of {} {} {}; the venue takes no less than {} there, fee included: {}',
    'даёт ордера по {} {} {}; биржа принимает там не меньше {} с учётом комиссии: {}',
  ],
  ['needs {} {}, more than base_investment {}; use less, or lend more', 'требует {} {}, больше чем base_investment {}; уменьшите или выделите больше'],
  [
    'gives orders of {} {}, more than the venue takes ({}) or than can be computed exactly; use less or more levels',
    'даёт ордера по {} {}, больше чем принимает биржа ({}) или чем можно точно посчитать; уменьшите сумму или возьмите больше уровней',
  ],
  [
    'a trade between {} and {} ({} %) would lose {} % to fees; break-even is a step of {} %: use a larger step',
    'сделка между {} и {} ({} %) потеряла бы {} % на комиссиях; безубыток — шаг {} %: возьмите шаг больше',
  ],
  [
    'a trade between {} and {} ({} %) would lose {} % to fees; break-even is a step of {} %: use at most {} levels or widen the range',
    'сделка между {} и {} ({} %) потеряла бы {} % на комиссиях; безубыток — шаг {} %: возьмите не больше {} уровней или расширьте диапазон',
  ],
  ['cannot be carried out: {}', 'выполнить нельзя: {}'],
  ['or another setting must be given: nothing would change', 'или другая настройка обязательна: ничего бы не изменилось'],
  ['is more than the money of the bot suffices for with these lines; at most {}', 'больше, чем хватает средств бота при этих линиях; не больше {}'],
];

const DCA: readonly Phrase[] = [
  [
    '{} {} is less than a full deal takes with fees and the margin of the first price, {} {}; use more, or smaller orders',
    '{} {} меньше, чем требует полная сделка с комиссиями и запасом первой цены, {} {}; увеличьте или уменьшите ордера',
  ],
  [
    'would end the deal at once: the stop would stand at {}, the price is {}; use close_deal for that',
    'сразу завершило бы сделку: стоп встал бы на {}, цена {}; для этого есть close_deal',
  ],
  ['is required with size_unit percent, which is a part of it', 'обязательно при size_unit percent: это его доля'],
  ['must be 0 with size_unit percent: sizes follow the funds by themselves', 'при size_unit percent должно быть 0: размеры и так следуют за средствами'],
  ['is required with safety_orders', 'обязательно вместе с safety_orders'],
  ['must be further below than the step before it', 'должно быть дальше предыдущего шага'],
  [
    'number {} would stand {} % below the base order, at no price at all; use at most {} or smaller steps',
    'номер {} оказался бы на {} % ниже базового ордера, такой цены нет; возьмите не больше {} или шаги меньше',
  ],
  ['is required unless take_profits lists steps', 'обязательно, если ступени не перечислены в take_profits'],
  ['the shares must add up to 100, got {}', 'доли в сумме должны дать 100, сейчас {}'],
  ['must be above the step before it', 'должно быть больше предыдущей ступени'],
  ['must be below 100 with direction short: a price cannot fall further', 'при direction short должно быть меньше 100: ниже цена не упадёт'],
  [
    'must be below the number of take-profit steps, {}: after the last nothing is left to protect',
    'должно быть меньше числа ступеней тейк-профита, {}: после последней защищать нечего',
  ],
  ['needs {}', 'требует {}'],
  [
    'must be 5m or longer with min_volume_24h: 24 hours have more bars of {} than are looked back on',
    'с min_volume_24h должно быть 5m или больше: за 24 часа баров {} больше, чем просматривается',
  ],
  ['is required with start conditions', 'обязательно при start conditions'],
  ['are not looked at with start {}; set start to conditions or leave them out', 'при start {} не учитываются; выберите start conditions или не указывайте их'],
  ['buys {} {}, less than the venue takes; use at least {} {} and the fee', 'покупает {} {}, меньше чем принимает биржа; возьмите не меньше {} {} и комиссию'],
  [
    'safety order {} at {} buys {} {}, less than the venue takes; use at least {} {}',
    'страховочный ордер {} по {} покупает {} {}, меньше чем принимает биржа; возьмите не меньше {} {}',
  ],
  [
    'safety order {} would stand at the price of the order before it, because the price increment is {}; use larger steps',
    'страховочный ордер {} встал бы на цену предыдущего: шаг цены {}; возьмите шаги больше',
  ],
  ['makes an order of {} {}; the venue takes at most {}', 'даёт ордер на {} {}; биржа принимает не больше {}'],
  [
    '{} % would lose to fees: nothing is lost only from {} on; take more, or set take_profit_net',
    '{} % съедят комиссии: без убытка только от {}; возьмите больше или включите take_profit_net',
  ],
  ['stands at {}, beyond the prices the venue takes', 'стоит на {}, за пределами цен биржи'],
  [
    'step {} of the take profit would sell less of the base order than the venue takes; use a larger base order or fewer steps',
    'ступень {} тейк-профита продала бы меньше, чем принимает биржа; увеличьте базовый ордер или уменьшите число ступеней',
  ],
  [
    'the stop at {} stands above safety order {} at {}, which would never be reached; use a wider stop or fewer safety orders',
    'стоп {} стоит выше страховочного ордера {} на {}, до которого дело не дойдёт; отодвиньте стоп или уменьшите число ордеров',
  ],
  [
    'the stop at {} stands below safety order {} at {}, which would never be reached; use a wider stop or fewer safety orders',
    'стоп {} стоит ниже страховочного ордера {} на {}, до которого дело не дойдёт; отодвиньте стоп или уменьшите число ордеров',
  ],
];

/** Of the sides of conditions alone. */
export const CONDITIONS: readonly Phrase[] = [
  ['{} is neither a number nor a name such as {}', '{} — не число и не имя, такое как {}'],
  ['{} takes nothing', 'у {} нет параметров'],
  ['there is no indicator {}; known are {}', 'индикатора {} нет; есть {}'],
  ['{} takes no settings', 'у {} нет параметров'],
  ['{} takes {}', 'параметры {}: {}'],
  ['{} has no {}; it has {}', 'у {} нет {}; есть {}'],
  ['{} of {} must be a number, got {}', '{} у {} — число, указано {}'],
  ['{} of {} must be a whole number from {} to {}, got {}', '{} у {} — целое число от {} до {}, указано {}'],
  ['{} of {} must be a number from {} to {}, got {}', '{} у {} — число от {} до {}, указано {}'],
];

/** Whole sentences, the more particular before the more general. */
export const SENTENCES: readonly Phrase[] = [...GRID, ...DCA, ...MARKETS, ...VALUES, ...REQUESTS];

/** What stands in the gaps of sentences. */
export const FRAGMENTS: readonly Phrase[] = [
  ['{} is a perpetual, which is held without the coin', '{} — бессрочный контракт, монеты при нём нет'],
  ['where the trail ends', 'в конце следования'],
  ['at the line {}', 'на линии {}'],
  ['invest at least {} {} or use fewer levels', 'вложите не меньше {} {} или возьмите меньше уровней'],
  ['lend at least {} {} or use fewer levels', 'выделите не меньше {} {} или возьмите меньше уровней'],
  ['use at least {} {}', 'возьмите не меньше {} {}'],
  ['a larger step or a higher lower_price', 'увеличьте шаг или поднимите lower_price'],
  ['a nearer limit or fewer levels', 'приблизьте границу или возьмите меньше уровней'],
  ['margin_mode cross, ', 'выберите margin_mode cross, '],
  ['a list', 'список'],
  ['an empty string', 'пустая строка'],
  ['a value of type {}', 'значение типа {}'],
  ['the grid has not begun, or is at its end', 'сетка ещё не началась или уже закончилась'],
  ['the bot does not trade now', 'бот сейчас не торгует'],
  ['another change is under way', 'идёт другое изменение'],
  ['the trade at start is not done yet', 'сделка на старте ещё не завершена'],
  ['a level is just moving; try again in a moment', 'уровень как раз переносится; повторите чуть позже'],
  ['it leads to figures too large to be computed exactly ({})', 'числа слишком велики для точного расчёта ({})'],
];
