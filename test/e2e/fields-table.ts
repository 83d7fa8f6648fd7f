import type { ContainerInspectInfo } from 'dockerode';
import type { Json } from '../../src/util/json.ts';

/** Part of a manifest: `metadata` and `spec`. */
export interface Written {
  readonly metadata?: Readonly<Record<string, Json>>;
  readonly spec?: Readonly<Record<string, Json>>;
}

/** What the engine says of a container, with what the types of its client leave out. */
export type Seen = ContainerInspectInfo & {
  readonly Config: {
    readonly StopSignal?: string;
    readonly StopTimeout?: number;
    readonly Healthcheck?: Readonly<Record<string, unknown>>;
  };
};

/**
 * Fields that are written, then written differently. Rows that name the same `agent` share one container, so they must
 * not get into each other's way; lists of theirs are joined.
 */
export interface Row {
  /** The manifest's names of what it is about. */
  readonly fields: readonly string[];
  readonly agent: string;
  readonly before: Written;
  readonly after: Written;
  /** What of the engine's own view shows it, before and after. */
  readonly seen: (container: Seen) => unknown;
  readonly shows: readonly [before: unknown, after: unknown];
  /** Plan field → what stands on the line that the plan has to name, and whether the field forces a replacement. */
  readonly changes: Readonly<Record<string, { readonly line: RegExp; readonly action: 'update' | 'replace' }>>;
}

const replaced = (line: RegExp) => ({ line, action: 'replace' }) as const;
const updated = (line: RegExp) => ({ line, action: 'update' }) as const;
const spec = (fields: Readonly<Record<string, Json>>): Written => ({ spec: fields });
const variable = (name: string) => (container: Seen) =>
  container.Config.Env.find((entry) => entry.startsWith(`${name}=`));
const aliasesOf = ({ NetworkSettings }: Seen) =>
  Object.values(NetworkSettings.Networks)
    .flatMap(({ Aliases }) => (Aliases as readonly string[] | null) ?? [])
    .filter((alias) => alias.startsWith('known-as'));
const portsOf = (port: string) => (container: Seen) =>
  (container.HostConfig.PortBindings as Record<string, unknown> | null)?.[port];
const mountOf = (target: string) => (container: Seen) => {
  const mount = container.Mounts.find(({ Destination }) => Destination === target);
  return mount && [mount.Type, mount.Source.split('/').at(-1), mount.RW];
};
const seconds = (count: number): number => count * 1e9;

/** What every agent of the table is besides its rows; the engine never gets to run its health check in vain. */
export const base = spec({ image: 'aac-test/busybox:1', stop: { gracePeriod: '1s' } });

