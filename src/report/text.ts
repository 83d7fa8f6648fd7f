/** Bytes that a terminal obeys instead of showing: controls, line separators, bidirectional marks, lone surrogates, what is no character. */
const unprintable =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with everything that could steer a terminal written out (`\u001b`), so that it stays on its line. */
export function printable(text: string): string {
  return text.replace(
    unprintable,
    (character) => named[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The text's own lines, each {@link printable}; a line break at the end makes no line. */
export function printableLines(text: string): readonly string[] {
  return text
    .replace(/(?:\r?\n)+$/, '')
    .split(/\r?\n/)
    .map(printable);
}

/** A text between double quotes, as JSON writes it, printable. */
export function quoted(text: string): string {
  return printable(JSON.stringify(text));
}

/** Words as a shell would read them: bare where that is safe, else quoted. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))).join(' ');
}

let segmenter: Intl.Segmenter | undefined; // made when first needed: it costs start-up
/** Texts of which every character takes one column; what reports themselves write is among them. */
const narrow = /^[\x20-\x7e→…]*$/;
const wide =
  /[\u{1100}-\u{115f}\u{2e80}-\u{303e}\u{3041}-\u{a4cf}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{20000}-\u{3fffd}\ufe0f]|\p{Emoji_Presentation}/u;
const combining = /^[\p{M}\u200c\u200d]+$/u;

/** How many columns of a terminal a printable text takes: two for wide characters, none for combining ones. */
export function displayWidth(text: string): number {
  if (narrow.test(text)) return text.length;
  let width = 0;
  for (const segment of graphemes(text)) width += graphemeWidth(segment);
  return width;
}

/** The beginning of a printable text, at most `width` columns, ending in `…` where something was left out. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (narrow.test(text)) return `${text.slice(0, width - 1)}…`;
  let kept = '';
  let used = 0;
  for (const segment of graphemes(text)) {
    used += graphemeWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** The end of a printable text, at most `width` columns, begun with `…` where something was left out. */
export function cutStart(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const segment of [...graphemes(text)].reverse()) {
    used += graphemeWidth(segment);
    if (used > width - 1) break;
    kept = segment + kept;
  }
  return `…${kept}`;
}

/** The text filled with spaces up to `width` columns; longer texts stay as they are. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** The widest of the texts, in columns. */
export function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, displayWidth(text)), 0);
}

/** `a, b, c`, or `a, b and 7 more` where the whole list is wider than `width`; at least one is named. */
export function listed(names: readonly string[], width: number): string {
  const all = names.join(', ');
  if (displayWidth(all) <= width) return all;
  for (let count = names.length - 1; count > 1; count--) {
    const some = `${names.slice(0, count).join(', ')} and ${String(names.length - count)} more`;
    if (displayWidth(some) <= width) return some;
  }
  const rest = names.length - 1;
  return rest === 0 ? cut(all, width) : `${cut(names[0] ?? '', width)} and ${String(rest)} more`;
}

/** `1 agent`, `3 agents`. */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function graphemes(text: string): readonly string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function graphemeWidth(grapheme: string): number {
  if (combining.test(grapheme)) return 0;
  return wide.test(grapheme) ? 2 : 1;
}
