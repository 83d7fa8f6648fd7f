import { describe, expect, it } from 'vitest';
import type { Compiled } from '../../../src/drivers/driver.ts';
import { compileAgent, compileSharedProcesses } from '../../../src/drivers/process/compile-agent.ts';
import type { Machine } from '../../../src/drivers/process/machine.ts';
import type { Agent, WrittenField } from '../../../src/model/agent.ts';
import { projectOf } from '../../contract/calls.ts';
import { nowhere, type SourceRange } from '../../../src/model/source.ts';

const withCgroups: Machine = {
  user: 0,
  cgroups: {
    version: 'v1',
    parents: { memory: '/cgroup/memory/aac', cpu: '/cgroup/cpu/aac', pids: '/cgroup/pids/aac' },
  },
};
const withoutCgroups: Machine = { cgroups: undefined, user: 1000 };

function compile(of: Agent, machine = withCgroups): Compiled {
  return compileAgent(of, machine);
}

function compileShared(agents: readonly Agent[], machine = withCgroups): Compiled {
  return compileSharedProcesses(agents, projectOf('support-desk', '/'), machine);
}

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
  const { templates, diagnostics } = compile(of);
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
    expect(compile(agent()).templates[0]).not.toHaveProperty('image');
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
    const [template] = compile(agent({ environment })).templates;
    expect(template?.spec).toMatchObject({ environment });
    expect([...template!.references.keys()]).toEqual(['/environment/TOKEN']);
  });

  it('without anything to run is an error that says what to write', () => {
    const { command: _, ...rest } = agent({ written: [written('metadata.name', 'web')] });
    expect(compile(rest)).toEqual({
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
    expect(compile({ ...rest, runtime: { language: 'java' } }).diagnostics).toMatchObject([
      { message: 'agent `web` has no command: runtime `java` has no default command', hint: 'set `command`' },
    ]);
  });

  it('with a signal that does not exist is an error at its line', () => {
    const stop = { signal: 'SIGSTOPIT', gracePeriod: 0 };
    expect(compile(agent({ stop, written: [written('stop.signal', 'SIGSTOPIT')] })).diagnostics).toMatchObject([
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
    [written('volumes.target', '/data'), '`volumes.target: /data` is not supported by the process driver'],
    [written('volumes.target', 'data'), '`volumes.target` is not supported yet by the process driver'],
    [
      written('resources.limits.ephemeral-storage', '1Gi'),
      '`resources.limits.ephemeral-storage` is not supported yet by the process driver',
    ],
    [written('security.seccompProfile'), '`security.seccompProfile` is not supported by the process driver'],
    [written('secrets.mountPath', '/x'), '`secrets.mountPath` is not supported by the process driver'],
    [written('services.name', 'db'), '`services.name` is not supported yet by the process driver'],
  ])('is refused at its line: $name $value', (field, message) => {
    expect(compile(agent({ written: [field] }))).toMatchObject({
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
    written('scaling.maxReplicas', 2),
    written('autoscaling.enabled', true),
    written('healthCheck.type', 'file'),
    written('lifecycle.protect', true),
  ])('is not $name $value', (field) => {
    expect(compile(agent({ written: [field] })).diagnostics).toEqual([]);
  });

  it('is a warning where the manifest allows to go without it', () => {
    const lenient = agent({
      volumes: [{ type: 'bind', source: './data', target: '/data', readOnly: false, create: false }],
      written: [written('volumes.target', '/data')],
      lifecycle: { protect: false, ignoreDifferences: [], bestEffort: ['volumes'] },
    });
    const { templates, diagnostics } = compile(lenient);
    expect(diagnostics).toMatchObject([{ severity: 'warning' }]);
    expect(templates[0]!.spec).toMatchObject({ volumes: {} });
  });
});

describe('what processes share', () => {
  it('is nothing but one note that nobody restarts them', () => {
    expect(compileShared([agent(), agent({ name: 'other' })])).toEqual({
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
    expect(compileShared([once])).toEqual({ templates: [], diagnostics: [] });
  });
});

describe('limits', () => {
  const resources: Agent['resources'] = {
    limits: { cpu: 5e8, memory: 1e9, pids: 20 },
    requests: { cpu: 1e8, memory: 1e8 },
  };
  const fields = ['limits.cpu', 'limits.memory', 'limits.pids', 'requests.cpu', 'requests.memory'];
  const limited = agent({ resources, written: fields.map((field) => written(`resources.${field}`)) });

  it('are held by a cgroup where one can be made, and one note says so', () => {
    expect(spec(limited)).toMatchObject({ resources });
    expect(compileShared([limited, limited]).diagnostics).toMatchObject([
      { code: 'unsupervised' },
      { code: 'limits-enforced', severity: 'note', message: 'limits enforced by cgroup v1' },
    ]);
  });

  it('without one are errors at their lines, but for that of memory', () => {
    const { diagnostics } = compile(limited, withoutCgroups);
    expect(diagnostics.map(({ severity, message }) => `${severity} ${message.split(' ')[0] ?? ''}`)).toEqual([
      'error `resources.limits.cpu`',
      'error `resources.limits.pids`',
      'error `resources.requests.cpu`',
      'error `resources.requests.memory`',
    ]);
    expect(diagnostics.every((diagnostic) => diagnostic.range === range)).toBe(true);
  });

  it('without one are left out where the manifest allows it, and memory is watched over', () => {
    const bestEffort = ['resources.limits.cpu', 'resources.limits.pids', 'resources.requests'];
    const lenient = { ...limited, lifecycle: { ...limited.lifecycle, bestEffort } };
    const { templates, diagnostics } = compile(lenient, withoutCgroups);
    expect(templates[0]?.spec).toMatchObject({ resources: { limits: { cpu: null, memory: 1e9, pids: null } } });
    expect(diagnostics.map(({ severity }) => severity)).toEqual(Array(4).fill('warning'));
    expect(compileShared([lenient], withoutCgroups).diagnostics.at(-1)?.message).toContain('enforced by a watchdog');
  });
});

describe('the user of a process', () => {
  const security: Agent['security'] = { ...agent().security, runAsUser: 1000, runAsGroup: 50 };
  const somebody = agent({ security, written: [written('security.runAsUser', 1000)] });

  it('is the one asked for when aac is root', () => {
    expect(spec(somebody)).toMatchObject({ security: { runAsUser: 1000, runAsGroup: 50 } });
    expect(spec(agent())).not.toHaveProperty('security');
  });

  it('is an error at its line for everybody else, but for who asks to be who it is', () => {
    expect(compile(somebody, { ...withCgroups, user: 1000 })).toMatchObject({ diagnostics: [] });
    expect(compile(somebody, { ...withCgroups, user: 1001 }).diagnostics).toMatchObject([
      { severity: 'error', message: '`security.runAsUser: 1000` is not supported by the process driver', range },
    ]);
  });

  it('may not be root where the manifest says so', () => {
    const never = agent({ written: [written('security.runAsNonRoot', true)] });
    expect(compile(never).diagnostics).toMatchObject([{ severity: 'error', hint: 'set `runAsUser`' }]);
    expect(compile(never, { ...withCgroups, user: 1000 }).diagnostics).toEqual([]);
    expect(compile({ ...never, security }).diagnostics).toEqual([]);
  });
});
