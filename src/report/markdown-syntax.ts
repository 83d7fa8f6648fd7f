/**
 * The Markdown that our reports are made of, as GitHub and GitLab read it. All texts that come in are printable and of
 * one line; none of them can end a fence, a span or a folded part, start a list or a heading, or call anybody's name.
 */

/** A text of one line as running text: what stands between backticks stays code, everything else stands for itself. */
export function inline(text: string): string {
  const parts = text.split('`');
  if (parts.length % 2 === 0) return [...parts.slice(0, -2).map(segment), escaped(parts.slice(-2).join('`'))].join('');
  return parts.map(segment).join('');
}

function segment(text: string, index: number): string {
  return index % 2 === 0 || text === '' ? escaped(text) : code(text);
}

/** A text of one line as a code span. */
export function code(text: string): string {
  if (text === '') return '';
  const fence = '`'.repeat(longestRun(text) + 1);
  const room = /^[` ]|[` ]$/.test(text) ? ' ' : '';
  return `${fence}${room}${text}${room}${fence}`;
}

/** Lines as a block of code. */
export function fenced(lines: readonly string[], language = ''): string {
  const fence = '`'.repeat(Math.max(3, Math.max(0, ...lines.map(longestRun)) + 1));
  return [`${fence}${language}`, ...lines, fence].join('\n');
}

/** A part that is folded until somebody opens it. The blank lines make what is inside Markdown again. */
export function folded(summary: string, content: string): string {
  return `<details><summary>${htmlEscaped(summary)}</summary>\n\n${content}\n\n</details>`;
}

function escaped(text: string): string {
  // a comment after @ keeps it from being a name: a backslash would be gone before names are looked for
  return text
    .replace(/[\\`*_[\]<>|~$]/g, '\\$&')
    .replaceAll('@', '@<!-- -->')
    .replaceAll('&', '&amp;');
}

function htmlEscaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}
