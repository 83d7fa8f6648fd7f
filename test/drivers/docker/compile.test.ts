import { describe, expect, it } from 'vitest';
import type { Agent, WrittenField } from '../../../src/model/agent.ts';
import { compileAgent, compileShared } from '../../../src/drivers/docker/compile.ts';
import { fieldPath } from '../../../src/model/field-path.ts';
import type { SourceRange } from '../../../src/model/source.ts';
import { agentOf, projectOf } from '../../contract/calls.ts';

const project = {
  ...projectOf('shop', '/srv/shop'),
  networks: {
    default: { internal: false, external: false },
    backend: { internal: true, external: false },
    shared: { internal: false, external: true },
    unused: { internal: false, external: false },
  },
};

const range: SourceRange = {
  file: 'web.agent.yaml',
  start: { line: 7, column: 3, offset: 90 },
  end: { line: 7, column: 9, offset: 96 },
};

function written(name: string, value?: WrittenField['value']): WrittenField {
  return { name, range: () => range, ...(value === undefined ? {} : { value }) };
}

function compiled(fields: Partial<Agent>) {
  return compileAgent(agentOf('docker', 'web', fields), project);
}

describe('an agent', () => {
  it('is compiled to the shape that is observed, on the default network under its own name', () => {
    const { templates, diagnostics } = compiled({
      volumes: [{ type: 'volume', source: 'cache', target: '/c', readOnly: false }],
    });
    expect(diagnostics).toEqual([]);
    expect(templates).toHaveLength(1);
    expect(templates[0]).toMatchObject({
      address: 'agent/web',
      driver: 'docker',
      image: { name: 'aac-test/busybox:1', pullPolicy: 'IfNotPresent' },
      spec: {
        image: 'aac-test/busybox:1',
        network: { name: 'default', aliases: ['web'] },
        init: true,
        resources: { limits: { cpu: null, memory: null, pids: null } },
      },
      dependsOn: [
        { address: 'network/default', until: 'exists' },
        { address: 'volume/cache', until: 'exists' },
      ],
    });
  });

  it('on a named network stands on that one', () => {
    const [template] = compiled({
      network: { ...agentOf('docker', 'web').network, mode: { type: 'named', name: 'backend' } },
    }).templates;
    expect(template?.spec).toMatchObject({ network: { name: 'backend' } });
    expect(template?.dependsOn.map(({ address }) => address)).toEqual(['network/backend']);
  });

  it('has limits that change in place, of which only that of the CPU cannot be taken away so', () => {
    const unset = new Map(compiled({}).templates[0]?.mutable.map((field) => [field.path, field.unset]));
    expect(unset.get(fieldPath('resources', 'limits', 'cpu'))).toBe('replace');
    expect(unset.get(fieldPath('resources', 'limits', 'memory'))).toBe('in-place');
    expect(unset.get(fieldPath('restartPolicy', 'name'))).toBe('in-place');
  });

  it('that asks for what the engine cannot give is refused at its line', () => {
    const { templates, diagnostics } = compiled({ written: [written('resources.requests.ephemeral-storage')] });
    expect(templates).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: 'unsupported-field', severity: 'error', range }]);
    expect(diagnostics[0]?.message).toContain('is not supported by the docker driver');
  });

  it('is refused once for a section that has several fields, and for each field that is refused by itself', () => {
    const { diagnostics } = compiled({
      written: [written('resources.requests.ephemeral-storage'), written('resources.requests.ephemeral-storage.more')],
    });
    expect(diagnostics.map(({ message }) => message.split(' ')[0])).toEqual(['`resources.requests.ephemeral-storage`']);
  });

  it.each([
    ['volumes.type', 'bind'],
    ['network.mode', 'bridge'],
    ['environment.from', 'env'],
    ['scaling.replicas', 2],
    ['scaling.maxReplicas', 2],
    ['autoscaling.enabled', true],
    ['runtime', 'nodejs'],
    ['lifecycle.ignoreDifferences'],
    ['healthCheck.onUnhealthy', 'none'],
    ['deployment.autoRollback', true],
  ] as const)('that asks for %s %s is accepted', (name, value?: WrittenField['value']) => {
    expect(compiled({ written: [written(name, value)] }).diagnostics).toEqual([]);
  });

  it('runs without what `bestEffort` lists, with a warning', () => {
    const { templates, diagnostics } = compiled({
      written: [written('resources.requests.ephemeral-storage')],
      lifecycle: {
        protect: false,
        ignoreDifferences: [],
        bestEffort: ['resources.requests.ephemeral-storage'],
      },
    });
    expect(diagnostics.map(({ severity }) => severity)).toEqual(['warning']);
    expect(templates[0]?.dependsOn.map(({ address }) => address)).toEqual(['network/default']);
  });

  it('on an external network stands on no network of the project', () => {
    const network = { ...agentOf('docker', 'web').network, mode: { type: 'named', name: 'shared' } } as const;
    const [template] = compiled({ network }).templates;
    expect(template?.spec).toMatchObject({ network: { name: 'shared', external: true } });
    expect(template?.dependsOn).toEqual([]);
    expect(compileShared([agentOf('docker', 'web', { network })], project).templates).toEqual([]);
  });

  it.each(['host', 'none'] as const)('on `%s` stands on no network and has no other name', (type) => {
    const network = { ...agentOf('docker', 'web').network, mode: { type } };
    const [template] = compiled({ network }).templates;
    expect(template?.spec).toMatchObject({ network: { name: type, aliases: [] } });
    expect(template?.dependsOn).toEqual([]);
  });

  it('knows what it calls by name, by address and by variables that its own override', () => {
    const services = [
      { name: 'vector-store', port: 6333 },
      { name: 'ledger', host: '10.0.0.9', port: 80 },
      { name: 'mail', host: 'smtp.example.org' },
    ];
    const [template] = compiled({ services, environment: { MAIL_HOST: 'localhost' } }).templates;
    expect(template?.spec).toMatchObject({
      environment: {
        VECTOR_STORE_HOST: 'vector-store',
        VECTOR_STORE_PORT: '6333',
        LEDGER_HOST: '10.0.0.9',
        LEDGER_PORT: '80',
        MAIL_HOST: 'localhost',
      },
      network: { extraHosts: { ledger: '10.0.0.9' } },
    });
  });
});

describe('what agents share', () => {
  it('is each network and volume that one of them stands on, once', () => {
    const volume = { type: 'volume', source: 'cache', target: '/cache', readOnly: false } as const;
    const network = { ...agentOf('docker', 'db').network, mode: { type: 'named', name: 'backend' } } as const;
    const agents = [
      agentOf('docker', 'web', { volumes: [volume] }),
      agentOf('docker', 'api', { volumes: [volume, { ...volume, source: 'models' }] }),
      agentOf('docker', 'db', { network }),
    ];
    const { templates } = compileShared(agents, project);
    expect(templates.map(({ address, spec }) => [address, spec])).toEqual([
      ['network/backend', { internal: true }],
      ['network/default', { internal: false }],
      ['volume/cache', {}],
      ['volume/models', {}],
    ]);
  });

  it('is nothing where there are no agents', () => {
    expect(compileShared([], project).templates).toEqual([]);
  });
});
