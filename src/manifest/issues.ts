import type { z } from 'zod';
import type { DiagnosticCode } from '../model/codes.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { isJsonObject, type Json } from '../util/json.ts';
import { knownKeys, placesOf, type Kind } from './json-schema.ts';
import { formatPath, locate, writtenText, type Place } from './locate.ts';
import { didYouMean, nearestWord } from './nearest-word.ts';
import type { ParsedDocument } from './parse.ts';
import { dnsLabelPattern } from './schema/values.ts';
import type { Path } from './source-tree.ts';
import { workspaceName } from './workspace-name.ts';

type Issue = z.core.$ZodIssue;

/** An issue and the whole path of the value it is about; unions are resolved to the branch that was meant. */
export interface LocatedIssue {
  readonly issue: Issue;
  readonly path: Path;
}

/** The issues of a document, those of unions and records brought down to what is really wrong. */
export function flattenIssues(issues: readonly Issue[], value: Json, base: Path = []): readonly LocatedIssue[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path.map((segment) => (typeof segment === 'symbol' ? '' : segment))];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ issue, path: [...path, key] }));
    }
    if (issue.code !== 'invalid_union') return [{ issue, path }];
    const meant = issue.errors
      .filter((branch) => !branch.some(isOtherType))
      .sort((left, right) => left.length - right.length)[0];
    return meant ? flattenIssues(meant, value, path) : [{ issue, path }];
  });
}

/** Whether the value is of another type altogether than a branch of a union asks for. */
function isOtherType(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(isOtherType));
  return issue.code === 'invalid_type';
}

/** The issues without those that one misspelled key causes twice: as unknown, and as missing. */
export function withoutEchoes(issues: readonly LocatedIssue[], value: Json): readonly LocatedIssue[] {
  const unknown = issues.filter(({ issue }) => issue.code === 'unrecognized_keys');
  return issues.filter(({ issue, path }) => {
    const key = path.at(-1);
    if (issue.code === 'unrecognized_keys' || typeof key !== 'string') return true;
    if (valueAtPath(value, path) !== undefined) return true;
    const parent = formatPath(path.slice(0, -1));
    return !unknown.some(
      (other) =>
        formatPath(other.path.slice(0, -1)) === parent && nearestWord(String(other.path.at(-1)), [key]) !== undefined,
    );
  });
}

/** What people are told about an issue: code, message, range, hint. */
export function describeIssue(kind: Kind, document: ParsedDocument, { issue, path }: LocatedIssue): Diagnostic {
  const place = { document, path };
  const value = valueAtPath(document.value, path);
  const described = describe(kind, place, issue, value);
  return {
    code: described.code,
    severity: 'error',
    message: described.message,
    ...(described.hint === undefined ? {} : { hint: described.hint }),
    range: locate(place, described.code === 'unknown-field' || issue.code === 'invalid_key' ? 'key' : 'value'),
  };
}

/** The value at `path`; `undefined` where there is none. */
export function valueAtPath(document: Json, path: Path): Json | undefined {
  let value: Json | undefined = document;
  for (const segment of path) {
    if (Array.isArray(value)) value = (value as readonly Json[])[Number(segment)];
    else if (isJsonObject(value)) value = Object.hasOwn(value, segment) ? value[segment] : undefined;
    else return undefined;
  }
  return value;
}

interface Description {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

function describe(kind: Kind, place: Place, issue: Issue, value: Json | undefined): Description {
  const field = place.path.length === 0 ? 'the document' : `\`${formatPath(place.path)}\``;
  if (issue.code === 'unrecognized_keys') return unknownField(kind, place.path);
  if (value === undefined && issue.code !== 'invalid_key') {
    return { code: 'missing-field', message: `${field} is missing`, ...allowedHint(issue) };
  }
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(place, field, value, [issue.expected]);
    case 'invalid_union':
      return wrongType(place, field, value, expectedTypes(issue));
    case 'invalid_value':
      return wrongValue(field, value, issue.values.map(String));
    case 'too_small':
    case 'too_big':
      return outOfBounds(field, value, issue);
    case 'invalid_format':
      return { code: 'invalid-value', message: `${field} ${issue.message}`, hint: formatHint(issue.pattern, value) };
    case 'invalid_key':
      return {
        code: 'invalid-value',
        message: `the name ${field} ${issue.issues[0]?.message ?? 'is not allowed'}`,
      };
    default:
      return { code: 'invalid-value', message: `${field}: ${issue.message}`, hint: hintOf(issue) };
  }
}

