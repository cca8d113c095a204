/** What became of a post that somebody has forwarded. Its words are not repeated. */
import type { TakenPost } from '#app/posts/posts.ts';
import type { Language } from '#core/notices/notice.ts';
import type { PostResult } from '#core/posts/post-store.ts';
import { bold, type Screen, screen, told } from '../screen.ts';
import { say } from './words.ts';

/** Results shown of one post. */
const MAX_SHOWN = 10;

export function takenScreen({ post, isNew }: TakenPost, language: Language): Screen {
  const head = isNew
    ? say(language, 'Read:', 'Прочитано:')
    : say(language, 'This post has come before; nothing was done.', 'Этот пост уже был; ничего не сделано.');
  return screen([head, ...post.results.slice(0, MAX_SHOWN).flatMap((result) => [resultLine(result, language), ...deedLines(result, language)])]);
}

export function tooManyPostsScreen(language: Language): Screen {
  return screen([say(language, 'Too many posts at once; forward it again in a while.', 'Слишком много постов сразу; перешлите этот чуть позже.')]);
}

function resultLine({ event }: PostResult, language: Language): string {
  switch (event.kind) {
    case 'call': {
      const side = event.side === 'long' ? say(language, 'long', 'лонг') : say(language, 'short', 'шорт');
      return `• ${say(language, 'A call', 'Сигнал')}: ${bold(event.instrument.base)} ${side}`;
    }
    case 'arbitrage':
      return `• ${say(language, 'A claim, unverified until live books confirm it', 'Заявление, не проверено до подтверждения живыми стаканами')}: ${bold(event.base)} ${told(event.legs.map(({ venue, market }) => `${venue} ${market}`).join(' → '))}`;
    case 'update':
      return `• ${say(language, 'An update of a call', 'Обновление сигнала')}: ${told(event.change.kind)}`;
    case 'refused':
      return `• ${say(language, 'Not read', 'Не прочитано')}: ${told(event.reason)}`;
  }
}

function deedLines({ deeds }: PostResult, language: Language): readonly string[] {
  return deeds.map(({ command, outcome, detail }) =>
    outcome === 'given'
      ? say(language, `  told a bot: ${told(command)}`, `  передано боту: ${told(command)}`)
      : say(language, `  not told a bot (${told(command)}): ${told(detail)}`, `  не передано боту (${told(command)}): ${told(detail)}`),
  );
}