export const rows: readonly Row[] = [
  {
    fields: ['metadata.labels'],
    agent: 'many',
    before: { metadata: { labels: { team: 'desk' } } },
    after: { metadata: { labels: { team: 'field' } } },
    seen: ({ Config }) => Config.Labels['dev.aac.label/team'],
    shows: ['desk', 'field'],
    changes: { '/labels/team': replaced(/team: field/) },
  },
  {
    fields: ['spec.image'],
    agent: 'many',
    before: spec({ image: 'aac-test/busybox:1' }),
    after: spec({ image: 'aac-test/node:20' }),
    seen: ({ Config }) => Config.Image,
    shows: ['aac-test/busybox:1', 'aac-test/node:20'],
    changes: { '/image': replaced(/image:/) },
  },
  {
    fields: ['spec.command', 'spec.args', 'spec.workingDir'],
    agent: 'many',
    before: spec({ command: ['sleep'], args: ['1000'], workingDir: '/tmp' }),
    after: spec({ command: ['/bin/sleep'], args: ['2000'], workingDir: '/root' }),
    seen: ({ Config }) => [Config.Entrypoint, Config.Cmd, Config.WorkingDir],
    shows: [
      [['sleep'], ['1000'], '/tmp'],
      [['/bin/sleep'], ['2000'], '/root'],
    ],
    changes: { '/command': replaced(/command:/), '/args': replaced(/args:/), '/workingDir': replaced(/workingDir/) },
  },
  {
    fields: ['spec.model.provider', 'spec.model.name'],
    agent: 'many',
    before: spec({ model: { provider: 'acme', name: 'small' } }),
    after: spec({ model: { provider: 'other', name: 'large' } }),
    seen: (container) => [variable('AAC_MODEL_PROVIDER')(container), variable('AAC_MODEL_NAME')(container)],
    shows: [
      ['AAC_MODEL_PROVIDER=acme', 'AAC_MODEL_NAME=small'],
      ['AAC_MODEL_PROVIDER=other', 'AAC_MODEL_NAME=large'],
    ],
    changes: {
      '/environment/AAC_MODEL_PROVIDER': replaced(/provider: other/),
      '/environment/AAC_MODEL_NAME': replaced(/name: large/),
    },
  },
  {
    fields: ['spec.environment.name', 'spec.environment.value'],
    agent: 'many',
    before: spec({ environment: [{ name: 'LOG_LEVEL', value: 'info' }] }),
    after: spec({ environment: [{ name: 'LOG_LEVEL', value: 'debug' }] }),
    seen: variable('LOG_LEVEL'),
    shows: ['LOG_LEVEL=info', 'LOG_LEVEL=debug'],
    changes: { '/environment/LOG_LEVEL': replaced(/value: debug/) },
  },
  {
    fields: [
      'spec.environment.from',
      'spec.environment.envKey',
      'spec.environment.defaultValue',
      'spec.environment.sensitive',
    ],
    agent: 'many',
    before: spec({
      environment: [
        { name: 'FROM_ENV', from: 'env', envKey: 'AAC_NOT_SET', defaultValue: 'one' },
        { name: 'OPEN', from: 'env', envKey: 'AAC_NOT_SET', defaultValue: 'three', sensitive: false },
      ],
    }),
    after: spec({
      environment: [
        { name: 'FROM_ENV', from: 'env', envKey: 'AAC_NOT_SET_EITHER', defaultValue: 'two' },
        { name: 'OPEN', from: 'env', envKey: 'AAC_NOT_SET', defaultValue: 'four', sensitive: false },
      ],
    }),
    seen: (container) => [variable('FROM_ENV')(container), variable('OPEN')(container)],
    shows: [
      ['FROM_ENV=one', 'OPEN=three'],
      ['FROM_ENV=two', 'OPEN=four'],
    ],
    changes: { '/environment/FROM_ENV': replaced(/from: env/), '/environment/OPEN': replaced(/from: env/) },
  },
  {
    fields: ['spec.config', 'spec.environment.configKey'],
    agent: 'many',
    before: spec({
      config: { depth: { search: 3 } },
      environment: [{ name: 'DEPTH', from: 'config', configKey: 'depth.search' }],
    }),
    after: spec({
      config: { depth: { search: 5 } },
      environment: [{ name: 'DEPTH', from: 'config', configKey: 'depth.search' }],
    }),
    seen: variable('DEPTH'),
    shows: ['DEPTH=3', 'DEPTH=5'],
    changes: { '/environment/DEPTH': replaced(/from: config/) },
  },
  {
    fields: ['spec.ports.container', 'spec.ports.host', 'spec.ports.hostIp', 'spec.ports.protocol'],
    agent: 'many',
    before: spec({ ports: [{ container: 8080, host: 0, hostIp: '127.0.0.1', protocol: 'udp' }] }),
    after: spec({ ports: [{ container: 8080, host: 0, hostIp: '0.0.0.0', protocol: 'udp' }] }),
    seen: portsOf('8080/udp'),
    shows: [[{ HostIp: '127.0.0.1', HostPort: '0' }], [{ HostIp: '0.0.0.0', HostPort: '0' }]],
    changes: { '/ports/8080~1udp/hostIp': replaced(/hostIp/) },
  },
  {
    fields: [
      'spec.network.ports.container',
      'spec.network.ports.host',
      'spec.network.ports.hostIp',
      'spec.network.ports.protocol',
    ],
    agent: 'many',
    before: spec({ network: { ports: [{ container: 9090, host: 0, hostIp: '127.0.0.1', protocol: 'tcp' }] } }),
    after: spec({ network: { ports: [{ container: 9091, host: 0, hostIp: '127.0.0.1', protocol: 'tcp' }] } }),
    seen: (container) => [portsOf('9090/tcp')(container), portsOf('9091/tcp')(container)],
    shows: [
      [[{ HostIp: '127.0.0.1', HostPort: '0' }], undefined],
      [undefined, [{ HostIp: '127.0.0.1', HostPort: '0' }]],
    ],
    changes: { '/ports/9090~1tcp': replaced(/./), '/ports/9091~1tcp': replaced(/container: 9091/) },
  },
  {
    fields: ['spec.volumes.type', 'spec.volumes.source', 'spec.volumes.target', 'spec.volumes.readOnly'],
    agent: 'many',
    before: spec({ volumes: [{ type: 'bind', source: './one', target: '/data', readOnly: true }] }),
    after: spec({ volumes: [{ type: 'bind', source: './two', target: '/data', readOnly: false }] }),
    seen: mountOf('/data'),
    shows: [
      ['bind', 'one', false],
      ['bind', 'two', true],
    ],
    changes: { '/volumes/~1data/source': replaced(/\.\/two/), '/volumes/~1data/readOnly': replaced(/readOnly/) },
  },
  {
    fields: ['spec.volumes.create'],
    agent: 'many',
    before: spec({ volumes: [{ type: 'bind', source: './made', target: '/made', create: true }] }),
    after: spec({ volumes: [{ type: 'bind', source: './made-too', target: '/made', create: true }] }),
    seen: mountOf('/made'),
    shows: [
      ['bind', 'made', true],
      ['bind', 'made-too', true],
    ],
    changes: { '/volumes/~1made/source': replaced(/made-too/) },
  },
  {
    fields: ['spec.volumes.size'],
    agent: 'many',
    before: spec({ volumes: [{ type: 'tmpfs', target: '/scratch', size: '1Mi' }] }),
    after: spec({ volumes: [{ type: 'tmpfs', target: '/scratch', size: '2Mi' }] }),
    seen: ({ HostConfig }) => HostConfig.Mounts?.find(({ Target }) => Target === '/scratch')?.TmpfsOptions?.SizeBytes,
    shows: [2 ** 20, 2 ** 21],
    changes: { '/volumes/~1scratch/size': replaced(/size: 2Mi/) },
  },
  {
    fields: [
      'spec.healthCheck.type',
      'spec.healthCheck.command',
      'spec.healthCheck.interval',
      'spec.healthCheck.timeout',
      'spec.healthCheck.retries',
      'spec.healthCheck.startPeriod',
    ],
    agent: 'many',
    before: spec({
      healthCheck: {
        type: 'command',
        command: ['true'],
        interval: '20s',
        timeout: '5s',
        retries: 2,
        startPeriod: '3s',
      },
    }),
    after: spec({
      healthCheck: {
        type: 'command',
        command: ['sh', '-c', 'exit 0'],
        interval: '25s',
        timeout: '6s',
        retries: 4,
        startPeriod: '4s',
      },
    }),
    seen: ({ Config: { Healthcheck: check = {} } }) => [
      check.Test,
      check.Interval,
      check.Timeout,
      check.Retries,
      check.StartPeriod,
    ],
    shows: [
      [['CMD', 'true'], seconds(20), seconds(5), 2, seconds(3)],
      [['CMD', 'sh', '-c', 'exit 0'], seconds(25), seconds(6), 4, seconds(4)],
    ],
    changes: {
      '/healthCheck/command': replaced(/command|sh/),
      '/healthCheck/interval': replaced(/interval/),
      '/healthCheck/timeout': replaced(/timeout/),
      '/healthCheck/retries': replaced(/retries/),
      '/healthCheck/startPeriod': replaced(/startPeriod/),
    },
  },
  {
    fields: ['spec.healthCheck.path', 'spec.healthCheck.port'],
    agent: 'checked',
    before: spec({
      image: 'aac-test/node:20',
      command: ['node', '-e', "require('http').createServer((q, s) => s.end()).listen(8080)"],
      healthCheck: { path: '/one', port: 8080, startInterval: '100ms' },
    }),
    after: spec({
      image: 'aac-test/node:20',
      command: ['node', '-e', "require('http').createServer((q, s) => s.end()).listen(8080)"],
      healthCheck: { path: '/two', port: 8080, startInterval: '100ms' },
    }),
    seen: ({ Config }) => Config.Healthcheck?.Test, // aac asks it: the image's own check is put to rest
    shows: [['NONE'], ['NONE']],
    changes: { '/healthCheck/path': replaced(/path: \/two/) },
  },
  {
    fields: ['spec.resources.limits.cpu', 'spec.resources.limits.memory', 'spec.resources.limits.pids'],
    agent: 'limited',
    before: spec({ resources: { limits: { cpu: '500m', memory: '64Mi', pids: 50 } } }),
    after: spec({ resources: { limits: { cpu: '250m', memory: '128Mi', pids: 60 } } }),
    seen: ({ HostConfig: host }) => [host.NanoCpus, host.Memory, host.MemorySwap, host.PidsLimit],
    shows: [
      [5e8, 64 * 2 ** 20, 64 * 2 ** 20, 50],
      [2.5e8, 128 * 2 ** 20, 128 * 2 ** 20, 60],
    ],
    changes: {
      '/resources/limits/cpu': updated(/cpu: 250m/),
      '/resources/limits/memory': updated(/memory: 128Mi/),
      '/resources/limits/pids': updated(/pids: 60/),
    },
  },
  {
    fields: ['spec.restartPolicy.name', 'spec.restartPolicy.maxRetries'],
    agent: 'limited',
    before: spec({ restartPolicy: { name: 'on-failure', maxRetries: 3 } }),
    after: spec({ restartPolicy: { name: 'on-failure', maxRetries: 4 } }),
    seen: ({ HostConfig }) => HostConfig.RestartPolicy,
    shows: [
      { Name: 'on-failure', MaximumRetryCount: 3 },
      { Name: 'on-failure', MaximumRetryCount: 4 },
    ],
    changes: { '/restartPolicy/maxRetries': updated(/maxRetries: 4/) },
  },
  {
    fields: ['spec.resources.requests.cpu', 'spec.resources.requests.memory'],
    agent: 'many',
    before: spec({ resources: { requests: { cpu: '250m', memory: '32Mi' } } }),
    after: spec({ resources: { requests: { cpu: '500m', memory: '48Mi' } } }),
    seen: ({ HostConfig: host }) => [host.CpuShares, host.MemoryReservation],
    shows: [
      [256, 32 * 2 ** 20],
      [512, 48 * 2 ** 20],
    ],
    changes: {
      '/resources/requests/cpu': replaced(/cpu: 500m/),
      '/resources/requests/memory': replaced(/memory: 48Mi/),
    },
  },
  {
    fields: ['spec.network.aliases', 'spec.network.dns', 'spec.network.dnsSearch', 'spec.network.extraHosts'],
    agent: 'many',
    before: spec({
      network: {
        aliases: ['known-as-one'],
        dns: ['127.0.0.53'],
        dnsSearch: ['one.test'],
        extraHosts: { ledger: '10.0.0.1' },
      },
    }),
    after: spec({
      network: {
        aliases: ['known-as-two'],
        dns: ['127.0.0.54'],
        dnsSearch: ['two.test'],
        extraHosts: { ledger: '10.0.0.2' },
      },
    }),
    seen: (container) => [
      aliasesOf(container),
      container.HostConfig.Dns,
      container.HostConfig.DnsSearch,
      (container.HostConfig.ExtraHosts as readonly string[]).filter((entry) => entry.startsWith('ledger')),
    ],
    shows: [
      [['known-as-one'], ['127.0.0.53'], ['one.test'], ['ledger:10.0.0.1']],
      [['known-as-two'], ['127.0.0.54'], ['two.test'], ['ledger:10.0.0.2']],
    ],
    changes: {
      '/network/aliases': replaced(/aliases|known-as-two/),
      '/network/dns': replaced(/dns|127\.0\.0\.54/),
      '/network/dnsSearch': replaced(/dnsSearch|two\.test/),
      '/network/extraHosts/ledger': replaced(/10\.0\.0\.2/),
    },
  },
  {
    fields: ['spec.services.name', 'spec.services.port', 'spec.services.host', 'spec.services.protocol'],
    agent: 'many',
    before: spec({
      services: [
        { name: 'limited', port: 6333, protocol: 'http' },
        { name: 'rates', port: 80, host: '10.0.0.3' },
      ],
    }),
    after: spec({
      services: [
        { name: 'limited', port: 6334, protocol: 'http' },
        { name: 'rates', port: 80, host: '10.0.0.4' },
      ],
    }),
    seen: (container) => [
      variable('LIMITED_HOST')(container),
      variable('LIMITED_PORT')(container),
      variable('RATES_HOST')(container),
      (container.HostConfig.ExtraHosts as readonly string[]).filter((entry) => entry.startsWith('rates')),
    ],
    shows: [
      ['LIMITED_HOST=limited', 'LIMITED_PORT=6333', 'RATES_HOST=10.0.0.3', ['rates:10.0.0.3']],
      ['LIMITED_HOST=limited', 'LIMITED_PORT=6334', 'RATES_HOST=10.0.0.4', ['rates:10.0.0.4']],
    ],
    changes: {
      '/environment/LIMITED_PORT': replaced(/name: limited/),
      '/environment/RATES_HOST': replaced(/name: rates/),
      '/network/extraHosts/rates': replaced(/host: 10\.0\.0\.4/),
    },
  },
  {
    fields: ['spec.network.mode'],
    agent: 'moved',
    before: spec({ network: { mode: 'none' } }),
    after: spec({ network: { mode: 'host' } }),
    seen: ({ HostConfig }) => HostConfig.NetworkMode,
    shows: ['none', 'host'],
    changes: { '/network/name': replaced(/mode: host/) },
  },
  {
    fields: [
      'spec.security.runAsUser',
      'spec.security.runAsGroup',
      'spec.security.readOnlyRootFilesystem',
      'spec.security.capabilities.drop',
      'spec.security.capabilities.add',
      'spec.security.noNewPrivileges',
      'spec.security.seccompProfile',
    ],
    agent: 'moved',
    before: spec({
      security: {
        runAsUser: 1000,
        runAsGroup: 1000,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'], add: ['CAP_CHOWN', 'NET_RAW'] },
        seccompProfile: './seccomp.json',
      },
    }),
    after: spec({
      security: {
        runAsUser: 1001,
        runAsGroup: 1002,
        readOnlyRootFilesystem: false,
        capabilities: { drop: ['NET_RAW'], add: ['CHOWN'] },
        noNewPrivileges: false,
        seccompProfile: 'unconfined',
      },
    }),
    seen: ({ Config, HostConfig }) => [
      Config.User,
      HostConfig.ReadonlyRootfs,
      bare(HostConfig.CapDrop as readonly string[]),
      bare(HostConfig.CapAdd as readonly string[]),
      (HostConfig.SecurityOpt as readonly string[]).map((option) => option.slice(0, 30)),
    ],
    shows: [
      ['1000:1000', true, ['ALL'], ['CHOWN', 'NET_RAW'], ['no-new-privileges', 'seccomp={"defaultAction":"SCMP']],
      ['1001:1002', false, ['NET_RAW'], ['CHOWN'], ['no-new-privileges=false', 'seccomp=unconfined']],
    ],
    changes: {
      '/security/runAsUser': replaced(/runAsUser: 1001/),
      '/security/runAsGroup': replaced(/runAsGroup: 1002/),
      '/security/readOnlyRootFilesystem': replaced(/readOnlyRootFilesystem/),
      '/security/capabilities/drop': replaced(/drop|NET_RAW/),
      '/security/capabilities/add': replaced(/add|CHOWN/),
      '/security/noNewPrivileges': replaced(/noNewPrivileges/),
      '/security/seccompProfile': replaced(/seccompProfile/),
    },
  },
  {
    fields: ['spec.security.runAsNonRoot'],
    agent: 'moved',
    before: spec({ security: { runAsNonRoot: false } }),
    after: spec({ security: { runAsNonRoot: true } }),
    seen: ({ Config }) => /^0?(:|$)/.test(Config.User), // the engine has no such field: what counts is who it runs as
    shows: [false, false],
    changes: { '/security/runAsNonRoot': replaced(/runAsNonRoot/) },
  },
  {
    fields: ['spec.stop.signal', 'spec.stop.gracePeriod', 'spec.init'],
    agent: 'stopped',
    before: spec({ stop: { signal: 'SIGINT', gracePeriod: '2s' }, init: true }),
    after: spec({ stop: { signal: 'SIGKILL', gracePeriod: '3s' }, init: false }),
    seen: ({ Config, HostConfig }) => [Config.StopSignal, Config.StopTimeout, HostConfig.Init],
    shows: [
      ['SIGINT', 2, true],
      ['SIGKILL', 3, false],
    ],
    changes: {
      '/stop/signal': replaced(/signal: SIGKILL/),
      '/stop/gracePeriod': replaced(/gracePeriod: 3s/),
      '/init': replaced(/init: false/),
    },
  },
  {
    fields: [
      'spec.deployment.strategy',
      'spec.deployment.maxSurge',
      'spec.deployment.maxUnavailable',
      'spec.deployment.minReadySeconds',
      'spec.deployment.progressDeadline',
    ],
    agent: 'rolled', // another way to change changes nothing by itself; tests of rollouts show what it does
    before: spec({ deployment: { strategy: 'recreate', minReadySeconds: 0, progressDeadline: '60s' } }),
    after: spec({
      deployment: {
        strategy: 'rolling',
        maxSurge: 2,
        maxUnavailable: 1,
        minReadySeconds: 1,
        progressDeadline: '90s',
      },
    }),
    seen: ({ Name }) => /-rolled-0-[0-9a-f]{8}$/.test(Name),
    shows: [true, true],
    changes: {},
  },
  {
    fields: ['spec.logging.maxSize', 'spec.logging.maxFiles'],
    agent: 'stopped',
    before: spec({ logging: { maxSize: '1Mi', maxFiles: 2 } }),
    after: spec({ logging: { maxSize: '2Mi', maxFiles: 3 } }),
    seen: ({ HostConfig }) => HostConfig.LogConfig,
    shows: [
      { Type: 'json-file', Config: { 'max-size': '1048576', 'max-file': '2' } },
      { Type: 'json-file', Config: { 'max-size': '2097152', 'max-file': '3' } },
    ],
    changes: { '/logging/maxSize': replaced(/maxSize: 2Mi/), '/logging/maxFiles': replaced(/maxFiles: 3/) },
  },
];

