import { expect, it } from 'vitest';
import { behindEdge, compileEdge, sharedPorts } from '../../../src/drivers/docker/edge-compile.ts';
import type { Agent, Project } from '../../../src/model/agent.ts';
import { toAgentSpec } from '../../../src/model/spec.ts';
import { agentText, read } from '../../manifest/rig.ts';

async function agent(spec: string, name = 'web'): Promise<{ agent: Agent; project: Project }> {
  const reading = await read({ 'agent.yaml': agentText(name, spec) });
  return { agent: reading.agents[0]!, project: reading.project };
}

it("a fixed host port of several replicas, or of one that rolls, is the edge's to hold", async () => {
  const shared = async (spec: string) => sharedPorts((await agent(spec)).agent).map(({ port }) => port);
  expect(await shared('image: a\nreplicas: 3\nports: ["8080:80"]')).toEqual(['80/tcp']);
  expect(await shared('image: a\ndeployment: { strategy: rolling }\nports: ["8080:80/udp"]')).toEqual(['80/udp']);
  expect(await shared('image: a\nports: ["8080:80"]')).toEqual([]);
  expect(await shared('image: a\nreplicas: 3\nports: ["8080-8082:80"]')).toEqual([]);
  expect(await shared('image: a\nreplicas: 3\nports: [{ container: 80, host: 0 }]')).toEqual([]);
});

it('an agent behind the edge publishes nothing of what the edge holds', async () => {
  const { agent: web } = await agent('image: a\nreplicas: 3\nports: ["8080:80", { container: 90, host: 0 }]');
  expect(Object.keys(behindEdge(web).ports)).toEqual(['90/tcp']);
});

it('the edge forwards each host port to the name of its agent', async () => {
  const { agent: web, project } = await agent('image: a\nreplicas: 3\nports: ["127.0.0.1:8080:80"]');
  const { template, diagnostics } = compileEdge([web], project);
  expect(diagnostics).toEqual([]);
  const spec = toAgentSpec(template?.spec ?? {});
  expect([template?.address, spec.ports]).toEqual(['edge/edge', { '8080/tcp': { host: 8080, hostIp: '127.0.0.1' } }]);
  expect(JSON.parse(spec.environment.AAC_EDGE_DOCUMENT as string)).toMatchObject({
    routes: { '8080/tcp': { group: 'web', port: 80 } },
    names: { web: `web.${project.workspace}-default` },
  });
});

it('two agents that ask the edge for one host port are told so, at both lines', async () => {
  const { agent: web, project } = await agent('image: a\nreplicas: 2\nports: ["8080:80"]');
  const { agent: api } = await agent('image: a\nreplicas: 2\nports: ["8080:81"]', 'api');
  const { template, diagnostics } = compileEdge([web, api], project);
  expect(template).toBeUndefined();
  expect(diagnostics).toMatchObject([{ code: 'port-conflict', severity: 'error' }]);
  expect(diagnostics[0]?.related).toHaveLength(1);
});

it('a project whose agents need no edge has none', async () => {
  const { agent: web, project } = await agent('image: a\nports: ["8080:80"]');
  expect(compileEdge([web], project)).toEqual({ diagnostics: [] });
});
