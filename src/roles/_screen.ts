/** What a person reads at the terminal when Argosy has started, stops, or cannot start; in English or Russian. */
import { AppError, PortError } from '#core/errors.ts';
import type { Text } from '#core/params.ts';

export type Language = keyof Text;

export interface Welcome {
  readonly version: string;
  /** `null` where this process serves nobody. */
  readonly address: string | null;
  readonly dataDirectory: string;
  readonly venues: readonly string[];
}

export function welcomeScreen(welcome: Welcome, language: Language): string {
  const say = (en: string, ru: string): string => (language === 'ru' ? ru : en);
  return `
  Argosy ${welcome.version}

  ${say('Open      ', 'Откройте  ')}${welcome.address ?? say('no address: this process serves no pages', 'адреса нет: у этого процесса нет страниц')}
  ${say('Data      ', 'Данные    ')}${welcome.dataDirectory}
  ${say('Exchanges ', 'Биржи     ')}${welcome.venues.join(', ')}
            ${say('paper trades play money, at Binance prices or, without internet, in a demo market', 'paper торгует учебными деньгами: по ценам Binance, а без интернета - на демо-рынке')}
  ${say('Try it    npm run demo, in another terminal', 'Пример    npm run demo в другом терминале')}
  ${say('Stop      Ctrl+C; bots go on where they were at the next start', 'Стоп      Ctrl+C; после запуска боты продолжат с того же места')}

`;
}

/** Why Argosy could not start and what to do, in one paragraph. */
export function startFailure(error: unknown, place: { readonly host: string; readonly port: number } | null): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE' && place !== null)
    return `port ${place.port} on ${place.host} is in use by another program. Stop that program, or set PORT to another number: PORT=${place.port + 1} npm start`;
  if (code === 'EACCES' && place !== null) return `this account may not listen on port ${place.port}. Set PORT to a number above 1023.`;
  if ((code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') && place !== null)
    return `this machine has no address "${place.host}". Set HOST to one it has, such as 127.0.0.1.`;
  if (error instanceof AppError || error instanceof PortError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
