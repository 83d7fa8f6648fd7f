import { describe, expect, it } from 'vitest';
import type { Address } from '../../../src/model/address.ts';
import type { SpecHash } from '../../../src/model/desired.ts';
import { fieldPath } from '../../../src/model/field-path.ts';
import type { AppliedRecord } from '../../../src/model/observed.ts';
import { fingerprint } from '../../../src/model/reference.ts';
import { toJson, type AgentSpec } from '../../../src/model/spec.ts';
import { containerConfig } from '../../../src/drivers/docker/container-config.ts';
import type { ContainerDetails } from '../../../src/drivers/docker/engine-types.ts';
import { liveSpec } from '../../../src/drivers/docker/live-spec.ts';

const spec: AgentSpec = {
  image: 'aac-test/busybox:1',
  command: ['sh', '-c'],
  args: ['sleep 1'],
  workingDir: '/srv/',
  environment: { LOG_LEVEL: 'debug', URL: 'http://a?b=c', TOKEN: { from: 'env', key: 'TOKEN' } },
  ports: { '8080/tcp': { host: 18080, hostIp: '127.0.0.1' }, '53/udp': { host: 0, hostIp: '0.0.0.0' } },
  volumes: {
    '/data': { type: 'bind', source: './data', readOnly: true },
    '/cache/': { type: 'volume', source: 'cache', readOnly: false },
    '/made': { type: 'bind', source: '../made', readOnly: false, create: true },
  },
  healthCheck: {
    type: 'command',
    command: ['true'],
    interval: 30_000,
    startInterval: 1_000,
    timeout: 10_000,
    retries: 3,
    startPeriod: 0,
    successThreshold: 2,
    onUnhealthy: 'restart',
  },
  resources: {
    limits: { cpu: 5e8, memory: 64 * 2 ** 20, pids: null },
    requests: { cpu: 123_456_789, memory: 32 * 2 ** 20 },
  },
  restartPolicy: { name: 'on-failure', maxRetries: 3 },
  labels: { team: 'desk' },
  network: { name: 'default', aliases: ['web'] },
  stop: { signal: 'SIGINT', gracePeriod: 1_500 },
  init: true,
  logging: { maxSize: 2 ** 20, maxFiles: 2 },
};

const surroundings = {
  workspace: 'shop',
  root: '/srv/shop',
  address: 'agent/web/0' as Address,
  environment: { LOG_LEVEL: 'debug', URL: 'http://a?b=c', TOKEN: 'hush' },
  labels: {},
  remote: false,
};

const record: AppliedRecord = {
  workspace: 'shop',
  address: 'agent/web/0' as Address,
  specHash: 'abc' as SpecHash,
  generation: 1,
  lastApplied: toJson(spec),
  fingerprints: { [fieldPath('environment', 'TOKEN')]: fingerprint('salt', 'hush') },
  dependsOn: [],
  protect: false,
  manifest: 'web.agent.yaml',
  directory: '/srv/shop',
  origin: 'manifest',
};

const context = { workspace: 'shop', root: '/srv/shop', networkIds: new Set(['net1']) };

/** What an engine from before 25 would say of a container that was made from the spec. */
function container(): ContainerDetails {
  const {
    HostConfig,
    NetworkingConfig: _,
    Healthcheck,
    ExposedPorts: __,
    ...config
  } = containerConfig(spec, surroundings);
  const { StartInterval: ___, StartPeriod: ____, ...health } = Healthcheck ?? {};
  return {
    Id: 'c1',
    Name: '/shop-web-0-abc',
    Created: '2026-01-01T00:00:00Z',
    Image: 'sha256:1',
    RestartCount: 0,
    State: {
      Status: 'running',
      Running: true,
      Paused: false,
      ExitCode: 0,
      Error: '',
      StartedAt: '2026-01-01T00:00:00Z',
    },
    Config: {
      ...config,
      Env: [...config.Env, 'PATH=/bin'],
      Cmd: config.Cmd ?? null,
      WorkingDir: '/srv',
      Healthcheck: health,
    },
    HostConfig,
    Mounts: HostConfig.Mounts.map((mount) => ({
      Type: mount.Type,
      ...(mount.Type === 'volume' ? { Name: mount.Source ?? '' } : {}),
      Source: mount.Type === 'volume' ? `/var/lib/docker/volumes/${mount.Source ?? ''}` : (mount.Source ?? ''),
      Destination: mount.Target.replace(/\/$/, ''),
      RW: !mount.ReadOnly,
    })),
    NetworkSettings: {
      Networks: { 'shop-default': { NetworkID: 'net1', IPAddress: '172.18.0.2', Aliases: ['web', 'web-0', 'c1'] } },
    },
  };
}

