import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldPath } from '../../src/model/field-path.ts';
import { formatRange } from '../../src/model/source.ts';
import { renderDiagnostics } from './golden.ts';
import { agentText, projectText, read, readSpec } from './rig.ts';

describe('ports', () => {
  test.each([
    ['ports: [8080]', { '8080/tcp': { host: 8080, hostIp: '0.0.0.0' } }],
    ['ports: "8080:80,53:53/udp"', undefined],
    [
      'ports: ["8080:80,9090:90"]',
      { '80/tcp': { host: 8080, hostIp: '0.0.0.0' }, '90/tcp': { host: 9090, hostIp: '0.0.0.0' } },
    ],
    ['ports: [{ container: 80, host: "8080-8089" }]', { '80/tcp': { host: '8080-8089', hostIp: '0.0.0.0' } }],
    ['ports: [{ container: 80, host: "8080" }]', { '80/tcp': { host: 8080, hostIp: '0.0.0.0' } }],
    ['ports: [{ container: 53, protocol: udp }]', { '53/udp': { host: 53, hostIp: '0.0.0.0' } }],
    ['ports: ["127.0.0.1::80"]', { '80/tcp': { host: 0, hostIp: '127.0.0.1' } }],
    [
      'ports: [{ container: 80 }]\nnetwork: { ports: ["127.0.0.1:8080:80"] }',
      { '80/tcp': { host: 8080, hostIp: '127.0.0.1' } },
    ],
    ['ports: ["8080:80"]\nnetwork: { ports: ["8080:80/tcp"] }', { '80/tcp': { host: 8080, hostIp: '0.0.0.0' } }],
    [
      'ports: ["127.0.0.1:80:80", "127.0.0.2:80:81"]',
      { '80/tcp': { host: 80, hostIp: '127.0.0.1' }, '81/tcp': { host: 80, hostIp: '127.0.0.2' } },
    ],
    ['ports: ["0:80", "0:81"]', { '80/tcp': { host: 0, hostIp: '0.0.0.0' }, '81/tcp': { host: 0, hostIp: '0.0.0.0' } }],
  ])('%s', async (spec, ports) => {
    const { agent } = await readSpec(spec);
    expect(agent?.ports).toEqual(ports);
  });

  test('that are to tell who the client is are known beside where they are published', async () => {
    const { agent, problems } = await readSpec(
      'ports: [{ container: 80, proxyProtocol: v1 }, 90]\nnetwork: { ports: [{ container: 90, proxyProtocol: v2 }] }',
    );
    expect(problems).toEqual([]);
    expect(agent?.proxyProtocols).toEqual({ '80/tcp': 'v1', '90/tcp': 'v2' });
    expect(agent?.ports['80/tcp']).toEqual({ host: 80, hostIp: '0.0.0.0' });
    expect((await readSpec('ports: [80]')).agent).not.toHaveProperty('proxyProtocols');
  });

  test.each([
    ['[{ container: 53, protocol: udp, proxyProtocol: v1 }]', '`proxyProtocol` of port `53/udp` needs TCP'],
    [
      '[{ container: 80, proxyProtocol: v1 }, { container: 80, proxyProtocol: v2 }]',
      'port `80/tcp` is given `proxyProtocol` `v1` and `v2`',
    ],
  ])('%s contradict themselves', async (ports, message) => {
    const { problems } = await readSpec(`ports: ${ports}`);
    expect(problems).toEqual([`conflicting-fields: ${message}`]);
  });

  test('know two versions of the PROXY protocol and no other', async () => {
    const { problems } = await readSpec('ports: [{ container: 80, proxyProtocol: v3 }]');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('v2');
  });
});

describe('a health check', () => {
  test.each([
    ['{ command: [x] }', { type: 'command', command: ['x'] }],
    ['{ path: /health, port: 80 }', { type: 'http', path: '/health', port: 80 }],
    ['{ port: 80 }', { type: 'tcp', port: 80 }],
    ['{ type: file, path: /ready }', { type: 'file', path: '/ready' }],
    ['{ type: http, port: 80 }', { type: 'http', path: '/', port: 80 }],
    ['{ path: /health }', { type: 'http', path: '/health', port: 8080 }],
  ])('%s has its type and its defaults', async (check, expected) => {
    const { agent } = await readSpec(`ports: [8080, 53/udp]\nhealthCheck: ${check}`);
    expect(agent?.healthCheck).toEqual({
      interval: 30_000,
      startInterval: 1000,
      timeout: 10_000,
      retries: 3,
      startPeriod: 5000,
      successThreshold: 1,
      onUnhealthy: 'restart',
      ...expected,
    });
  });

  test('of inferred type is listed with it as written', async () => {
    const { agent } = await readSpec('healthCheck:\n  port: 80');
    const type = agent?.written.find(({ name }) => name === 'healthCheck.type');
    expect([type?.value, type?.range()?.start.line]).toEqual(['tcp', 6]);
  });
});

