/** `argosy data check`: reads everything to its end, says what is damaged, and repairs it where that is wanted. */
import { type CliCommand, speaker } from '../command.ts';
import { withProgress } from '../progress.ts';
import { chosenSeries, INTERVAL, isRecords, JSON_OUTPUT, nameOf } from './arguments.ts';

export const check: CliCommand = {
  usage: 'check [exchange] [symbols...]',
  summary: { en: 'read everything to its end and name what is damaged', ru: 'прочитать всё до конца и назвать повреждённое' },
  options: [
    INTERVAL,
    { flags: '--repair', help: { en: 'put damaged files aside, to be downloaded again', ru: 'отложить повреждённые файлы, чтобы загрузить заново' } },
    { flags: '--holes', help: { en: 'let the next download ask for holes again', ru: 'снова запросить пропуски при следующей загрузке' } },
    JSON_OUTPUT,
  ],
  run: async (operator, args, options) => {
    const say = speaker(operator);
    const { candles } = operator.history;
    const series = await chosenSeries(operator, args, options);
    const damages = await withProgress(operator.terminal, say('Reading the history', 'Чтение истории'), async (report) => {
      const found = [];
      for (const [index, each] of series.entries()) {
        report(index / series.length, nameOf(each));
        found.push(...(isRecords(each) ? await candles.records.check(each) : await candles.check(each)));
      }
      return found;
    });
    const told = [];
    for (const damage of damages)
      told.push({
        ...damage,
        aside: options['repair'] === true ? await (isRecords(damage) ? candles.records.setAside(damage) : candles.setAside(damage)) : null,
      });
    const isWhole = damages.length === 0 || options['repair'] === true;
    let forgotten = 0;
    if (options['holes'] === true && isWhole)
      for (const each of series) if (!isRecords(each)) forgotten += await candles.forgetHoles(each, { from: 0, to: operator.clock.now() });
    if (options['json'] === true) operator.terminal.print(JSON.stringify({ series: series.length, damages: told, forgottenHoles: forgotten }, null, 2));
    else {
      for (const { path, problem, aside } of told)
        operator.terminal.print(
          aside === null ? `${path}: ${problem}` : say(`${path}: ${problem}; put aside as ${aside}`, `${path}: ${problem}; отложен как ${aside}`),
        );
      if (forgotten > 0)
        operator.terminal.print(
          say(`${forgotten} missing candles are asked for again by the next download.`, `Следующая загрузка снова запросит недостающих свечей: ${forgotten}.`),
        );
      operator.terminal.print(
        damages.length === 0
          ? say(`All is well: ${series.length} series.`, `Всё в порядке, рядов: ${series.length}.`)
          : say(
              `${damages.length} damaged files. ${isWhole ? 'Download their months again.' : 'argosy data check --repair puts them aside.'}`,
              `Повреждено файлов: ${damages.length}. ${isWhole ? 'Загрузите их месяцы заново.' : 'argosy data check --repair отложит их.'}`,
            ),
      );
    }
    return isWhole ? 0 : 1;
  },
};
