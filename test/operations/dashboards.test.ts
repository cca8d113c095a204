/** The dashboard and the alarms speak of metrics that exist, with labels that exist, in a language that parses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import parseMetrics from 'parse-prometheus-text-format';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { exampleExposition } from './exposition.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const text = await exampleExposition();
const families = parseMetrics(text);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(readFileSync(join(ROOT, 'ops/grafana/argosy.json'), 'utf8')) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string | { readonly query: string } }[] };
};
const rules = (
  parseYaml(readFileSync(join(ROOT, 'ops/prometheus/alerts.yaml'), 'utf8')) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] }
).groups.flatMap((group) => group.rules);

/** Series a scrape of ours gives, by name, with the labels each may carry. Prometheus itself adds `up`, `job` and `instance`. */
const SERIES = new Map<string, Set<string>>([['up', new Set(['job', 'instance'])]]);
for (const [, name = '', labels = ''] of text.matchAll(/^([a-z]\w*)(?:\{(.*)\})? \S+$/gm)) {
  const known = SERIES.get(name) ?? new Set(['job', 'instance']);
  for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
  SERIES.set(name, known);
}

interface Use {
  readonly series: string;
  readonly labels: readonly string[];
}

/** What an expression looks at, and where it does not parse. */
function read(expr: string): { readonly uses: readonly Use[]; readonly grouping: readonly string[]; readonly errors: number } {
  const plain = expr.replaceAll('$job', 'argosy').replaceAll('$venue', '.*');
  const uses: { series: string; labels: string[] }[] = [];
  const grouping: string[] = [];
  let errors = 0;
  parser.parse(plain).iterate({
    enter: ({ name, from, to, type, node }) => {
      if (type.isError) errors += 1;
      if (name === 'VectorSelector') uses.push({ series: plain.slice(from, to).split('{')[0]?.trim() ?? '', labels: [] });
      if (name === 'LabelName' && node.parent?.name === 'UnquotedLabelMatcher') uses.at(-1)?.labels.push(plain.slice(from, to));
      else if (name === 'LabelName') grouping.push(plain.slice(from, to));
    },
  });
  return { uses, grouping, errors };
}

function faultsOf(expr: string): readonly string[] {
  const { uses, grouping, errors } = read(expr);
  const known = new Set(uses.flatMap(({ series }) => [...(SERIES.get(series) ?? [])]));
  return [
    ...(errors > 0 ? ['does not parse'] : []),
    ...(uses.length === 0 ? ['looks at nothing'] : []),
    ...uses.filter(({ series }) => !SERIES.has(series)).map(({ series }) => `there is no ${series}`),
    ...uses.flatMap(({ series, labels }) =>
      labels.filter((label) => SERIES.get(series)?.has(label) === false).map((label) => `${series} has no label ${label}`),
    ),
    ...grouping.filter((label) => !known.has(label)).map((label) => `nothing carries the label ${label}`),
  ];
}

it('finds what is wrong with an expression', () => {
  expect(faultsOf('sum(argosy_orders_total)')).toEqual([]);
  expect(faultsOf('sum(argosy_ordres_total)')).toEqual(['there is no argosy_ordres_total']);
  expect(faultsOf('argosy_orders_total{exchange="x"}')).toEqual(['argosy_orders_total has no label exchange']);
  expect(faultsOf('sum by (symbol) (argosy_orders_total)')).toEqual(['nothing carries the label symbol']);
  expect(faultsOf('rate(argosy_orders_total[5m]')).toEqual(['does not parse']);
});

describe('the dashboard', () => {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');

  it.each(panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)))('%s: %s', (_title, expr) => {
    expect(faultsOf(expr)).toEqual([]);
  });

  it('has at least one query a panel, ids of their own, and no panel over another', () => {
    expect(panels.every(({ targets = [] }) => targets.length > 0)).toBe(true);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(dashboard.panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  it('asks for its variables among metrics that exist', () => {
    const queries = dashboard.templating.list.flatMap(({ query }) => (typeof query === 'string' ? [] : [query.query]));
    expect(queries).toHaveLength(2);
    for (const query of queries) expect(SERIES.has(/^label_values\((\w+), \w+\)$/.exec(query)?.[1] ?? '')).toBe(true);
  });

  it('shows every metric of ours', () => {
    const shown = new Set(
      panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => read(expr).uses.map(({ series }) => series.replace(/_bucket$/, '')))),
    );
    const ours = families.map(({ name }) => name).filter((name) => name.startsWith('argosy_'));
    // The version stands in the variable of the job; the limit of a budget never changes.
    expect(ours.filter((name) => !shown.has(name))).toEqual(['argosy_venue_budget_limit', 'argosy_build_info']);
  });
});

describe('the alarms', () => {
  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s', (_name, rule) => {
    expect(faultsOf(rule.expr)).toEqual([]);
    expect(rule.for).toMatch(/^\d+[smh]$/);
    expect(['page', 'ticket']).toContain(rule.labels['severity']);
    expect(rule.annotations['summary']?.length ?? 0).toBeGreaterThan(15);
    expect(rule.annotations['runbook']?.length ?? 0).toBeGreaterThan(40);
    // What a summary names must be left over by the expression.
    const named = [...(rule.annotations['summary'] ?? '').matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label ?? '');
    const { grouping, uses } = read(rule.expr);
    for (const label of named)
      expect([...grouping, ...(grouping.length === 0 ? uses.flatMap(({ series }) => [...(SERIES.get(series) ?? [])]) : [])]).toContain(label);
  });

  it('have names of their own', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});