describe('a bind source is told from the project root', () => {
  test.each([
    ['agent.yaml', './data', './data'],
    ['agent.yaml', 'data/', './data'],
    ['agent.yaml', '.', './'],
    ['agent.yaml', '../shared', '../shared'],
    ['a/b/agent.yaml', './data', './a/b/data'],
    ['a/b/agent.yaml', '../data', './a/data'],
    ['a/b/agent.yaml', '../../../x', '../x'],
    ['a/b/agent.yaml', '/abs/../data', '/abs/../data'],
  ])('in %s %s is %s', async (file, source, expected) => {
    const volumes = `volumes: [{ type: bind, source: "${source}", target: /data }]`;
    const { agents } = await read({ 'aac.yaml': projectText(), [file]: agentText('web', volumes) });
    expect(agents[0]?.volumes[0]).toMatchObject({ source: expected });
  });
});

describe('replicas', () => {
  const metric =
    'metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }]';
  const scaled = { min: 1, max: 5, targetCpuPercent: 70, scaleUpDelay: 0, scaleDownDelay: 300_000 };
  test.each([
    ['', { count: 1 }],
    ['replicas: 0', { count: 0 }],
    ['replicas: 2\nscaling: { replicas: 2 }', { count: 2 }],
    [`scaling: { maxReplicas: 5, ${metric} }`, { count: 1, autoscaling: scaled }],
    [
      `scaling: { replicas: 3, maxReplicas: 5 }\nautoscaling: { targetCPUUtilizationPercentage: 70 }`,
      { count: 3, autoscaling: scaled },
    ],
    [
      `scaling: { maxReplicas: 5, ${metric} }\nautoscaling: { enabled: true, targetCPUUtilizationPercentage: 70 }`,
      { count: 1, autoscaling: scaled },
    ],
    [`scaling: { replicas: 7, maxReplicas: 5, ${metric} }\nautoscaling: { enabled: false }`, { count: 7 }],
  ])('%s', async (spec, replicas) => {
    const { agent, problems } = await readSpec(spec);
    expect(problems).toEqual([]);
    expect(agent?.replicas).toEqual(replicas);
  });
});

describe('a variable from the config', () => {
  test.each([
    ['text', 'hello'],
    ['number', '7'],
    ['flag', 'true'],
    ['map', '{"a":{"b":"deep"}}'],
    ['map.a.b', 'deep'],
    ['list.1', 'y'],
    ['dotted.key', 'literal'],
    ['dotted.key.more', undefined],
    ['toString', undefined],
  ])('%s is %s', async (key, value) => {
    const { agent } = await readSpec(`config:
  { text: hello, number: 7, flag: true, map: { a: { b: deep } }, list: [x, y], dotted.key: literal }
environment: [{ name: V, from: config, configKey: ${key} }]`);
    expect(agent?.environment.V).toBe(value);
  });

  test.each([
    ['{ name: V, from: configmap }', { from: 'config', name: 'web', key: 'V' }],
    ['{ name: V, from: config, configMapName: m }', { from: 'config', name: 'm', key: 'V' }],
    ['{ name: V, from: config, configMapKey: k }', { from: 'config', name: 'web', key: 'k' }],
  ])('%s comes from the config source', async (variable, reference) => {
    const { agent } = await readSpec(`environment: [${variable}]`);
    expect(agent?.environment.V).toEqual(reference);
  });
});