const live = (changed: ContainerDetails) => liveSpec(changed, record, context);

describe('a container as its spec', () => {
  it('is what was asked for, though the engine spells it its own way and drops what it does not know', () => {
    expect(live(container())).toEqual(toJson(spec));
  });

  it('shows values that changed, those behind references only as drifted', () => {
    const made = container();
    const changed = { ...made, Config: { ...made.Config, Env: ['LOG_LEVEL=info', 'TOKEN=other'] } };
    expect(live(changed).environment).toEqual({ LOG_LEVEL: 'info', TOKEN: { from: 'drifted' } });
    expect(JSON.stringify(live(changed))).not.toContain('other');
  });

  it('shows limits and the restart policy as they are', () => {
    const made = container();
    const RestartPolicy = { Name: 'always', MaximumRetryCount: 0 };
    const changed = {
      ...made,
      HostConfig: { ...made.HostConfig, Memory: 2 ** 30, NanoCpus: 0, PidsLimit: 9, RestartPolicy },
    };
    expect(live(changed)).toMatchObject({
      resources: { limits: { cpu: null, memory: 2 ** 30, pids: 9 } },
      restartPolicy: { name: 'always' },
    });
  });

  it('has no network once it is taken off it, or the network is another one', () => {
    const made = container();
    const Networks = { bridge: { NetworkID: 'b', IPAddress: '172.17.0.2' } };
    expect(live({ ...made, NetworkSettings: { Networks } })).not.toHaveProperty('network');
    expect(liveSpec(made, record, { ...context, networkIds: new Set(['net2']) })).not.toHaveProperty('network');
  });

  it('counts as attached before its first start, when the engine has no id for that yet', () => {
    const made = container();
    const Networks = { 'shop-default': { NetworkID: '', IPAddress: '', Aliases: ['web', 'web-0'] } };
    expect(live({ ...made, NetworkSettings: { Networks } })).toHaveProperty('network', spec.network);
  });

  it('shows binds from elsewhere relative to the root where they lie below it, else absolute', () => {
    const made = container();
    const move = (source: string) => {
      const Mounts = (made.Mounts ?? []).map((mount) =>
        mount.Destination === '/data' ? { ...mount, Source: source } : mount,
      );
      return live({ ...made, Mounts }).volumes;
    };
    expect(move('/srv/shop/other')).toMatchObject({ '/data': { source: './other' } });
    expect(move('/etc')).toMatchObject({ '/data': { source: '/etc' } });
  });

  it('lacks mounts, ports and health checks that it does not have', () => {
    const made = container();
    const bare = {
      ...made,
      Mounts: null,
      HostConfig: { ...made.HostConfig, PortBindings: {} },
      Config: { ...made.Config, Healthcheck: null },
    };
    expect(live(bare)).toMatchObject({ volumes: {}, ports: {} });
    expect(live(bare)).not.toHaveProperty('healthCheck');
  });

  it('keeps what a later aac recorded and this one does not know', () => {
    const later = { ...record, lastApplied: { ...record.lastApplied, sidecar: 'on' } };
    expect(liveSpec(container(), later, context)).toHaveProperty('sidecar', 'on');
  });
});

describe('the configuration of a container', () => {
  it('leaves out limits that there are none of, and asks for swap no more than memory', () => {
    const { HostConfig } = containerConfig(spec, surroundings);
    expect(HostConfig).toMatchObject({ NanoCpus: 5e8, Memory: 64 * 2 ** 20, MemorySwap: 64 * 2 ** 20 });
    expect(HostConfig).not.toHaveProperty('PidsLimit');
  });

  it('is found on its network by its agent’s name and by its own', () => {
    expect(containerConfig(spec, surroundings).NetworkingConfig).toEqual({
      EndpointsConfig: { 'shop-default': { Aliases: ['web', 'web-0'] } },
    });
  });

  it('puts an image’s own health check to rest where aac does the asking', () => {
    const { interval, startInterval, timeout, retries, startPeriod, successThreshold, onUnhealthy } = spec.healthCheck!;
    const timing = { interval, startInterval, timeout, retries, startPeriod, successThreshold, onUnhealthy };
    const asked = { ...spec, healthCheck: { ...timing, type: 'tcp', port: 80 } as const };
    expect(containerConfig(asked, surroundings).Healthcheck).toEqual({ Test: ['NONE'] });
  });

  it('lets an engine on another machine make the sources that may be made', () => {
    const { HostConfig } = containerConfig(spec, { ...surroundings, remote: true });
    expect(HostConfig.Binds).toEqual(['/srv/made:/made']);
    expect(HostConfig.Mounts.map((mount) => mount.Target)).toEqual(['/cache/', '/data']);
  });
});
