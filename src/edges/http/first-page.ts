/**
 * The first page: what runs here and where to go on. Plain HTML, no script, nothing that pretends to be a dashboard.
 */

import type { BotStatus } from '#core/bot-states.ts';
import type { Text } from '#core/params.ts';
import type { Language } from './language.ts';

export interface FirstPageFacts {
  readonly version: string;
  readonly roles: readonly string[];
  readonly databaseKind: 'embedded' | 'server';
  readonly isDatabaseUp: boolean;
  readonly hasOwner: boolean;
  readonly uptimeMs: number;
  readonly venues: readonly { readonly title: string; readonly notice: Text | null }[];
  readonly strategies: readonly Text[];
  /** Why nothing is sent to exchanges at present; `null` while the installation trades. */
  readonly observing: string | null;
  readonly botCounts: Readonly<Partial<Record<BotStatus, number>>>;
  /** Processes alive by role. */
  readonly processes: Readonly<Record<string, number>>;
}

const WORDS = {
  lead: { en: 'A fleet of trading bots that you host yourself.', ru: 'Флотилия торговых ботов на вашем собственном сервере.' },
  running: { en: 'Running', ru: 'Работает' },
  impaired: { en: 'The database does not answer', ru: 'База данных не отвечает' },
  version: { en: 'Version', ru: 'Версия' },
  uptime: { en: 'Up for', ru: 'Время работы' },
  roles: { en: 'Roles', ru: 'Роли' },
  fleet: { en: 'Processes', ru: 'Процессы' },
  database: { en: 'Database', ru: 'База данных' },
  embedded: { en: 'PostgreSQL, embedded', ru: 'PostgreSQL, встроенная' },
  server: { en: 'PostgreSQL, on a server', ru: 'PostgreSQL, на сервере' },
  venues: { en: 'Exchanges', ru: 'Биржи' },
  strategies: { en: 'Strategies', ru: 'Стратегии' },
  bots: { en: 'Bots', ru: 'Боты' },
  none: { en: 'none yet', ru: 'пока нет' },
  next: { en: 'Where to go on', ru: 'Куда дальше' },
  observing: {
    en: 'This installation OBSERVES ONLY: no bot runs and no order is sent. If no other copy trades on the same accounts, end it with: argosy resume',
    ru: 'Установка РАБОТАЕТ ТОЛЬКО НА НАБЛЮДЕНИЕ: боты не работают, ордера не отправляются. Если на тех же счетах не торгует другая копия, снимите режим: argosy resume',
  },
  noOwner: {
    en: 'Nobody has registered yet. Whoever registers first becomes the owner of this installation.',
    ru: 'Пока никто не зарегистрирован. Первый зарегистрированный станет владельцем установки.',
  },
  docs: { en: 'Try the API in the browser: register, log in, press Authorize', ru: 'Попробовать API в браузере: регистрация, вход, кнопка Authorize' },
  redoc: { en: 'Read the API as a book', ru: 'Читать описание API как книгу' },
  openapi: { en: 'OpenAPI 3.1 for tools and client generators', ru: 'OpenAPI 3.1 для инструментов и генераторов клиентов' },
  health: { en: 'The state of the server as JSON', ru: 'Состояние сервера в JSON' },
  api: {
    en: 'The dashboard comes later; until then everything is done through the API.',
    ru: 'Панель управления появится позже; пока всё делается через API.',
  },
  other: { en: 'Русский', ru: 'English' },
} as const satisfies Record<string, Text>;

const STATUS_WORDS: Readonly<Record<BotStatus, Text>> = {
  running: { en: 'running', ru: 'работает' },
  starting: { en: 'starting', ru: 'запускается' },
  pausing: { en: 'pausing', ru: 'приостанавливается' },
  paused: { en: 'paused', ru: 'на паузе' },
  stopping: { en: 'stopping', ru: 'останавливается' },
  stopped: { en: 'stopped', ru: 'остановлен' },
  error: { en: 'in error', ru: 'с ошибкой' },
};

const LINKS = [
  { path: '/docs', word: 'docs' },
  { path: '/redoc', word: 'redoc' },
  { path: '/openapi.json', word: 'openapi' },
  { path: '/health', word: 'health' },
] as const;

