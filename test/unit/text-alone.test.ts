/**
 * A translator of pages puts elements in the place of every text. React then changes, moves or removes a
 * text that is no longer there: nothing shows, or the page fails. Only a text that is alone in its element
 * is replaced as a whole. So: beside an expression no bare text, and beside anything no expression that
 * could be one.
 */
import { readFileSync } from 'node:fs';
import { parseAst } from 'rolldown/parseAst';
import { expect, test } from 'vitest';
import { sourceFiles } from '../support/source-files.ts';

interface Node {
  type: string;
  start: number;
  [key: string]: unknown;
}

test.each(sourceFiles(['app', 'components', 'lib/belfry/react'], '.tsx'))(
  'in %s every text that can change is alone in its element',
  (file) => {
    expect(textsBesideOthers(readFileSync(file, 'utf8'))).toEqual([]);
  },
);

test.each([
  ['{busy && <Spinner />} Sign in', 1],
  ['{count} left', 2],
  ['by {name}', 2],
  ['{a}{b}', 2],
  ['{busy ? "Sending" : "Send"}<Dot />', 1],
  ['<>{count} left</>', 2],
  ['{quiet ? <>Never</> : <i />}', 1],
  ['<>Some</><i />{busy && <Spinner />}', 1],
  ['{busy && <Spinner />}<span>Sign in</span>', 0],
  ['{leftSentence(count)}', 0],
  ['The password is <code>{password}</code>.', 0],
  ['{items.map((item) => <li>{item}</li>)}<li />', 0],
  ['{children}<i />', 0],
])('in <p>%s</p> it finds %i', (inside, found) => {
  expect(textsBesideOthers(`const part = <p>${inside}</p>;`)).toHaveLength(found);
});

/** The texts that would not survive, as they stand in the source. */
function textsBesideOthers(source: string): string[] {
  const found: string[] = [];
  visit(parseAst(source, { lang: 'tsx' }) as unknown as Node);
  return found;

  function visit(node: Node): void {
    if (node.type === 'JSXElement') check(childrenOf(node));
    // What a fragment holds may come to stand beside anything.
    if (node.type === 'JSXFragment' && !flattened.has(node))
      found.push(...childrenOf(node).filter(isText).map(sourceOf));
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child);
    }
  }

  function check(children: Node[]): void {
    const isStatic = children.every(({ type }) => type === 'JSXText' || type === 'JSXElement');
    if (children.length > 1 && !isStatic) found.push(...children.filter(isText).map(sourceOf));
  }

  function sourceOf({ start, end }: Node): string {
    return source.slice(start, end as number).trim();
  }
}

const flattened = new Set<Node>();

/** What stands in an element of the page: a fragment is none. */
function childrenOf(node: Node): Node[] {
  return (node.children as Node[]).flatMap((child) => {
    if (child.type === 'JSXFragment') {
      flattened.add(child);
      return childrenOf(child);
    }
    if (child.type === 'JSXText') return /^\s*\n\s*$/.test(String(child.value)) ? [] : [child];
    if (child.type !== 'JSXExpressionContainer') return [child];
    const expression = child.expression as Node;
    return expression.type === 'JSXEmptyExpression' ? [] : [expression];
  });
}

const ELEMENTS = ['JSXElement', 'JSXFragment'];

/** Whether it can put a bare text on the page. */
function isText(node: Node): boolean {
  if (node.type === 'JSXText') return true;
  return resultsOf(node).some(({ type, ...rest }) => {
    if (ELEMENTS.includes(type)) return false;
    if (type === 'Literal') return typeof rest.value === 'string' || typeof rest.value === 'number';
    if (type === 'Identifier') return rest.name !== 'children';
    return !isMapping({ type, ...rest } as Node);
  });
}

function resultsOf(node: Node): Node[] {
  if (node.type === 'JSXFragment') return [node];
  if (node.type === 'ConditionalExpression')
    return [...resultsOf(node.consequent as Node), ...resultsOf(node.alternate as Node)];
  if (node.type === 'LogicalExpression') {
    return node.operator === '&&'
      ? resultsOf(node.right as Node)
      : [...resultsOf(node.left as Node), ...resultsOf(node.right as Node)];
  }
  if (node.type === 'ParenthesizedExpression') return resultsOf(node.expression as Node);
  return [node];
}

function isMapping(node: Node): boolean {
  const callee = node.callee as (Node & { property?: { name?: string } }) | undefined;
  return node.type === 'CallExpression' && callee?.property?.name === 'map';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}
