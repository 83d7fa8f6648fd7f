import { describe, expect, it } from 'vitest';
import { compileAgent, compileSharedProcesses } from '../../../src/drivers/process/compile-agent.ts';
import type { Agent, WrittenField } from '../../../src/model/agent.ts';
import { nowhere, type SourceRange } from '../../../src/model/source.ts';

const at = { line: 7, column: 3, offset: 90 };
const range: SourceRange = { file: 'agent.yaml', start: at, end: at };

function written(name: string, value?: WrittenField['value']): WrittenField {
  return { name, ...(value === undefined ? {} : { value }), range: () => range };
}

function agent(more: Partial<Agent> = {}): Agent {
  return {
    name: 'web',
    driver: 'process',
    file: 'web/agent.yaml',
    folder: './web',
    labels: {},
    image: 'web:latest',
    imagePullPolicy: 'IfNotPresent',
    command: ['node', 'server.js'],
    environment: {},
    secrets: [],
    ports: {},
    volumes: [],
    resources: { limits: {}, requests: {} },
    network: {
      mode: { type: 'bridge' },
      dns: [],
      dnsSearch: [],
      aliases: [],
      extraHosts: {},
      allowExternalConnections: true,
      allowedHosts: [],
    },
    services: [],
    dependsOn: [],
    replicas: { count: 1 },
    security: { readOnlyRootFilesystem: false, capabilities: { add: [], drop: [] }, noNewPrivileges: true },
    restartPolicy: { name: 'always', maxRetries: 0 },
    stop: { signal: 'SIGTERM', gracePeriod: 30_000 },
    init: true,
    deployment: { maxSurge: 1, maxUnavailable: 0, minReadySeconds: 0, progressDeadline: 600_000, autoRollback: false },
    logging: { maxSize: 10_485_760, maxFiles: 5 },
    lifecycle: { protect: false, ignoreDifferences: [], bestEffort: [] },
    written: [],
    source: nowhere,
    ...more,
  };
}

function spec(of: Agent): Record<string, unknown> {
  const { templates, diagnostics } = compileAgent(of);
  expect(diagnostics).toEqual([]);
  return templates[0]!.spec;
}

describe('an agent as a process', () => {
  it('has the command, folder and stop of its manifest, and no image or network', () => {
    const compiled = spec(agent({ args: ['--verbose'], written: [written('image', 'web:1'), written('init', true)] }));
    expect(compiled).toMatchObject({
      command: ['node', 'server.js'],
      args: ['--verbose'],
      workingDir: './web',
      stop: { signal: 'SIGTERM', gracePeriod: 30_000 },
      volumes: {},
    });
    for (const absent of ['image', 'network', 'init']) expect(compiled).not.toHaveProperty(absent);
    expect(compileAgent(agent()).templates[0]).not.toHaveProperty('image');
  });

  it.each([
    ['python', ['python', 'main.py']],
    ['nodejs', ['node', 'index.js']],
    ['go', ['./app']],
    ['rust', ['./app']],
  ] as const)('written in %s runs %j unless told', (language, command) => {
    const { command: _, ...rest } = agent();
    expect(spec({ ...rest, runtime: { language } })).toMatchObject({ command });
    expect(spec(agent({ runtime: { language } }))).toMatchObject({ command: ['node', 'server.js'] });
  });

  it.each([
    ['.', undefined, '.'],
    ['.', 'sub', './sub'],
    ['./web', undefined, './web'],
    ['./web', '.', './web'],
    ['./web', './sub/', './web/sub'],
    ['./web', '..', '.'],
    ['./web', '../other', './other'],
    ['./web', '../../beside', '../beside'],
    ['./web', '/srv/app', '/srv/app'],
  ])('in %s with the working directory %s runs in %s', (folder, workingDir, expected) => {
    const placed = agent({ folder, ...(workingDir === undefined ? {} : { workingDir }) });
    expect(spec(placed)).toMatchObject({ workingDir: expected });
  });

  it('keeps references as references', () => {
    const environment = { LEVEL: 'debug', TOKEN: { from: 'env', key: 'TOKEN' } } as const;
    const [template] = compileAgent(agent({ environment })).templates;
    expect(template?.spec).toMatchObject({ environment });
    expect([...template!.references.keys()]).toEqual(['/environment/TOKEN']);
  });

  it('without anything to run is an error that says what to write', () => {
    const { command: _, ...rest } = agent({ written: [written('metadata.name', 'web')] });
    expect(compileAgent(rest)).toEqual({
      templates: [],
      diagnostics: [
        {
          code: 'missing-field',
          severity: 'error',
          message: 'agent `web` has no command: the process driver runs no images',
          hint: 'set `command`, or a `runtime` that has one',
          address: 'agent/web',
          range,
        },
      ],
    });
    expect(compileAgent({ ...rest, runtime: { language: 'java' } }).diagnostics).toMatchObject([
      { message: 'agent `web` has no command: runtime `java` has no default command', hint: 'set `command`' },
    ]);
  });

  it('with a signal that does not exist is an error at its line', () => {
    const stop = { signal: 'SIGSTOPIT', gracePeriod: 0 };
    expect(compileAgent(agent({ stop, written: [written('stop.signal', 'SIGSTOPIT')] })).diagnostics).toMatchObject([
      { code: 'invalid-value', severity: 'error', message: 'this system has no signal `SIGSTOPIT`', range },
    ]);
  });
});

