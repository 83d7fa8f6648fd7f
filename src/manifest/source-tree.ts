/** A place within a document: map keys and list indices. */
export type Path = readonly (string | number)[];

/** Offsets of a node; `key` where it stands in a map. */
export interface Span {
  readonly key?: readonly [start: number, end: number];
  readonly value: readonly [start: number, end: number];
}

/**
 * Where every value of a document stands, in preorder and five numbers a node: start and end of the key (equal where
 * there is none), start and end of the value, and the node that comes after all that is below. A syntax tree of the
 * `yaml` package takes twenty times the room, which adds up over a thousand files.
 */
export interface SourceTree {
  readonly keys: readonly (string | number)[];
  readonly numbers: Uint32Array;
}

const width = 5;

/** Builds a {@link SourceTree} while a document is walked: `open` before the children of a node, `close` after. */
export interface SourceTreeBuilder {
  open(key: string | number, keySpan: readonly [number, number] | undefined, value: readonly [number, number]): number;
  close(node: number): void;
  build(): SourceTree;
}

/** An empty tree to fill. */
export function sourceTreeBuilder(): SourceTreeBuilder {
  const keys: (string | number)[] = [];
  const numbers: number[] = [];
  return {
    open(key, keySpan, value) {
      const node = keys.length;
      keys.push(key);
      numbers.push(keySpan?.[0] ?? 0, keySpan?.[1] ?? 0, value[0], value[1], 0);
      return node;
    },
    close(node) {
      numbers[node * width + 4] = keys.length;
    },
    build: () => ({ keys, numbers: Uint32Array.from(numbers) }),
  };
}

/** How much of `path` is written, and where the last part of it stands. */
export function findNearest(tree: SourceTree, path: Path): { readonly depth: number; readonly span: Span } {
  let node = 0;
  let depth = 0;
  for (const segment of path) {
    const child = childOf(tree, node, segment);
    if (child === undefined) break;
    node = child;
    depth += 1;
  }
  return { depth, span: spanOf(tree, node) };
}

/** Whether the whole of `path` is written. */
export function isWritten(tree: SourceTree, path: Path): boolean {
  return findNearest(tree, path).depth === path.length;
}

function childOf(tree: SourceTree, node: number, key: string | number): number | undefined {
  const { keys, numbers } = tree;
  const end = numbers[node * width + 4] ?? 0;
  for (let child = node + 1; child < end; child = numbers[child * width + 4] ?? end) {
    if (keys[child] === key) return child;
  }
  return undefined;
}

function spanOf({ numbers }: SourceTree, node: number): Span {
  const [keyStart = 0, keyEnd = 0, start = 0, end = 0] = numbers.subarray(node * width, node * width + 4);
  return keyEnd > keyStart ? { key: [keyStart, keyEnd], value: [start, end] } : { value: [start, end] };
}
