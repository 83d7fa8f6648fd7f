import type { DriverName } from '../model/agent.ts';
import type { Json } from '../util/json.ts';
import type { ParsedDocument } from './parse.ts';
import { createSourceFile } from './source-file.ts';
import { sourceTreeBuilder, type SourceTreeBuilder } from './source-tree.ts';

/** What `aac run` was asked for, as it was written. Paths of binds are absolute. */
export interface RunOrder {
  readonly name: string;
  readonly driver?: DriverName;
  /** Absent for a driver that runs no images. */
  readonly image?: string;
  /** Whether {@link command} is what the image's entrypoint is given, or the whole command. */
  readonly commandIs: 'args' | 'command';
  readonly command: readonly string[];
  /** Instead of the entrypoint of the image. */
  readonly entrypoint?: string;
  /** `[[ip:]host:]container[/protocol]`; host port 0 is any free one. */
  readonly publish?: readonly string[];
  /** `NAME=value`, or `NAME` for the caller's. */
  readonly env?: readonly string[];
  /** The variables of env files, without their values. */
  readonly fileVariables?: readonly string[];
  /** `path:/target[:ro]`, `name:/target`, `tmpfs:/target`. */
  readonly volume?: readonly string[];
  /** `key=value`. */
  readonly label?: readonly string[];
  /** A network of the project, or `bridge`, `host` or `none`. */
  readonly network?: string;
  /** At most so much, such as `512Mi`. */
  readonly memory?: string;
  /** At most so many cores, such as `1.5` or `500m`. */
  readonly cpus?: string;
  /** `uid` or `uid:gid`. */
  readonly user?: string;
  /** The folder it runs in. */
  readonly workdir?: string;
  /** When to pull the image: when it is missing unless told. */
  readonly pull?: 'IfNotPresent' | 'Always' | 'Never';
  /** Whether it is started again when it ends: never unless told. */
  readonly restart?: 'always' | 'on-failure' | 'never';
  /** `SIGTERM` unless told. */
  readonly stopSignal?: string;
  /** How long it may take to stop before it is killed, such as `30s`. */
  readonly stopTimeout?: string;
}

/** How a command line is named where something in it is wrong. */
export const commandLineName = 'command line';

/** Where a text stands on the command line. */
type Span = readonly [start: number, end: number];

/** A value of the manifest with the part of the command line that asks for it. */
type Entry =
  | { readonly type: 'value'; readonly value: string | number | boolean; readonly span: Span }
  | { readonly type: 'list'; readonly items: readonly Entry[]; readonly span: Span }
  | { readonly type: 'map'; readonly members: readonly (readonly [string, Entry])[]; readonly span: Span };

/**
 * The manifest that a command line stands for, so that one way leads from what people write to an agent. Every value's
 * place is its place on the command line; the values of variables do not stand there.
 */
export function runDocument(order: RunOrder): ParsedDocument {
  const line = commandLine();
  const members = agentOf(order, line);
  const text = line.text();
  const everything: Span = [0, text.length];
  const tree = sourceTreeBuilder();
  const root = map(members, everything);
  const value = enter(tree, '', root, everything);
  return { file: createSourceFile(commandLineName, commandLineName, text), value, tree: tree.build(), broken: false };
}

interface CommandLine {
  /** Adds an option and its value; the value's place. */
  option(name: string, value: string): Span;
  word(value: string): Span;
  text(): string;
}

function commandLine(): CommandLine {
  let text = 'aac run';
  const word = (value: string): Span => {
    const written = /^[\w@%+=:,./…${}-]+$/.test(value) ? value : JSON.stringify(value);
    text += ` ${written}`;
    return [text.length - written.length, text.length];
  };
  return {
    option: (name, value) => {
      word(name);
      return word(value);
    },
    word,
    text: () => text,
  };
}

type Members = readonly (readonly [string, Entry])[];

function agentOf(order: RunOrder, line: CommandLine): Members {
  const name = value(order.name, line.option('--name', order.name));
  const labels = (order.label ?? []).map((label): readonly [string, Entry] => {
    const [key, text] = splitOnce(label, '=');
    return [key, value(text ?? '', line.option('--label', label))];
  });
  const spec = specOf(order, line);
  const here: Span = [0, 0];
  return [
    ['apiVersion', value('agent.dev/v1', here)],
    ['kind', value('Agent', here)],
    ['metadata', map([['name', name], ...(labels.length > 0 ? [['labels', map(labels, here)] as const] : [])], here)],
    ['spec', map(spec, here)],
  ];
}

