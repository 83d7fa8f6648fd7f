import { expect, it } from 'vitest';
import { compileAgent, compileSharedProcesses } from '../../../src/drivers/process/compile-agent.ts';
import type { Machine } from '../../../src/drivers/process/machine.ts';
import type { Agent } from '../../../src/model/agent.ts';
import { fieldPath } from '../../../src/model/field-path.ts';
import { toAgentSpec } from '../../../src/model/spec.ts';
import { agentText, read } from '../../manifest/rig.ts';

const machine: Machine = { cgroups: undefined, user: 1000 };

async function agent(spec: string, name = 'web'): Promise<Agent> {
  const reading = await read({ 'agent.yaml': agentText(name, `driver: process\ncommand: [serve]\n${spec}`) });
  return reading.agents[0]!;
}

async function compile(spec: string) {
  const web = await agent(spec);
  const [template] = compileAgent(web, machine).templates;
  const [edge] = compileSharedProcesses([web], machine).templates;
  return { template, spec: toAgentSpec(template?.spec ?? {}), edge };
}

it('replicas behind one host port each get a free port that only the edge is led to', async () => {
  const { template, spec } = await compile('replicas: 3\nports: ["8080:80", { container: 90, host: 0 }]');
  expect(spec.ports).toEqual({
    '80/tcp': { host: 0, hostIp: '127.0.0.1' },
    '90/tcp': { host: 0, hostIp: '0.0.0.0' },
  });
  expect(spec.network).toEqual({ name: 'edge', aliases: ['web'] });
  expect([template?.routes, template?.rollout.strategy]).toEqual([true, 'rolling']);
});

it('the edge is a process that holds the host port, at the address that was asked for and the line that asks', async () => {
  const { edge } = await compile('deployment: { strategy: rolling }\nports: ["127.0.0.1:8080:80/udp"]');
  const spec = toAgentSpec(edge?.spec ?? {});
  expect([edge?.address, edge?.driver, spec.ports]).toEqual([
    'edge/edge',
    'process',
    { '8080/udp': { host: 8080, hostIp: '127.0.0.1' } },
  ]);
  expect(JSON.parse(spec.environment.AAC_EDGE_DOCUMENT as string)).toMatchObject({
    routes: { '8080/udp': { group: 'web', port: 80, hostIp: '127.0.0.1' } },
  });
  expect(edge?.source.locate(fieldPath('ports', '8080/udp'))?.file).toBe('agent.yaml');
  expect(JSON.stringify(edge?.spec)).not.toContain(process.execPath);
});

it('an agent alone at its port needs no edge, and neither does one with a range', async () => {
  for (const fields of ['ports: ["8080:80"]', 'replicas: 2\nports: ["8080-8081:80"]']) {
    const { template, spec, edge } = await compile(fields);
    expect([edge, template?.routes, spec.network]).toEqual([undefined, undefined, undefined]);
  }
});

it('two agents that ask the edge for one host port are told so', async () => {
  const both = [await agent('replicas: 2\nports: ["8080:80"]'), await agent('replicas: 2\nports: ["8080:81"]', 'api')];
  const { templates, diagnostics } = compileSharedProcesses(both, machine);
  expect(templates).toEqual([]);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toMatchObject([{ code: 'port-conflict' }]);
});
