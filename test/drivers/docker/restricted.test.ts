import { expect, it } from 'vitest';
import { compileAgent, compileShared } from '../../../src/drivers/docker/compile.ts';
import { toAgentSpec } from '../../../src/model/spec.ts';
import { agentText, projectText, read } from '../../manifest/rig.ts';

const restricted = (more = '', hosts = '[api.example.com, "*.example.org:8443"]') =>
  `image: a\n${more}network:\n  security: { allowExternalConnections: false, allowedHosts: ${hosts} }\n`;

async function compiled(spec: string, others: Readonly<Record<string, string>> = {}, project = '') {
  const files = { 'aac.yaml': projectText(project), 'agent.yaml': agentText('web', spec), ...others };
  const reading = await read(files);
  const own = reading.agents.map((agent) => compileAgent(agent, reading.project));
  const shared = compileShared(reading.agents, reading.project);
  return {
    templates: new Map(
      [shared, ...own].flatMap(({ templates }) => templates.map((each) => [String(each.address), each])),
    ),
    messages: [shared, ...own].flatMap(({ diagnostics }) =>
      diagnostics.map(({ severity, message }) => `${severity}: ${message}`),
    ),
    ranges: [shared, ...own].flatMap(({ diagnostics }) => diagnostics.map(({ range }) => range?.start.line)),
  };
}

it('a restricted agent stands on a network of its own and does not start without the edge', async () => {
  const { templates, messages } = await compiled(restricted());
  expect(messages).toEqual([]);
  expect([...templates.keys()].sort()).toEqual(['agent/web', 'edge/edge', 'network/default', 'network/egress-web']);
  expect(templates.get('network/egress-web')?.spec).toEqual({ internal: true, isolated: true });
  const agent = templates.get('agent/web')!;
  expect(agent.dependsOn).toContainEqual({ address: 'edge/edge', until: 'started' });
  expect(agent.spec).toMatchObject({
    network: { name: 'egress-web', dns: ['127.0.0.1'] },
    environment: { HTTPS_PROXY: 'http://egress:3128' },
  });
  const edge = toAgentSpec(templates.get('edge/edge')!.spec);
  expect(edge.network).toMatchObject({
    name: 'default',
    also: { 'egress-web': { aliases: ['api.example.com', 'egress'] } },
  });
  expect(JSON.parse(edge.environment.AAC_EDGE_DOCUMENT as string)).toMatchObject({
    clients: {
      web: {
        here: 'egress.desk-egress-web',
        allow: [{ host: 'api.example.com' }, { host: '*.example.org', port: 8443 }],
      },
    },
  });
});

it('an agent that may go nowhere has no edge and no proxy', async () => {
  const { templates } = await compiled(restricted('', '[]'));
  expect([...templates.keys()].sort()).toEqual(['agent/web', 'network/egress-web']);
  expect(templates.get('agent/web')?.spec.environment).toEqual({});
});

it('what contradicts a restriction is an error at its line', async () => {
  const both = 'image: a\nnetwork:\n  MORE\n  security: { allowExternalConnections: false, allowedHosts: [a.test] }\n';
  for (const [more, says] of [
    ['mode: host', '`network.mode: host` contradicts'],
    ['dns: [1.1.1.1]', '`network.dns` contradicts'],
  ] as const) {
    const { messages, ranges } = await compiled(both.replace('MORE', more));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(`error: ${says}`);
    expect(ranges[0]).toBeDefined();
  }
});

it('a network of the project cannot pose as the one of a restricted agent', async () => {
  const { messages } = await compiled(restricted(), {}, 'networks: { egress-web: {} }');
  expect(messages[0]).toContain("error: the project's network `egress-web` has the name");
});

it("a list that lacks the API of the agent's own model gets a warning", async () => {
  const model = 'model: { provider: anthropic, name: m }\n';
  expect((await compiled(restricted(model))).messages[0]).toContain(
    'warning: `allowedHosts` lacks `api.anthropic.com`',
  );
  expect((await compiled(restricted(model, '["*.anthropic.com"]'))).messages).toEqual([]);
});

it('services of a restricted agent lead through the edge; nobody unrestricted is led to it', async () => {
  const db = { 'db.agent.yaml': agentText('db', 'image: a\n') };
  const calling = await compiled(restricted('services: [{ name: db, port: 5432 }]\n'), db);
  expect(calling.messages).toEqual([]);
  const edge = toAgentSpec(calling.templates.get('edge/edge')!.spec);
  expect(JSON.parse(edge.environment.AAC_EDGE_DOCUMENT as string)).toMatchObject({
    clients: { web: { services: { '5432': { host: 'db.desk-default', port: 5432 } } } },
  });
  const caller = { 'db.agent.yaml': agentText('db', 'image: a\nservices: [{ name: web, port: 80 }]\n') };
  expect((await compiled(restricted(), caller)).messages[0]).toContain('error: `db` cannot call `web` yet');
});