describe('what a process cannot have', () => {
  it.each([
    [written('network.mode', 'bridge'), '`network.mode: bridge` is not supported by the process driver'],
    [written('network.mode', 'none'), '`network.mode: none` is not supported by the process driver'],
    [written('network.mode', 'backend'), '`network.mode: backend` is not supported by the process driver'],
    [written('network.dns'), '`network.dns` is not supported by the process driver'],
    [written('network.extraHosts'), '`network.extraHosts` is not supported by the process driver'],
    [
      written('network.security.allowedHosts'),
      '`network.security.allowedHosts` is not supported yet by the process driver',
    ],
    [written('volumes.target', '/data'), '`volumes.target: /data` is not supported by the process driver'],
    [written('volumes.target', 'data'), '`volumes.target` is not supported yet by the process driver'],
    [written('resources.limits.memory', '1Gi'), '`resources.limits.memory` is not supported yet by the process driver'],
    [written('security.runAsUser', 1), '`security.runAsUser` is not supported yet by the process driver'],
    [written('secrets.mountPath', '/x'), '`secrets.mountPath` is not supported by the process driver'],
    [written('services.name', 'db'), '`services.name` is not supported yet by the process driver'],
    [written('deployment.strategy', 'rolling'), '`deployment.strategy` is not supported yet by the process driver'],
    [written('autoscaling.enabled', true), '`autoscaling.enabled` is not supported yet by the process driver'],
    [written('logging.maxSize', '1Mi'), '`logging.maxSize` is not supported yet by the process driver'],
  ])('is refused at its line: $name $value', (field, message) => {
    expect(compileAgent(agent({ written: [field] }))).toMatchObject({
      templates: [],
      diagnostics: [{ code: 'unsupported-field', severity: 'error', message, range }],
    });
  });

  it.each([
    written('network.mode', 'host'),
    written('network.ports.container', 8080),
    written('environment.from', 'env'),
    written('environment.from', 'secret'),
    written('secrets.name', 'db'),
    written('scaling.replicas', 2),
    written('healthCheck.type', 'file'),
    written('lifecycle.protect', true),
  ])('is not $name $value', (field) => {
    expect(compileAgent(agent({ written: [field] })).diagnostics).toEqual([]);
  });

  it('is a warning where the manifest allows to go without it', () => {
    const lenient = agent({
      volumes: [{ type: 'bind', source: './data', target: '/data', readOnly: false, create: false }],
      written: [written('volumes.target', '/data')],
      lifecycle: { protect: false, ignoreDifferences: [], bestEffort: ['volumes'] },
    });
    const { templates, diagnostics } = compileAgent(lenient);
    expect(diagnostics).toMatchObject([{ severity: 'warning' }]);
    expect(templates[0]!.spec).toMatchObject({ volumes: {} });
  });
});

describe('what processes share', () => {
  it('is nothing but one note that nobody restarts them', () => {
    expect(compileSharedProcesses([agent(), agent({ name: 'other' })])).toEqual({
      templates: [],
      diagnostics: [
        {
          code: 'unsupervised',
          severity: 'note',
          message: 'nothing restarts crashed processes until `aac watch` runs',
        },
      ],
    });
  });

  it('is nothing at all where nothing is to be restarted', () => {
    const once = agent({ restartPolicy: { name: 'never', maxRetries: 0 } });
    expect(compileSharedProcesses([once])).toEqual({ templates: [], diagnostics: [] });
  });
});
