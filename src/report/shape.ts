import { isJsonObject, type Json, type JsonObject } from '../util/json.ts';

type Read<T> = (value: Json | undefined, report: Report) => T | undefined;

/**
 * Checks of JSON against our own types, where a schema library would cost more start-up than it saves: each reads a
 * value, reports what is wrong with it, and gives back a new value that holds known members only. `schema` says the
 * same as JSON Schema (draft 2020-12), to others.
 */
export type Shape<T> = Read<T> & { readonly schema: JsonObject };

/** A shape of its own making: how it reads, and the schema of what it takes. */
export function shape<T>(schema: JsonObject, read: Read<T>): Shape<T> {
  return Object.assign((value: Json | undefined, report: Report) => read(value, report), { schema });
}

/** Collects what is wrong and where: `nodes[3].step.verb`. */
export interface Report {
  readonly path: string;
  readonly problems: string[];
}

type OptionalKeys<T> = { [Key in keyof T]-?: object extends Pick<T, Key> ? Key : never }[keyof T];

/** One shape for each member of `T`; the members that may be absent are wrapped by {@link optional}. */
export type Members<T> = {
  readonly [Key in keyof T]-?: Key extends OptionalKeys<T> ? OptionalShape<Exclude<T[Key], undefined>> : Shape<T[Key]>;
};

/** A member that may be absent. */
export interface OptionalShape<T> {
  readonly optional: Shape<T>;
}

export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return { optional: shape };
}

/** An object with at least these members; others are left out of the result. */
export function object<T extends object>(members: Members<T>): Shape<T> {
  const entries = Object.entries(members as Readonly<Record<string, Shape<unknown> | OptionalShape<unknown>>>);
  const properties = entries.map(([key, member]) => [
    key,
    (typeof member === 'function' ? member : member.optional).schema,
  ]);
  const required = entries.flatMap(([key, member]) => (typeof member === 'function' ? [key] : []));
  const schema = { type: 'object', properties: Object.fromEntries(properties) as JsonObject, required };
  return shape(schema, (value, report) => {
    if (!isJsonObject(value)) return fail(report, 'an object', value);
    const before = report.problems.length;
    const read: [string, unknown][] = [];
    for (const [key, member] of entries) {
      const at = { path: report.path === '' ? key : `${report.path}.${key}`, problems: report.problems };
      if (typeof member === 'function') read.push([key, member(value[key], at)]);
      else if (value[key] !== undefined) read.push([key, member.optional(value[key], at)]);
    }
    return report.problems.length > before ? undefined : (Object.fromEntries(read) as T);
  });
}

/** A union told apart by one member: a shape for every variant there is. */
export function union<Tag extends string, U extends Readonly<Record<Tag, string>>>(
  tag: Tag,
  variants: { readonly [Name in U[Tag]]: Shape<Extract<U, Readonly<Record<Tag, Name>>>> },
): Shape<U> {
  const shapes = variants as Readonly<Record<string, Shape<U>>>;
  return shape({ oneOf: Object.values(shapes).map(({ schema }) => schema) }, (value, report) => {
    if (!isJsonObject(value)) return fail(report, 'an object', value);
    const name = value[tag];
    const variant = typeof name === 'string' && Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    if (variant) return variant(value, report);
    return fail({ ...report, path: `${report.path}.${tag}` }, `one of ${names(Object.keys(shapes))}`, name);
  });
}

/** One of a set of texts; the table has every member of the type as a key. */
export function oneOf<T extends string>(table: Readonly<Record<T, unknown>>): Shape<T> {
  const known = Object.keys(table);
  return shape(known.length === 1 ? { const: known[0] } : { enum: known }, (value, report) =>
    typeof value === 'string' && Object.hasOwn(table, value)
      ? (value as T)
      : fail(report, `one of ${names(known)}`, value),
  );
}

/** Exactly this text. */
export function exactly<T extends string>(text: T): Shape<T> {
  return oneOf({ [text]: true } as Record<T, true>);
}

export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return shape({ type: 'array', items: item.schema }, (value, report) => {
    if (!Array.isArray(value)) return fail(report, 'a list', value);
    const before = report.problems.length;
    const items = (value as readonly Json[]).map((each, index) =>
      item(each, { path: `${report.path}[${String(index)}]`, problems: report.problems }),
    );
    return report.problems.length > before ? undefined : (items as readonly T[]);
  });
}

/** An object used as a map. */
export function record<T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return shape({ type: 'object', additionalProperties: item.schema }, (value, report) => {
    if (!isJsonObject(value)) return fail(report, 'an object', value);
    const before = report.problems.length;
    const read = Object.entries(value).map(([key, each]) => [
      key,
      item(each, { path: `${report.path}[${JSON.stringify(key)}]`, problems: report.problems }),
    ]);
    return report.problems.length > before ? undefined : (Object.fromEntries(read) as Readonly<Record<string, T>>);
  });
}

/** A value that fits one of two shapes; what is wrong is told of the second. */
export function either<A, B>(first: Shape<A>, second: Shape<B>): Shape<A | B> {
  return shape({ anyOf: [first.schema, second.schema] }, (value, report) => {
    const attempt: Report = { path: report.path, problems: [] };
    const read = first(value, attempt);
    return attempt.problems.length === 0 ? read : second(value, report);
  });
}

/** The value itself, once it has passed as `shape`: what the shape does not know stays in it. */
export function keeping(checked: Shape<unknown>): Shape<JsonObject> {
  return shape(checked.schema, (value, report) => {
    const before = report.problems.length;
    checked(value, report);
    return report.problems.length > before ? undefined : (value as JsonObject);
  });
}

export const text = shape<string>({ type: 'string' }, (value, report) =>
  typeof value === 'string' ? value : fail(report, 'a text', value),
);

export const flag = shape<boolean>({ type: 'boolean' }, (value, report) =>
  typeof value === 'boolean' ? value : fail(report, '`true` or `false`', value),
);

/** A flag that is left out where it is not set. */
export const yes = shape<true>({ const: true }, (value, report) =>
  value === true ? true : fail(report, '`true`', value),
);

/** A finite number, not below 0. */
export const amount = shape<number>({ type: 'number', minimum: 0 }, (value, report) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? value
    : fail(report, 'a number not below 0', value),
);

/** Any whole number. */
export const integer = shape<number>({ type: 'integer' }, (value, report) =>
  Number.isInteger(value) ? (value as number) : fail(report, 'a whole number', value),
);

export const nothing = shape<null>({ type: 'null' }, (value, report) =>
  value === null ? null : fail(report, '`null`', value),
);

export const anything = shape<Json>({}, (value, report) =>
  value === undefined ? fail(report, 'a value', value) : value,
);

/** A text of one of our branded types that reads as `what`. The pattern holds no literal dot where `.` takes all. */
export function textOf<T extends string>(pattern: RegExp, what: string): Shape<T> {
  // schemas have no flags
  const source = pattern.dotAll ? pattern.source.replaceAll('.', '[\\s\\S]') : pattern.source;
  return shape({ type: 'string', pattern: source }, (value, report) =>
    typeof value === 'string' && pattern.test(value) ? (value as T) : fail(report, what, value),
  );
}

function fail(report: Report, expected: string, value: Json | undefined): undefined {
  report.problems.push(value === undefined ? `\`${report.path}\` is missing` : `\`${report.path}\` is not ${expected}`);
  return undefined;
}

function names(keys: readonly string[]): string {
  return keys.map((key) => `\`${key}\``).join(', ');
}