describe('project defaults', () => {
  const project = projectText(`driver: process
networks: { backend: {} }
defaults:
  runtime: python:3.11
  image: base:1
  environment:
    - { name: SHARED, value: from-project }
    - { name: BOTH, value: from-project }
  ports: { hostIp: 127.0.0.1, protocol: udp }
  healthCheck: { type: http, path: /health, port: 80, interval: 5s }
  restartPolicy: { name: on-failure, maxRetries: 3 }
  resources: { limits: { cpu: 1, memory: 1Gi } }
  network: { mode: backend, dns: [10.0.0.1] }
  scaling: { replicas: 2 }
  securityContext: { runAsUser: 1000, runAsGroup: 1000 }
  config: { a: 1, b: 2 }
  dependsOn: [other]`);

  test('are merged under the agent, lists by name and wholes as wholes', async () => {
    const spec = `runtime: nodejs
environment: [{ name: BOTH, value: from-agent }]
ports: [80, 81/tcp]
healthCheck: { command: [check], retries: 9 }
restartPolicy: never
resources: { limits: { memory: 2Gi } }
network: { dns: [10.0.0.2] }
replicas: 3
security: { runAsUser: 2000 }
config: { b: 3 }`;
    const { agent, problems } = await readSpec(spec, { project });
    expect(problems).toEqual([]);
    expect(agent).toMatchObject({
      driver: 'process',
      image: 'base:1',
      runtime: { language: 'nodejs' },
      environment: { SHARED: 'from-project', BOTH: 'from-agent' },
      ports: { '80/udp': { hostIp: '127.0.0.1' }, '81/tcp': { hostIp: '127.0.0.1' } },
      healthCheck: { type: 'command', command: ['check'], interval: 5000, retries: 9 },
      restartPolicy: { name: 'never', maxRetries: 0 },
      resources: { limits: { cpu: 1e9, memory: 2 ** 31 } },
      network: { mode: { type: 'named', name: 'backend' }, dns: ['10.0.0.2'] },
      replicas: { count: 3 },
      security: { runAsUser: 2000, runAsGroup: 1000 },
      dependsOn: [{ agent: 'other', condition: 'started' }],
    });
    expect(agent?.runtime).toEqual({ language: 'nodejs' });
  });

  test('lead to the project file, in places and among what was written', async () => {
    const { agent, reading } = await readSpec('environment: [{ name: BOTH, value: from-agent }]', { project });
    const place = (...path: string[]): string => formatRange(agent!.source.locate(fieldPath(...path))!);
    expect(place('environment', 'SHARED')).toBe('aac.yaml:12:32');
    expect(place('environment', 'BOTH')).toBe('agent.yaml:6:38');
    expect(place('resources', 'limits', 'cpu')).toMatch(/^aac\.yaml:17:/);
    const values = agent!.written.filter(({ name }) => name === 'environment.value').map(({ value }) => value);
    expect(values).toEqual(['from-agent', 'from-project']);
    expect(reading.agents.find(({ name }) => name === 'other')?.dependsOn).toEqual([]);
  });

  test('what is wrong with them is told once, not for every agent', async () => {
    const { problems } = await readSpec('', { project: projectText('defaults: { environment: [{ name: A }] }') });
    expect(problems).toEqual(['missing-field: variable `A` has neither `value` nor `from`']);
  });

  test('the driver: the command line over the agent over the project', async () => {
    const files = {
      'aac.yaml': projectText('driver: process'),
      'a.agent.yaml': agentText('a'),
      'b.agent.yaml': agentText('b', 'driver: kubernetes'),
    };
    const drivers = async (driver?: 'memory') =>
      (await read(files, driver ? { driver } : {})).agents.map((agent) => agent.driver);
    expect(await drivers()).toEqual(['process', 'kubernetes']);
    expect(await drivers('memory')).toEqual(['memory', 'memory']);
  });
});

describe('references', () => {
  test('a service with a host is no dependency, one that names an agent is', async () => {
    const { agent } = await readSpec('services: [{ name: other, host: other.example.com }]');
    expect(agent?.dependsOn).toEqual([]);
    const second = await readSpec('services: [{ name: other }]\ndependsOn: [{ agent: other, condition: completed }]');
    expect(second.agent?.dependsOn).toEqual([{ agent: 'other', condition: 'completed' }]);
  });

  test('a faulty agent may be referred to, what refers to it is sound', async () => {
    const { agents, diagnostics } = await read({
      'aac.yaml': projectText(),
      'a.agent.yaml': agentText('a', 'dependsOn: [b, c]'),
      'b.agent.yaml': agentText('b', 'imge: x'),
      'c.agent.yaml': `${agentText('c')}spec: [`,
    });
    expect(agents.map(({ name }) => name)).toEqual(['a']);
    expect(diagnostics.map(({ code }) => code)).toEqual(['unknown-field', 'invalid-yaml']);
  });

  test('agents of one circle are left out, those beside it are not', async () => {
    const chain = Array.from({ length: 50 }, (_, index) => `n${String(index)}`);
    const files = Object.fromEntries(
      chain.map((name, index) => [`${name}.agent.yaml`, agentText(name, `dependsOn: [n${String((index + 1) % 50)}]`)]),
    );
    const { agents, diagnostics } = await read({ ...files, 'x.agent.yaml': agentText('x', 'dependsOn: [n7]') });
    expect(agents.map(({ name }) => name)).toEqual(['x']);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]?.related).toHaveLength(50);
  });
});

