import { expect, it } from 'vitest';
import { compileAgent } from '../../../src/drivers/docker/compile.ts';
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

it('the edge is told where to tell who the client is, and the agent is the same as without', async () => {
  const of = async (more: string) => agent(`image: a\nreplicas: 2\nports: [{ container: 80, host: 8080${more} }]`);
  const [plain, telling] = [await of(''), await of(', proxyProtocol: v1')];
  const { template } = compileEdge([telling.agent], telling.project);
  const { environment } = toAgentSpec(template?.spec ?? {});
  expect(JSON.parse(environment.AAC_EDGE_DOCUMENT as string)).toMatchObject({
    routes: { '8080/tcp': { group: 'web', port: 80, proxyProtocol: 'v1' } },
  });
  const [spec] = compileAgent(telling.agent, telling.project).templates;
  expect(spec?.spec).toEqual(compileAgent(plain.agent, plain.project).templates[0]?.spec);
});

it('a port that the edge does not hold cannot tell who the client is, unless that may be left out', async () => {
  const spec = 'image: a\nreplicas: 2\nports: [{ container: 80, host: 0, proxyProtocol: v1 }]';
  const { agent: web, project } = await agent(spec);
  expect(compileAgent(web, project)).toMatchObject({
    templates: [],
    diagnostics: [
      {
        code: 'unsupported-field',
        severity: 'error',
        message: '`proxyProtocol` of port `80/tcp` needs the edge, which does not hold that port of `web`',
        hint: 'publish the port at one given host port, or take it out',
        range: { file: 'agent.yaml', start: { line: 8 } },
      },
    ],
  });
  const { agent: lax } = await agent(`${spec}\nlifecycle: { bestEffort: [ports.proxyProtocol] }`);
  const compiled = compileAgent(lax, project);
  expect(compiled.diagnostics).toMatchObject([{ severity: 'warning' }]);
  expect(compiled.templates).toHaveLength(1);
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