function specOf(order: RunOrder, line: CommandLine): Members {
  const here: Span = [0, 0];
  const members: (readonly [string, Entry])[] = [];
  const scalar = (field: string, option: string, text: string | undefined): void => {
    if (text !== undefined) members.push([field, value(text, line.option(option, text))]);
  };
  const nested = (field: string, inner: string, option: string, text: string | undefined): void => {
    if (text === undefined) return;
    members.push([field, map([[inner, value(text, line.option(option, text))]], here)]);
  };
  const listOf = (field: string, items: readonly Entry[]): void => {
    if (items.length > 0) members.push([field, { type: 'list', items, span: here }]);
  };

  scalar('driver', '--driver', order.driver);
  listOf(
    'ports',
    (order.publish ?? []).map((port) => value(port, line.option('--publish', port))),
  );
  listOf('environment', [
    ...(order.env ?? []).map((variable) => variableOf(variable, line)),
    ...(order.fileVariables ?? []).map((name) => fromCaller(name, line.option('--env', name))),
  ]);
  listOf(
    'volumes',
    (order.volume ?? []).map((volume) => volumeOf(volume, line.option('--volume', volume))),
  );
  nested('network', 'mode', '--network', order.network);
  const limits = [['memory', '--memory', order.memory] as const, ['cpu', '--cpus', order.cpus] as const].flatMap(
    ([field, option, text]) => (text === undefined ? [] : [[field, value(text, line.option(option, text))] as const]),
  );
  if (limits.length > 0) members.push(['resources', map([['limits', map(limits, here)]], here)]);
  if (order.user !== undefined) members.push(['security', userOf(order.user, line.option('--user', order.user))]);
  scalar('workingDir', '--workdir', order.workdir);
  const pull = order.pull ?? 'IfNotPresent';
  const pulled = pull === 'IfNotPresent' ? here : line.option('--pull', pull.toLowerCase());
  members.push(['imagePullPolicy', value(pull, pulled)]);
  members.push([
    'restartPolicy',
    value(order.restart ?? 'never', order.restart ? line.option('--restart', order.restart) : here),
  ]);
  const stop = [
    ['signal', '--stop-signal', order.stopSignal] as const,
    ['gracePeriod', '--stop-timeout', order.stopTimeout] as const,
  ].flatMap(([field, option, text]) =>
    text === undefined ? [] : [[field, value(text, line.option(option, text))] as const],
  );
  if (stop.length > 0) members.push(['stop', map(stop, here)]);
  members.push(['lifecycle', map([['protect', value(false, here)]], here)]);
  if (order.entrypoint !== undefined) {
    const span = line.option('--entrypoint', order.entrypoint);
    members.push(['command', { type: 'list', items: [value(order.entrypoint, span)], span }]);
  }
  if (order.image !== undefined) members.push(['image', value(order.image, line.word(order.image))]);
  if (order.command.length > 0) {
    line.word('--');
    listOf(
      order.commandIs,
      order.command.map((word) => value(word, line.word(word))),
    );
  }
  return members;
}

/** A value stays out of the command line that is shown: it may be a secret. */
function variableOf(variable: string, line: CommandLine): Entry {
  const [name, text] = splitOnce(variable, '=');
  if (text === undefined) return fromCaller(name, line.option('--env', name));
  const [start, end] = line.option('--env', `${name}=…`);
  const span: Span = [start, end];
  return map(
    [
      ['name', value(name, [start, start + name.length])],
      ['value', value(text.replaceAll('$', '$$$$'), span)],
    ],
    span,
  );
}

function fromCaller(name: string, span: Span): Entry {
  return map(
    [
      ['name', value(name, span)],
      ['from', value('env', span)],
    ],
    span,
  );
}

/** `SOURCE:TARGET[:ro]`, a path or the name of a volume; `tmpfs:TARGET` is one in memory. */
function volumeOf(text: string, span: Span): Entry {
  const [source = '', target, mode] = text.split(':');
  const type = source === 'tmpfs' ? 'tmpfs' : source.startsWith('/') ? 'bind' : 'volume';
  return map(
    [
      ['type', value(type, span)],
      ...(type === 'tmpfs' ? [] : [['source', value(source, span)] as const]),
      ['target', value(target ?? '', span)],
      ...(mode === undefined
        ? []
        : [['readOnly', value(mode === 'ro' ? true : mode === 'rw' ? false : mode, span)] as const]),
    ],
    span,
  );
}

/** `UID` or `UID:GID`. */
function userOf(text: string, span: Span): Entry {
  const [user, group] = splitOnce(text, ':');
  const number = (part: string): Entry => value(/^\d+$/.test(part) ? Number(part) : part, span);
  return map(
    [['runAsUser', number(user)], ...(group === undefined ? [] : [['runAsGroup', number(group)] as const])],
    span,
  );
}

function value(text: string | number | boolean, span: Span): Entry {
  return { type: 'value', value: text, span };
}

function map(members: Members, span: Span): Entry {
  return { type: 'map', members, span };
}

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Enters a value and all below it into the tree; what has no place of its own stands where its parent does. */
function enter(tree: SourceTreeBuilder, key: string | number, entry: Entry, parent: Span): Json {
  const span = entry.span[1] > 0 ? entry.span : parent;
  const node = tree.open(key, undefined, span);
  const plain = plainOf(tree, entry, span);
  tree.close(node);
  return plain;
}

function plainOf(tree: SourceTreeBuilder, entry: Entry, span: Span): Json {
  switch (entry.type) {
    case 'value':
      return entry.value;
    case 'list':
      return entry.items.map((item, index) => enter(tree, index, item, span));
    case 'map':
      return Object.fromEntries(entry.members.map(([name, member]) => [name, enter(tree, name, member, span)]));
  }
}
