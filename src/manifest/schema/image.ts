import type { UnitError } from '../../model/unit-error.ts';
import { err, ok, type Result } from '../../util/result.ts';

// the grammar of github.com/distribution/reference
const host = String.raw`(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d+)?`;
const component = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`;
const tag = String.raw`\w[\w.-]{0,127}`;
const digest = String.raw`[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}`;
const reference = new RegExp(`^(?:${host}/)?${component}(?:/${component})*(?::${tag})?(?:@${digest})?$`);
const wholeTag = new RegExp(`^${tag}$`);

/** An image reference, `[registry/]path[:tag][@digest]`, as the engines understand it. */
export function parseImage(text: string): Result<string, UnitError> {
  if (reference.test(text)) return ok(text);
  const lower = text.toLowerCase();
  const message = text === '' ? 'the image has no name' : `\`${text}\` is no image reference`;
  if (reference.test(lower)) return err({ message, hint: `image names are lower-case: \`${lower}\`` });
  if (/^[a-z]+:\/\//.test(text)) return err({ message, hint: 'leave the scheme out' });
  return err({ message, hint: 'write it like `name:tag` or `registry.example/team/name:tag`' });
}

/** Whether `text` can stand after the colon of an image reference. */
export function isTag(text: string): boolean {
  return wholeTag.test(text);
}
