import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/util/json.ts';
import { formatGraph, graphJson } from '../../src/report/graph.ts';
import { agent, desire, network, volume } from '../support/planning.ts';
import { expectGolden } from '../support/golden.ts';

const chat = agent('chat', {
  network: 'default',
  replicas: 3,
  dependsOn: [
    ['end', 'ready'],
    ['index', 'completed'],
  ],
});
const end = agent('end', { network: 'default', replicas: { type: 'autoscaled', initial: 2, min: 1, max: 4 } });
const index = agent('index', { dependsOn: [['end', 'started']] });

test('the graph shows what waits for what, and until when, the same for every order of templates', () => {
  const templates = [chat, end, index, network('default'), volume('model-cache')];
  const text = formatGraph(desire(templates));
  expectGolden('report/graph/support.mmd', text);
  expect(formatGraph(desire([...templates].reverse()))).toBe(text);
});

test('the document has the same edges', () => {
  const document = graphJson(desire([chat, end, index, network('default')]));
  expect(document).toMatchObject({ type: 'graph', workspace: 'demo' });
  expect(document.edges as readonly JsonObject[]).toContainEqual({
    from: 'agent/chat',
    to: 'agent/index',
    until: 'completed',
  });
});