/** What no container can show, each with the reason. A name stands for the fields below it too. */
export const exempt: Readonly<Record<string, string>> = {
  apiVersion: 'says how to read the rest',
  kind: 'says what the rest is',
  'metadata.author': 'for people',
  'metadata.description': 'for people',
  'metadata.tags': 'for people',
  'metadata.previousNames': 'leads to what stands under them, which a test of its own shows',
  'metadata.name': 'another name is another agent',
  'metadata.version': 'the tag of an image that is not named, which the row of `image` shows',
  'spec.autoscaling': 'how many containers, no property of one',
  'spec.scaling.maxReplicas': 'how many containers, no property of one',
  'spec.scaling.minReplicas': 'how many containers, no property of one',
  'spec.scaling.metrics': 'how many containers, no property of one',
  'spec.network.security': 'not supported yet: refused at its line',
  'spec.capabilities': 'carried',
  'spec.capability_config': 'carried',
  'spec.dependencies': 'carried',
  'spec.dev_dependencies': 'carried',
  'spec.models': 'carried',
  'spec.monitoring': 'carried',
  'spec.tracing': 'carried',
  'spec.dependsOn': 'an order of steps, no property of a container',
  'spec.deployment.autoRollback': 'what a watch does after a rollout that failed; its tests show it',
  'spec.driver': 'who runs the agent',
  'spec.runtime': 'for local processes alone',
  'spec.imagePullPolicy': 'what is done before a container is made; the registry tests show it',
  'spec.replicas': 'how many containers, no property of one',
  'spec.scaling.replicas': 'how many containers, no property of one',
  'spec.lifecycle': 'how differences are treated, no difference itself',
  'spec.healthCheck.onUnhealthy': 'for who watches; no engine knows it',
  'spec.healthCheck.startInterval': 'asked by aac while an agent starts; engines before 25 drop it',
  'spec.healthCheck.successThreshold': 'reckoned by aac; no engine knows it',
  'spec.securityContext': 'another name of `security`',
  'spec.ports.proxyProtocol': 'what the edge sends, no property of the container; the tests of the edge show it',
  'spec.network.ports.proxyProtocol':
    'what the edge sends, no property of the container; the tests of the edge show it',
  'spec.resources.limits.ephemeral-storage': 'needs overlay2 on xfs with project quotas; the refusal has a test',
  'spec.resources.requests.ephemeral-storage': 'no engine reserves storage: refused at its line',
  'spec.environment.secretName': 'values from secrets and configs have tests of their own',
  'spec.environment.secretKey': 'values from secrets and configs have tests of their own',
  'spec.environment.configMapName': 'values from secrets and configs have tests of their own',
  'spec.environment.configMapKey': 'values from secrets and configs have tests of their own',
  'spec.secrets': 'secrets as files have tests of their own',
};

function bare(names: readonly string[]): readonly string[] {
  return names.map((name) => name.replace(/^CAP_/, '')).sort();
}
