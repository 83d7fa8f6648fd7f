/** A JSON document as a golden file holds it. */
export function pretty(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Everything but printable characters and line breaks: what no report may contain. */
export const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** Texts that try to break out of their line. */
export const hostile = {
  ansi: '\u001b[2J\u001b[31mred\u001b[0m',
  title: '\u001b]0;owned\u0007',
  lines: 'first\nsecond\r\nthird',
  bidi: 'abc\u202edef',
  csi: '\u009b31m',
  long: 'x'.repeat(300),
  wide: '日本語のとても長い値'.repeat(20),
  empty: '',
} as const;
