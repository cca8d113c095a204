/** `argosy observe` and `argosy resume`: whether the installation sends orders at all. */
import { type CliCommand, speaker } from './command.ts';

export const observe: CliCommand = {
  usage: 'observe [reason]',
  summary: { en: 'send no orders from now on', ru: 'больше не отправлять ордера' },
  run: async (operator, [reason]) => {
    const say = speaker(operator);
    const text = typeof reason === 'string' ? reason : say('set at the command line', 'задано в командной строке');
    await operator.database.use((store) => store.operations.setObserving({ since: operator.clock.now(), reason: text }));
    operator.terminal.print(
      say(
        'From now on no order is sent. Bots stop working within seconds; orders that rest at exchanges stay there. End it with: argosy resume',
        'С этого момента ордера не отправляются. Боты остановятся в течение секунд; выставленные на биржах ордера остаются. Снять режим: argosy resume',
      ),
    );
    return 0;
  },
};

export const resume: CliCommand = {
  usage: 'resume',
  summary: { en: 'end observe-only: trade again', ru: 'снять режим наблюдения: снова торговать' },
  run: async (operator) => {
    const say = speaker(operator);
    const former = await operator.database.use(async (store) => {
      const observing = await store.operations.observing();
      await store.operations.setObserving(null);
      return observing;
    });
    operator.terminal.print(
      former === null
        ? say('The installation was trading already.', 'Установка и так торгует.')
        : say('The installation trades again: bots that are wanted running go on.', 'Установка снова торгует: нужные боты продолжают работу.'),
    );
    return 0;
  },
};
