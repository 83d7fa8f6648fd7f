import { expect, it } from 'vitest';
import { compileAgent, compileSharedProcesses } from '../../../src/drivers/process/compile-agent.ts';
import type { Machine } from '../../../src/drivers/process/machine.ts';
import type { Agent } from '../../../src/model/agent.ts';
import type { ResourceTemplate } from '../../../src/model/desired.ts';
import { fieldPath } from '../../../src/model/field-path.ts';
import { toAgentSpec } from '../../../src/model/spec.ts';
import { projectOf } from '../../contract/calls.ts';
import { agentText, read } from '../../manifest/rig.ts';

const project = projectOf('support-desk', '/');
const machine: Machine = { cgroups: undefined, user: 1000 };

async function agent(spec: string, name = 'web'): Promise<Agent> {
  const reading = await read({ 'agent.yaml': agentText(name, `driver: process\ncommand: [serve]\n${spec}`) });
  return reading.agents[0]!;
}

function documentOf(edge: ResourceTemplate | undefined): unknown {
  return JSON.parse(toAgentSpec(edge?.spec ?? {}).environment.AAC_EDGE_DOCUMENT as string);
}

async function compile(spec: string, on = machine) {
  const web = await agent(spec);
  const { templates, diagnostics } = compileAgent(web, on);
  const [edge] = compileSharedProcesses([web], project, on).templates;
  return { template: templates[0], spec: toAgentSpec(templates[0]?.spec ?? {}), edge, diagnostics };
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

it('the edge is told where to tell who the client is, and the agent is the same as without', async () => {
  const ports = (more: string): string => `replicas: 2\nports: [{ container: 80, host: 8080${more} }]`;
  const [plain, telling] = [await compile(ports('')), await compile(ports(', proxyProtocol: v2'))];
  expect(documentOf(telling.edge)).toMatchObject({ routes: { '8080/tcp': { group: 'web', proxyProtocol: 'v2' } } });
  expect(JSON.stringify(documentOf(plain.edge))).not.toContain('proxyProtocol');
  expect(telling.spec).toEqual(plain.spec);
});

it('a port that the edge does not hold cannot tell who the client is, which is said at its line', async () => {
  const { template, diagnostics } = await compile('ports: [{ container: 80, host: 8080, proxyProtocol: v1 }]');
  expect(template).toBeUndefined();
  expect(diagnostics).toMatchObject([
    {
      code: 'unsupported-field',
      severity: 'error',
      message: '`proxyProtocol` of port `80/tcp` needs the edge, which does not hold that port of `web`',
      hint: 'set `deployment.strategy: rolling` or several replicas, for which the edge holds the port, or take it out',
      range: { file: 'agent.yaml', start: { line: 8 } },
    },
  ]);
});

it('two agents that ask the edge for one host port are told so', async () => {
  const both = [await agent('replicas: 2\nports: ["8080:80"]'), await agent('replicas: 2\nports: ["8080:81"]', 'api')];
  const { templates, diagnostics } = compileSharedProcesses(both, project, machine);
  expect(templates).toEqual([]);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toMatchObject([{ code: 'port-conflict' }]);
});

const restricted = `network: { security: { allowExternalConnections: false, allowedHosts: [api.test, '*.b.test'] } }`;
const withSandbox: Machine = { ...machine, sandbox: () => ({ status: 'works', program: '/usr/bin/bwrap' }) };

it('an agent with a restricted way out runs apart, and starts once the edge that lets it out is there', async () => {
  const { template, spec, edge } = await compile(`${restricted}\nports: ["8080:80"]`, withSandbox);
  expect(spec.network).toEqual({ name: 'apart', aliases: ['web'], extraHosts: { 'api.test': '127.0.0.1' } });
  expect(spec.environment).toMatchObject({ HTTPS_PROXY: 'http://127.0.0.1:3128', NODE_USE_ENV_PROXY: '1' });
  expect(template?.dependsOn).toEqual([{ address: 'edge/edge', until: 'ready' }]);
  expect(JSON.parse(toAgentSpec(edge?.spec ?? {}).environment.AAC_EDGE_DOCUMENT as string)).toMatchObject({
    routes: { '8080/tcp': { group: 'web', port: 80 } },
    clients: { web: { allow: [{ host: 'api.test' }, { host: '*.b.test' }] } },
  });
});

it('an agent that may go nowhere needs no edge for it', async () => {
  const { template, spec, edge } = await compile(
    'network: { security: { allowExternalConnections: false } }',
    withSandbox,
  );
  expect([template?.dependsOn, spec.network?.name, edge]).toEqual([[], 'apart', undefined]);
});

it('a restriction that cannot be enforced is an error that names the package, and a warning where that is allowed', async () => {
  const refused = await compile(restricted);
  expect(refused.diagnostics).toMatchObject([{ code: 'unsupported-field', severity: 'error' }]);
  expect(refused.diagnostics[0]?.hint).toContain('bubblewrap is not installed');
  const allowed = await compile(`${restricted}\nlifecycle: { bestEffort: [network.security] }`);
  expect(allowed.diagnostics).toMatchObject([{ severity: 'warning' }]);
  expect(allowed.spec.network).toBeUndefined();
});

it('what an agent apart cannot have yet is refused at its line', async () => {
  const messages = async (fields: string) =>
    (await compile(`${restricted}\n${fields}`, withSandbox)).diagnostics.map(({ message }) => message);
  expect(await messages('ports: [{ container: 80, host: 0 }]')).toEqual([
    'port `80/tcp` of an agent with a restricted way out cannot be published at `0` yet',
  ]);
  expect(await messages('healthCheck: { command: [check] }')).toEqual([
    'a command would run outside of the restriction, which is not supported yet',
  ]);
  expect(await messages('ports: ["53:53/udp"]')).toHaveLength(1);
});
