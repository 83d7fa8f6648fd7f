import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { knownKeys, manifestJsonSchema, placesOf } from '../../src/manifest/json-schema.ts';
import { agentSpecSchema } from '../../src/manifest/schema/agent.ts';
import { expectGolden, fixture } from './golden.ts';

test.each(['Agent', 'Project'] as const)('the JSON Schema of %s is what it was reviewed to be', (kind) => {
  expectGolden(`${JSON.stringify(manifestJsonSchema(kind), null, 2)}\n`, `json-schema/${kind.toLowerCase()}.json`);
});

test('the JSON Schema names every field that a full manifest has, wherever it stands', () => {
  const [agent] = readFileSync(fixture('full/agents/agent.yaml'), 'utf8').split(/^---$/m);
  const written = parse(agent ?? '') as { readonly spec: Record<string, unknown> };
  const aliases = ['replicas', 'securityContext'];
  const fields = Object.keys(agentSpecSchema.shape);
  expect([...Object.keys(written.spec), ...aliases].sort()).toEqual([...fields].sort());
  expect(knownKeys('Agent', ['spec']).toSorted()).toEqual(fields.toSorted());
});

test('keys are known at every depth, through lists, unions and maps of people’s own', () => {
  expect(knownKeys('Agent', ['spec', 'ports', 3])).toEqual([
    'container',
    'host',
    'protocol',
    'hostIp',
    'proxyProtocol',
  ]);
  expect(knownKeys('Project', ['spec', 'networks', 'any'])).toEqual(['internal', 'external']);
  expect(knownKeys('Project', ['spec', 'defaults', 'resources', 'limits'])).toContain('pids');
  expect(knownKeys('Agent', ['spec', 'config', 'anything'])).toEqual([]);
  expect(placesOf('Agent', 'maxSurge')).toEqual([['spec', 'deployment', 'maxSurge']]);
});
