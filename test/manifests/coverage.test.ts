import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { isProjectFile } from '../../src/manifest/manifest-names.ts';
import { isJsonObject, type Json } from '../../src/util/json.ts';
import { fieldsOf } from '../e2e/schema-fields.ts';

/** The examples that together show the whole manifest. */
const examples = ['support-desk', 'monitors', 'hardened'];

/** What none of them shows, each with the reason. A name stands for the fields below it too. */
const exempt: Readonly<Record<string, string>> = {
  'Agent spec.network.security': 'names hosts on the network',
  'Agent spec.deployment': 'no driver honours it yet',
  'Agent spec.capability_config': 'changes nothing, and says so in a warning',
  'Agent spec.dev_dependencies': 'changes nothing, and says so in a warning',
  'Agent spec.models': 'changes nothing, and says so in a warning',
  'Agent spec.monitoring': 'changes nothing, and says so in a warning',
  'Agent spec.tracing': 'changes nothing, and says so in a warning',
  'Agent spec.securityContext': 'another name of `security`, under which it counts here',
  'Agent spec.driver': 'one for all agents of a project, which names it',
  'Agent spec.resources.limits.ephemeral-storage': 'only overlay2 on xfs with project quotas has it',
  'Agent spec.ports.proxyProtocol': 'needs the edge, and a program that reads the PROXY protocol',
  'Agent spec.network.ports.proxyProtocol': 'needs the edge, and a program that reads the PROXY protocol',
  'Project spec.docker': 'names an engine; an example runs on whichever there is',
  'Project spec.edge': 'needs an image with Node, which not every engine has; an edge is made without it too',
  'Project spec.notify': 'names an address on the network',
  'Project spec.secrets.command': 'needs a program such as sops or vault; docs/secrets.md shows it',
  'Project spec.configs.command': 'needs a program such as sops or vault; docs/secrets.md shows it',
  'Project spec.sync.windows': 'an example that rests at certain hours works only at others',
};

const known = (['Agent', 'Project'] as const)
  .flatMap((kind) => fieldsOf(kind).map((field) => `${kind} ${field}`))
  .filter((field) => !field.startsWith('Project spec.defaults.')); // any part of an agent's spec

const shown = new Set(examples.flatMap((example) => documentsIn(join(manifests(), example))));

it('every field of a manifest stands in an example, or is exempt with a reason', () => {
  expect(known.filter((field) => !shown.has(field) && !isExempt(field))).toEqual([]);
});

it('no exempt field stands in an example, and each of them exists', () => {
  expect([...shown].filter(isExempt)).toEqual([]);
  const exists = (name: string): boolean => known.some((field) => isBelow(name, field));
  expect(Object.keys(exempt).filter((name) => !exists(name))).toEqual([]);
});

function isExempt(field: string): boolean {
  return Object.keys(exempt).some((name) => isBelow(name, field));
}

function isBelow(name: string, field: string): boolean {
  return field === name || field.startsWith(`${name}.`);
}

function manifests(): string {
  return join(import.meta.dirname, '..', '..', 'manifests');
}

/** `Agent spec.ports.host` and all that stands above it, of every manifest below a folder; defaults count as agents'. */
function documentsIn(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  return files.flatMap((file) => {
    const document = parse(readFileSync(join(folder, file), 'utf8')) as Json;
    const kind = isProjectFile(file) ? 'Project' : 'Agent';
    return pathsOf(document, '').flatMap((path) => {
      const own = path.replace('.securityContext', '.security'); // one field under two names
      const inherited = own.startsWith('spec.defaults.') ? [`Agent ${own.replace('.defaults', '')}`] : [];
      return [`${kind} ${own}`, ...inherited];
    });
  });
}

function pathsOf(value: Json | undefined, path: string): readonly string[] {
  const own = path === '' ? [] : [path];
  if (Array.isArray(value)) return [...own, ...(value as readonly Json[]).flatMap((item) => pathsOf(item, path))];
  if (!isJsonObject(value)) return own;
  const below = Object.entries(value).flatMap(([name, member]) =>
    pathsOf(member, path === '' ? name : `${path}.${name}`),
  );
  return [...own, ...below];
}