function unknownField(kind: Kind, path: Path): Description {
  const key = String(path.at(-1));
  const keys = knownKeys(kind, path.slice(0, -1));
  const elsewhere = placesOf(kind, key)[0];
  const hint =
    key === '<<'
      ? 'merge keys are not part of YAML 1.2; a project shares fields in `spec.defaults`'
      : (didYouMean(key, keys, 1) ??
        (elsewhere
          ? `\`${key}\` belongs into \`${formatPath(elsewhere.slice(0, -1)) || 'the document'}\``
          : undefined) ??
        didYouMean(key, keys) ??
        (keys.length > 0 && keys.length <= 8 ? `it may hold ${listed(keys)}` : undefined));
  return { code: 'unknown-field', message: `unknown field \`${formatPath(path)}\``, hint };
}

function wrongType(place: Place, field: string, value: Json | undefined, expected: readonly string[]): Description {
  if (value === null) {
    return { code: 'invalid-type', message: `${field} is empty`, hint: 'give it a value or take it out' };
  }
  const names = [...new Set(expected.map(typeName))];
  const message = `${field} must be ${names.join(' or ')}, not ${typeName(jsonType(value))}`;
  const written = writtenText(place) ?? '';
  if (names.includes('text') && !names.includes('a number') && typeof value !== 'object') {
    return { code: 'invalid-type', message, hint: `put it in quotes: \`"${written}"\`` };
  }
  if (names.includes('text') && isJsonObject(value) && written !== '' && !/^[{\n]|\n/.test(written)) {
    return { code: 'invalid-type', message, hint: 'the `: ` in it makes it a map: put it in quotes' };
  }
  if (names.length === 1 && names[0] === 'a list' && typeof value === 'string') {
    const items = value.split(/\s+/).filter((item) => item !== '');
    return { code: 'invalid-type', message, hint: `write it as \`${JSON.stringify(items).replaceAll(',', ', ')}\`` };
  }
  if (
    expected.some((type) => type === 'int' || type === 'number') &&
    typeof value === 'string' &&
    /^\d+$/.test(value)
  ) {
    return { code: 'invalid-type', message, hint: `leave the quotes out: \`${value}\`` };
  }
  return { code: 'invalid-type', message };
}

function wrongValue(field: string, value: Json | undefined, allowed: readonly string[]): Description {
  const version = field === '`apiVersion`' || field === '`kind`';
  const scalar = value !== null && typeof value === 'object' ? typeName(jsonType(value)) : `\`${String(value)}\``;
  return {
    code: version ? 'unsupported-version' : 'invalid-value',
    message: `${field} must be ${oneOf(allowed)}, not ${scalar}`,
    hint: typeof value === 'string' ? didYouMean(value, allowed) : undefined,
  };
}

function outOfBounds(
  field: string,
  value: Json | undefined,
  issue: Extract<Issue, { code: 'too_small' | 'too_big' }>,
): Description {
  const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum;
  if (value === '' || (Array.isArray(value) && value.length === 0)) {
    return { code: 'invalid-value', message: `${field} is empty`, hint: 'give it a value or take it out' };
  }
  const relation = issue.code === 'too_small' ? 'at least' : 'at most';
  return { code: 'invalid-value', message: `${field} must be ${relation} ${String(bound)}` };
}

function expectedTypes(issue: Extract<Issue, { code: 'invalid_union' }>): readonly string[] {
  return issue.errors.flatMap((branch) =>
    branch.flatMap((inner) => {
      if (inner.path.length > 0) return [];
      if (inner.code === 'invalid_type') return [inner.expected];
      return inner.code === 'invalid_union' ? expectedTypes(inner) : inner.code === 'invalid_value' ? ['string'] : [];
    }),
  );
}

function allowedHint(issue: Issue): { readonly hint?: string } {
  if (issue.code !== 'invalid_value') return {};
  return { hint: `write ${oneOf(issue.values.map(String))}` };
}

function formatHint(pattern: string | undefined, value: Json | undefined): string | undefined {
  if (pattern !== String(dnsLabelPattern) || typeof value !== 'string') return undefined;
  const suggestion = workspaceName(value);
  return suggestion === undefined ? undefined : `such as \`${suggestion}\``;
}

function hintOf(issue: Issue): string | undefined {
  const hint: unknown = issue.code === 'custom' ? issue.params?.hint : undefined;
  return typeof hint === 'string' ? hint : undefined;
}

/** `undefined` where nothing of the kind is near. */
export function nearestKind(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? nearestWord(value, ['Agent', 'Project']) : undefined;
}

function jsonType(value: Json | undefined): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function typeName(type: string): string {
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: '`true` or `false`',
    array: 'a list',
    object: 'a map',
    record: 'a map',
    null: 'empty',
  };
  return names[type] ?? type;
}

function oneOf(words: readonly string[]): string {
  return words.length === 1 ? listed(words) : `one of ${listed(words)}`;
}

function listed(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}
