/** A table under a title that may be wider than the page. */

/** Heads and cells are HTML; a cell that has a class of its own is given with it. */
export function wideTable(
  { title, legend = '', note = '' }: { readonly title: string; readonly legend?: string; readonly note?: string },
  heads: readonly string[],
  rows: readonly (readonly (string | { readonly html: string; readonly sign: string })[])[],
): string {
  const head = heads.map((each) => `<th>${each}</th>`).join('');
  const body = rows.map(
    (cells) => `<tr>${cells.map((cell) => (typeof cell === 'string' ? `<td>${cell}</td>` : `<td class="${cell.sign}">${cell.html}</td>`)).join('')}</tr>`,
  );
  const beside = legend === '' ? '' : `<span class="legend">${legend}</span>`;
  const below = note === '' ? '' : `<p class="legend">${note}</p>`;
  return `<section><div class="head"><h2>${title}</h2>${beside}</div><div class="scroll"><table><tr>${head}</tr>${body.join('')}</table></div>${below}</section>`;
}
