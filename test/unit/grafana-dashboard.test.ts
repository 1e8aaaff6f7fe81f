import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { metrics } from '../../lib/telemetry/metrics.ts';

interface Panel {
  id: number;
  title: string;
  type: string;
  description?: string;
  targets?: { expr: string }[];
  gridPos: { h: number; w: number; x: number; y: number };
}

interface Dashboard {
  panels: Panel[];
  templating: { list: { name: string; definition?: string }[] };
}

const FILE = fileURLToPath(new URL('../../docs/grafana-dashboard.json', import.meta.url));
const { panels, templating } = JSON.parse(readFileSync(FILE, 'utf8')) as Dashboard;
const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

// Where there is a bus between instances, and only there.
const ONLY_WITH_REDIS = ['belfry_bus_up', 'belfry_hints_dropped_total'];
// Node reads them from /proc.
const ONLY_ON_LINUX = ['process_open_fds', 'process_max_fds'];

/** Every name that `GET /api/metrics` has a value under. */
const exported = new Set<string>();
let own: string[];

beforeAll(async () => {
  // The gauges of the engine are made with it. It opens no database before it is started.
  await import('../../lib/belfry.ts');
  const found = await metrics.registry.getMetricsAsJSON();
  own = found.map(({ name }) => name).filter((name) => name.startsWith('belfry_'));
  for (const { name, type } of found) {
    const suffixes = String(type) === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const suffix of suffixes) exported.add(`${name}${suffix}`);
  }
});

/** The names of metrics in an expression of PromQL: what is no label, no function, no number and no word of it. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replace(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, '');
  return [...bare.matchAll(/\b[a-zA-Z_:][\w:]*\b(?!\s*\()/g)].map(([name]) => name);
}

test('metricsIn finds names alone', () => {
  const expression =
    'histogram_quantile(0.5, sum by (le) (rate(a_bucket{b="c"}[$__rate_interval]))) + d_total';
  expect(metricsIn(expression)).toEqual(['a_bucket', 'd_total']);
});

test('every metric on the dashboard is one that the app exports', () => {
  const named = expressions.flatMap(metricsIn);
  expect(named.length).toBeGreaterThan(20);
  const known = new Set([...exported, ...ONLY_WITH_REDIS, ...ONLY_ON_LINUX]);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test("every metric of Belfry's own is on the dashboard", () => {
  const named = expressions.flatMap(metricsIn);
  expect(own.length).toBeGreaterThan(5);
  expect(own.filter((metric) => !named.some((name) => name.startsWith(metric)))).toEqual([]);
});

test('every expression looks at the chosen instances, of the chosen data source', () => {
  expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'instance']);
  expect(expressions.filter((expression) => !expression.includes('{instance=~"$instance"}'))).toEqual([]);
  expect(JSON.stringify(panels).match(/"uid":"(?!\$\{datasource\})/)).toBeNull();
});

test('every panel has an id and a place of its own, and says what it shows', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(panels.filter(({ type, description }) => type !== 'row' && !description)).toEqual([]);
});