test('the order and the names of files change nothing', async () => {
  const texts = [
    agentText('a', 'dependsOn: [b, zz]'),
    agentText('b', 'services: [{ name: c }]'),
    agentText('c', 'dependsOn: [a]'),
    agentText('d', 'image: "x y"'),
    agentText('e', 'ports: ["8080:80"]'),
    agentText('f', 'dependsOn: [e, d]'),
  ];
  const summary = async (order: readonly string[], merged: boolean): Promise<string> => {
    const files = merged
      ? { 'agent.yaml': order.join('---\n') }
      : Object.fromEntries(order.map((text, index) => [`${String(index)}.agent.yaml`, text]));
    const { agents, diagnostics } = await read({ 'aac.yaml': projectText(), ...files });
    const sound = agents.map(({ name, dependsOn, ports }) => ({ name, dependsOn, ports }));
    return JSON.stringify([sound, diagnostics.map(({ message }) => message).sort()]);
  };
  const expected = await summary(texts, false);
  expect(expected).toContain('"name":"f"');
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(texts, { minLength: texts.length }), fc.boolean(), async (order, merged) => {
      expect(await summary(order, merged)).toBe(expected);
    }),
    { numRuns: 20 },
  );
});

describe('places', () => {
  test('count UTF-16 units and lines of any ending', async () => {
    const text = agentText('web', 'command: ["ü😀", 7]').replaceAll('\n', '\r\n');
    const { diagnostics } = await read({ 'agent.yaml': `\ufeff${text}` });
    expect(renderDiagnostics(diagnostics)).toBe(
      'agent.yaml:6:20-21: error[invalid-type]: `spec.command[1]` must be text, not a number\n    hint: put it in quotes: `"7"`\n',
    );
  });

  test('of many documents in one file are those of the file', async () => {
    const { diagnostics } = await read({ 'agent.yaml': `${agentText('a')}---\n${agentText('b', 'x: 1')}` });
    expect(diagnostics.map(({ range }) => range?.start.line)).toEqual([11]);
  });
});

describe('hostile input', () => {
  test('aliases that multiply are an error, not a hang', async () => {
    const lines = Array.from({ length: 30 }, (_, index) =>
      index === 0
        ? 'l0: &l0 [x, x]'
        : `l${String(index)}: &l${String(index)} [*l${String(index - 1)}, *l${String(index - 1)}]`,
    );
    const { problems } = await readSpec(`config:\n${lines.map((line) => `  ${line}`).join('\n')}`);
    expect(new Set(problems)).toEqual(new Set(['invalid-yaml: aliases repeat too much']));
  });

  test('names of the object prototype are keys like any other', async () => {
    const { problems } = await readSpec('__proto__: { image: x }\nconstructor: 1');
    expect(problems).toEqual([
      'unknown-field: unknown field `spec.__proto__`',
      'unknown-field: unknown field `spec.constructor`',
    ]);
  });

  test('an alias may repeat a list of another section', async () => {
    const { agent, problems } = await readSpec('command: &words [a, b]\nargs: *words');
    expect(problems).toEqual([]);
    expect(agent?.args).toEqual(['a', 'b']);
  });
});

describe('previous names', () => {
  const renamed = (name: string, ...previous: readonly string[]) =>
    agentText(name).replace(`name: ${name}\n`, `name: ${name}\n  previousNames: [${previous.join(', ')}]\n`);

  test('are kept with the agent', async () => {
    const { agents, diagnostics } = await read({ 'agent.yaml': renamed('site', 'web', 'page', 'web') });
    expect(diagnostics).toEqual([]);
    expect(agents[0]?.previousNames).toEqual(['web', 'page', 'web']);
  });

  test('that lead to more than one agent are errors at their lines', async () => {
    const { diagnostics } = await read({
      'a.agent.yaml': renamed('site', 'site', 'web', 'page'),
      'b.agent.yaml': renamed('web', 'page'),
    });
    expect(renderDiagnostics(diagnostics)).toMatchInlineSnapshot(`
      "a.agent.yaml:5:19-23: error[duplicate-name]: \`site\` is what the agent is called now, and no previous name of it
          hint: take it out
      a.agent.yaml:5:25-28: error[duplicate-name]: \`web\` is declared as an agent of its own, so \`site\` cannot take over what stands under it
          hint: take it out, or remove the manifest of \`web\`
      b.agent.yaml:5:19-23: error[duplicate-name]: two agents say that they were called \`page\` before
          hint: what stands under it can go on as one of them: take it out of the other
          a.agent.yaml:5:30: \`site\` says so, too
      "
    `);
  });
});
