/** Which of the two languages an answer speaks. */
export type Language = 'en' | 'ru';

/** The language of an `Accept-Language` header; English unless Russian is wanted more. */
export function languageOf(header: string | undefined): Language {
  const wishes = { en: 0, ru: 0 };
  for (const part of (header ?? '').slice(0, 200).split(',')) {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
    const given = parameters.map((parameter) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1]).find((value) => value !== undefined);
    const weight = given === undefined ? 1 : Number(given);
    if (tag === 'ru' || tag.startsWith('ru-')) wishes.ru = Math.max(wishes.ru, weight);
    else if (tag === 'en' || tag.startsWith('en-')) wishes.en = Math.max(wishes.en, weight);
  }
  return wishes.ru > wishes.en ? 'ru' : 'en';
}
