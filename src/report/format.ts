/** How a result can be told, and what people call it. */
export const formatNames = {
  text: 'text',
  json: 'JSON',
  jsonl: 'JSON lines',
  markdown: 'Markdown for a comment',
  github: 'annotations of GitHub Actions',
  sarif: 'SARIF 2.1.0',
  junit: 'JUnit XML',
} as const;

/** One of {@link formatNames}. */
export type Format = keyof typeof formatNames;

/** All formats; the first is the default. */
export const formats = Object.keys(formatNames) as readonly Format[];
