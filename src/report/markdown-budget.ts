import { fenced, folded } from './markdown-syntax.ts';

/** A part of a Markdown report. Parts with items may lose their last ones to the budget, and then say how many. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'list';
      /** Stands above the items. */
      readonly heading: string;
      readonly items: readonly string[];
      /** Stands at the beginning of each line, heading included: `> ` where all of it is a quotation. */
      readonly prefix?: string;
      /** The part of the whole budget that it may take, from 0 to 1. */
      readonly share: number;
    }
  | {
      readonly type: 'folded';
      readonly summary: string;
      /** Each one or more lines. */
      readonly items: readonly string[];
      /** The items are code in this language; absent: they are Markdown. */
      readonly language?: string;
      readonly share: number;
    };

/** How much a report may take, and in what it is counted. */
export interface Budget {
  readonly limit: number;
  readonly measure: (text: string) => number;
}

/** The number of UTF-16 code units, never below the number of characters that a service counts. */
export const characters = (text: string): number => text.length;

/** The number of bytes in UTF-8. */
export const bytes = (text: string): number => Buffer.byteLength(text);

/** The parts one below the other, within the budget: texts first, then each list its share, the largest share last. */
export function compose(parts: readonly Part[], { limit, measure }: Budget): string {
  const rendered = new Map<Part, string>();
  let left = limit - parts.length * 2;
  for (const part of [...parts].sort((one, other) => shareOf(one) - shareOf(other))) {
    const room = part.type === 'text' ? left : Math.min(left, Math.floor(limit * part.share));
    const text = renderPart(part, room, measure);
    if (measure(text) > room) continue; // not even the heading fits
    rendered.set(part, text);
    left -= measure(text);
  }
  const texts = parts.map((part) => rendered.get(part) ?? '').filter((text) => text !== '');
  return `${texts.join('\n\n')}\n`;
}

function shareOf(part: Part): number {
  return part.type === 'text' ? 0 : part.share;
}

function renderPart(part: Part, room: number, measure: Budget['measure']): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'list': {
      if (part.items.length === 0) return '';
      const { prefix = '' } = part;
      const quoted = (text: string): string => text.replace(/^.*$/gm, (line) => `${prefix}${line}`.trimEnd());
      const heading = quoted(`${part.heading}\n`);
      const items = fitting(part.items.map(quoted), room - measure(heading) - 1, measure);
      const rest = items.more > 0 ? [quoted(`- … and ${String(items.more)} more`)] : [];
      return [heading, ...items.shown, ...rest].join('\n');
    }
    case 'folded': {
      if (part.items.length === 0) return '';
      const frame = measure(renderFolded(part, [], 0)) + longestFence;
      const items = fitting(part.items, room - frame, measure);
      return renderFolded(part, items.shown, items.more);
    }
  }
}

/** A fence grows with the backticks inside of it; values are cut long before they hold more than this. */
const longestFence = 2 * 200;

function renderFolded(
  part: Extract<Part, { readonly type: 'folded' }>,
  shown: readonly string[],
  more: number,
): string {
  const rest = more > 0 ? `… and ${String(more)} more that do not fit here` : '';
  if (part.language === undefined) return folded(part.summary, [...shown, ...(rest ? [`- ${rest}`] : [])].join('\n'));
  const content =
    shown.length === 0
      ? ''
      : fenced(
          shown.flatMap((item) => item.split('\n')),
          part.language,
        );
  return folded(part.summary, [content, rest].filter(Boolean).join('\n\n'));
}

const lastLine = 60; // `- … and 1234 more that do not fit here`

function fitting(
  items: readonly string[],
  room: number,
  measure: Budget['measure'],
): { readonly shown: readonly string[]; readonly more: number } {
  let used = 0;
  let count = 0;
  for (const item of items) {
    const size = measure(item) + 1;
    const isLast = count === items.length - 1;
    if (used + size + (isLast ? 0 : lastLine) > room) break;
    used += size;
    count++;
  }
  return { shown: items.slice(0, count), more: items.length - count };
}