/** The page in one language. Whatever is shown is escaped. */
export function renderFirstPage(facts: FirstPageFacts, language: Language): string {
  const say = (word: keyof typeof WORDS): string => escapeHtml(WORDS[word][language]);
  const row = (title: string, body: string): string => `<dt>${title}</dt><dd>${body}</dd>`;
  const other = language === 'en' ? 'ru' : 'en';
  const botCounts = Object.entries(STATUS_WORDS).flatMap(([status, text]) => {
    const count = facts.botCounts[status as BotStatus] ?? 0;
    return count > 0 ? [`<span class="chip">${escapeHtml(text[language])} <b>${count}</b></span>`] : [];
  });
  const processes = Object.entries(facts.processes).map(([role, count]) => `<span class="chip">${escapeHtml(role)} <b>${count}</b></span>`);
  const venues = facts.venues.map(({ title, notice }) => `<li>${escapeHtml(title)}${notice === null ? '' : `<em>${escapeHtml(notice[language])}</em>`}</li>`);
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Argosy</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/first-page.css">
</head>
<body>
<main>
<header>
<img src="/favicon.svg" alt="" width="44" height="44">
<div><h1>Argosy</h1><p>${say('lead')}</p></div>
<a class="language" href="/?lang=${other}" hreflang="${other}" lang="${other}">${say('other')}</a>
</header>
<p class="state ${facts.isDatabaseUp ? 'good' : 'bad'}">${say(facts.isDatabaseUp ? 'running' : 'impaired')}</p>
${facts.observing === null ? '' : `<p class="note" role="alert"><b>${say('observing')}</b><br>${escapeHtml(facts.observing)}</p>`}
${facts.hasOwner ? '' : `<p class="note">${say('noOwner')}</p>`}
<dl>
${row(say('version'), escapeHtml(facts.version))}
${row(say('uptime'), escapeHtml(duration(facts.uptimeMs, language)))}
${row(say('roles'), facts.roles.map((role) => `<span class="chip">${escapeHtml(role)}</span>`).join(' '))}
${processes.length === 0 ? '' : row(say('fleet'), processes.join(' '))}
${row(say('database'), say(facts.databaseKind))}
${row(say('venues'), `<ul>${venues.join('')}</ul>`)}
${row(say('strategies'), facts.strategies.length === 0 ? say('none') : facts.strategies.map((title) => `<span class="chip">${escapeHtml(title[language])}</span>`).join(' '))}
${row(say('bots'), botCounts.length === 0 ? say('none') : botCounts.join(' '))}
</dl>
<h2>${say('next')}</h2>
<nav>
${LINKS.map(({ path, word }) => `<a href="${path}"><code>${path}</code><span>${say(word)}</span></a>`).join('\n')}
</nav>
<footer>${say('api')}</footer>
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function duration(ms: number, language: Language): string {
  const minutes = Math.floor(ms / 60_000);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const units = language === 'ru' ? ['д', 'ч', 'мин'] : ['d', 'h', 'min'];
  return [days > 0 ? `${days} ${units[0]}` : '', days + hours > 0 ? `${hours} ${units[1]}` : '', `${rest} ${units[2]}`].filter((part) => part !== '').join(' ');
}

/** A ship under sail. */
export const FAVICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="#0b5563"/><path d="M33 9v31H15C17 26 23 15 33 9z" fill="#f4efe3"/><path d="M37 17c7 6 11 14 12 23H37z" fill="#e0a458"/><path d="M10 44h44l-7 10H18z" fill="#f4efe3"/></svg>`;

export const FIRST_PAGE_STYLE = `:root{color-scheme:light dark;--ink:#14242b;--soft:#5b6b72;--line:#d9dfe0;--paper:#f6f5f1;--card:#fff;--accent:#0b5563;--good:#19733f;--bad:#a52a2a;--warm:#8a5a14}
@media (prefers-color-scheme:dark){:root{--ink:#e7ecec;--soft:#9aa9ae;--line:#2b3a40;--paper:#0d161a;--card:#142126;--accent:#6cc4d4;--good:#6fd196;--bad:#ff8f84;--warm:#e0a458}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:46rem;margin:0 auto;padding:clamp(1.25rem,5vw,4rem) 1.25rem}
header{display:flex;gap:1rem;align-items:center}
header div{flex:1}
h1{margin:0;font-size:1.9rem;letter-spacing:-.02em;line-height:1.1}
header p{margin:.2rem 0 0;color:var(--soft)}
h2{font-size:1.05rem;margin:2.2rem 0 .8rem}
a{color:var(--accent)}
.language{align-self:flex-start;font-size:.9rem;white-space:nowrap}
.state{display:inline-flex;align-items:center;gap:.5rem;margin:1.8rem 0 0;font-weight:600}
.state::before{content:"";width:.65rem;height:.65rem;border-radius:50%;background:currentColor}
.good{color:var(--good)}
.bad{color:var(--bad)}
.note{margin:1rem 0 0;padding:.75rem 1rem;border-left:3px solid var(--warm);background:var(--card)}
dl{display:grid;grid-template-columns:minmax(7rem,11rem) 1fr;margin:1.2rem 0 0;background:var(--card);border:1px solid var(--line);border-radius:.8rem;overflow:hidden}
dt,dd{margin:0;padding:.65rem 1rem;border-top:1px solid var(--line)}
dt:first-of-type,dd:first-of-type{border-top:0}
dt{color:var(--soft)}
ul{margin:0;padding:0;list-style:none}
em{display:block;font-style:normal;font-size:.88rem;color:var(--warm)}
.chip{display:inline-block;padding:.05rem .6rem;margin:.1rem 0;border:1px solid var(--line);border-radius:1rem;font-size:.92rem}
nav{display:grid;gap:.6rem}
nav a{display:flex;gap:1rem;align-items:baseline;padding:.75rem 1rem;background:var(--card);border:1px solid var(--line);border-radius:.8rem;text-decoration:none}
nav a:hover,nav a:focus-visible{border-color:var(--accent)}
nav span{color:var(--ink)}
code{font:600 .95rem ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;min-width:7.5rem}
footer{margin-top:2rem;color:var(--soft);font-size:.92rem}
@media (max-width:32rem){dl{grid-template-columns:1fr}dd{border-top:0;padding-top:0}nav a{flex-direction:column;gap:.15rem}}
`;
