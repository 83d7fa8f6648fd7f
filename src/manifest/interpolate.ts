import type { DiagnosticCode } from '../model/codes.ts';
import { err, ok, type Result } from '../util/result.ts';

/** Variables by name; an absent one and an undefined one are the same. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A text with what its variables hold in their place. */
export interface Interpolated {
  readonly text: string;
  /** Whether the text has a `${…}` in it. */
  readonly dynamic: boolean;
  /** The variables that were read and had a value, defaults not counted. */
  readonly used: readonly string[];
}

/** What is wrong with a template. */
export interface InterpolationError {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
}

/**
 * Replaces `${VAR}`, `${VAR:-default}` (also for an empty variable; the default is a template again),
 * `${VAR:?message}` and `$$`. Any other `$` stays as it is. A variable without a value and a default is an error.
 */
export function interpolate(template: string, variables: Variables): Result<Interpolated, InterpolationError> {
  const used: string[] = [];
  let text = '';
  let dynamic = false;
  let position = 0;
  while (position < template.length) {
    const dollar = template.indexOf('$', position);
    if (dollar === -1) break;
    text += template.slice(position, dollar);
    const next = template[dollar + 1];
    if (next === '$') {
      text += '$';
      position = dollar + 2;
    } else if (next === '{') {
      dynamic = true;
      const end = closingBrace(template, dollar + 2);
      if (end === undefined) return err(invalid(template.slice(dollar), 'has no closing `}`'));
      const replaced = evaluate(template.slice(dollar + 2, end), variables);
      if (!replaced.ok) return replaced;
      text += replaced.value.text;
      used.push(...replaced.value.used);
      position = end + 1;
    } else {
      text += '$';
      position = dollar + 1;
    }
  }
  return ok({ text: text + template.slice(position), dynamic, used });
}

function evaluate(expression: string, variables: Variables): Result<Interpolated, InterpolationError> {
  const [, name, operator, rest = ''] = /^([A-Za-z_][A-Za-z0-9_]*)(:-|:\?)?([^]*)$/.exec(expression) ?? [];
  if (name === undefined || (operator === undefined && rest !== '')) {
    return err(invalid(`\${${expression}}`, 'is not understood'));
  }
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (value !== undefined && (value !== '' || operator === undefined)) {
    return ok({ text: value, dynamic: true, used: [name] });
  }
  switch (operator) {
    case ':-':
      return interpolate(rest, variables);
    case ':?':
      return err({
        code: 'unset-variable',
        message: `variable \`${name}\` is not set${rest === '' ? '' : `: ${rest}`}`,
      });
    default:
      return err({
        code: 'unset-variable',
        message: `variable \`${name}\` is not set`,
        hint: `set it, or write \`\${${name}:-default}\``,
      });
  }
}

/** The brace that closes an expression, those of templates within its default counted. */
function closingBrace(template: string, start: number): number | undefined {
  let depth = 1;
  for (let index = start; index < template.length; index += 1) {
    if (template.startsWith('${', index)) depth += 1;
    else if (template[index] === '}') depth -= 1;
    if (depth === 0) return index;
  }
  return undefined;
}

function invalid(expression: string, what: string): InterpolationError {
  return {
    code: 'invalid-value',
    message: `\`${expression}\` ${what}`,
    hint: 'write `${VAR}`, `${VAR:-default}` or `${VAR:?message}`; `$$` stands for a dollar sign',
  };
}
