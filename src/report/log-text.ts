import { compareCodeUnits } from '../util/compare.ts';
import { hashJson } from '../util/hash.ts';
import type { Paint, Style } from './style.ts';

/** Whose log it is. */
interface LogName {
  readonly agent: string;
  readonly replica?: number;
}

interface Line {
  readonly text: string;
  readonly time?: string;
}

/** How the lines of one log are shown. */
export interface LogTextOptions {
  /** What stands before each line; may be empty. */
  readonly prefix: string;
  /** Whether each line has its time before it, where there is one. */
  readonly timestamps: boolean;
  readonly style: Style;
  readonly color: boolean;
}

/** Ends whatever colour a line has begun, which would go on in what follows. */
const reset = '\u001b[0m';

/** The lines as they are printed, each with its line break. */
export function formatLog(lines: readonly Line[], { prefix, timestamps, style, color }: LogTextOptions): string {
  if (prefix === '' && !timestamps) return `${lines.map(({ text }) => text).join('\n')}\n`;
  let printed = '';
  for (const { text, time } of lines) {
    const stamp = timestamps && time !== undefined ? `${style.dim(time)} ` : '';
    const end = color && text.includes('\u001b') ? reset : '';
    printed += `${prefix}${stamp}${text}${end}\n`;
  }
  return printed;
}

/**
 * What stands before the lines of each log, of one width: the agent, and its replica where several of them are shown.
 * Nothing where there is but one log. An agent keeps its colour from run to run, unless another one has it already.
 */
export function logPrefixes(names: readonly LogName[], style: Style): readonly string[] {
  if (names.length < 2) return names.map(() => '');
  const labels = logLabels(names);
  const width = Math.max(...labels.map((label) => label.length));
  const paints = paintsOf(labels, style);
  return labels.map((label) => `${paints.get(label)?.(`${label.padEnd(width)} |`) ?? label} `);
}

/** `web`, or `web/0` where several replicas are shown. */
export function logLabels(names: readonly LogName[]): readonly string[] {
  const replicas = new Map<string, Set<number | undefined>>();
  for (const { agent, replica } of names) replicas.set(agent, (replicas.get(agent) ?? new Set()).add(replica));
  return names.map(({ agent, replica }) =>
    replica === undefined || replicas.get(agent)?.size === 1 ? agent : `${agent}/${String(replica)}`,
  );
}

function paintsOf(labels: readonly string[], style: Style): ReadonlyMap<string, Paint> {
  const palette = [style.cyan, style.green, style.yellow, style.magenta, style.blue];
  const taken = new Set<number>();
  const paints = new Map<string, Paint>();
  for (const label of [...new Set(labels)].sort(compareCodeUnits)) {
    if (taken.size === palette.length) taken.clear();
    let at = parseInt(hashJson(label, 8), 16) % palette.length;
    while (taken.has(at)) at = (at + 1) % palette.length;
    taken.add(at);
    paints.set(label, palette[at] ?? style.bold);
  }
  return paints;
}
