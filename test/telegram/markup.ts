/** Telegram's HTML as strictly as Telegram reads it: its own tags only, each closed, and no bare `<` or `&`. */

const TAGS = ['b', 'strong', 'i', 'em', 'u', 's', 'code', 'pre', 'a', 'blockquote', 'tg-spoiler'];
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };

/** The text without its markup, or `null` where Telegram would refuse it. */
export function textOfHtml(html: string): string | null {
  const open: string[] = [];
  let text = '';
  let rest = html;
  while (rest !== '') {
    const tag = /^<(\/?)([a-z-]+)(?: href="[^"<>]*")?>/.exec(rest);
    const entity = /^&(?:#(\d+)|(\w+));/.exec(rest);
    if (tag !== null) {
      const [whole, slash, name = ''] = tag;
      if (!TAGS.includes(name)) return null;
      if (slash === '') open.push(name);
      else if (open.pop() !== name) return null;
      rest = rest.slice(whole.length);
    } else if (entity !== null) {
      const [whole, number, name = ''] = entity;
      const character = number === undefined ? NAMED[name] : String.fromCodePoint(Number(number));
      if (character === undefined) return null;
      text += character;
      rest = rest.slice(whole.length);
    } else {
      // Telegram takes a bare `&`; a bare `<` it does not.
      if (rest.startsWith('<')) return null;
      text += rest.charAt(0);
      rest = rest.slice(1);
    }
  }
  return open.length === 0 ? text : null;
}
