import { expect, test } from 'vitest';
import { fieldPath, type FieldPath } from '../../src/model/field-path.ts';
import { formatRange, type SourceRange } from '../../src/model/source.ts';
import { readProject } from '../../src/manifest/read-project.ts';
import { expectGolden, fixture } from './golden.ts';

const reading = await readProject('.', { cwd: fixture('full'), environment: {} });
const [database, search, web] = reading.agents;

test('a manifest with every field has no errors, and a warning for each field that changes nothing', () => {
  expect(reading.diagnostics.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    'carried-field: `monitoring` is accepted and changes nothing',
    'carried-field: `tracing` is accepted and changes nothing',
    'carried-field: `capability_config` is accepted and changes nothing',
    'carried-field: `dev_dependencies` is accepted and changes nothing',
    'carried-field: `models` is accepted and changes nothing',
  ]);
  expect(reading.agents.map(({ name }) => name)).toEqual(['database', 'search', 'web']);
});

test('every field of an agent lands in it', () => {
  const { written, source, ...agent } = web!;
  expect(written.length).toBeGreaterThan(50);
  expect(source).toBeDefined();
  expect(agent).toEqual({
    name: 'web',
    driver: 'docker',
    file: 'agents/agent.yaml',
    folder: './agents',
    version: '1.4.2',
    labels: { team: 'support', tier: 'front' },
    runtime: { language: 'python', version: '3.12' },
    model: { provider: 'anthropic', name: 'claude' },
    image: 'registry.example.com/blue/web:1.4.2',
    imagePullPolicy: 'Always',
    command: ['python', 'main.py'],
    args: ['--verbose'],
    workingDir: '/app',
    environment: {
      LOG_LEVEL: 'info',
      GREETING: { from: 'interpolation', template: 'hello ${TEAM}' },
      REGION: 'eu',
      API_KEY: { from: 'secret', name: 'keys', key: 'api' },
      TURNS: '12',
      FLAGS: { from: 'config', name: 'flags', key: 'web' },
      TOKEN: { from: 'env', key: 'WEB_TOKEN', default: 'none' },
      TLS_KEY: { from: 'secret', name: 'tls', key: 'key' },
    },
    secrets: [
      {
        name: 'tls.key',
        reference: { from: 'secret', name: 'tls', key: 'key' },
        mountPath: '/etc/tls.key',
        env: 'TLS_KEY',
      },
      { name: 'token', reference: { from: 'secret', name: 'web', key: 'token' }, mountPath: '/run/secrets/token' },
    ],
    ports: {
      '8080/tcp': { host: 0, hostIp: '0.0.0.0' },
      '90/tcp': { host: 9090, hostIp: '127.0.0.1' },
      '7000/tcp': { host: 7000, hostIp: '127.0.0.1' },
      '91/tcp': { host: 9091, hostIp: '127.0.0.1' },
    },
    proxyProtocols: { '91/tcp': 'v1' },
    volumes: [
      { type: 'bind', source: './data', target: '/data', readOnly: true, create: true },
      { type: 'volume', source: 'cache', target: '/cache', readOnly: false },
      { type: 'tmpfs', target: '/tmp', readOnly: false, size: 64 * 2 ** 20 },
      { type: 'configmap', source: 'flags', target: '/etc/flags', readOnly: false },
      { type: 'secret', source: 'keys', target: '/etc/keys', readOnly: false },
    ],
    healthCheck: {
      type: 'http',
      path: '/health',
      port: 8080,
      interval: 20_000,
      startInterval: 2000,
      timeout: 3000,
      retries: 4,
      startPeriod: 6000,
      successThreshold: 2,
      onUnhealthy: 'none',
    },
    resources: {
      limits: { cpu: 2e9, memory: 2 ** 30, ephemeralStorage: 2 ** 31, pids: 100 },
      requests: { cpu: 5e8, memory: 2 ** 29, ephemeralStorage: 2 ** 30 },
    },
    network: {
      mode: { type: 'named', name: 'backend' },
      dns: ['10.0.0.2'],
      dnsSearch: ['corp.example.com'],
      aliases: ['front'],
      extraHosts: { mail: '10.0.0.3', docker: 'host-gateway' },
      allowExternalConnections: false,
      allowedHosts: [{ host: 'api.example.com' }, { host: '*.example.org', port: 443 }],
    },
    services: [
      { name: 'search', port: 8081, protocol: 'http' },
      { name: 'mail', port: 25, host: 'mail.example.com' },
    ],
    dependsOn: [
      { agent: 'database', condition: 'healthy' },
      { agent: 'search', condition: 'started' },
    ],
    replicas: {
      count: 3,
      autoscaling: {
        min: 2,
        max: 5,
        targetCpuPercent: 70,
        targetMemoryPercent: 80,
        scaleUpDelay: 10_000,
        scaleDownDelay: 60_000,
      },
    },
    security: {
      runAsUser: 1000,
      runAsGroup: 1001,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
      noNewPrivileges: false,
      seccompProfile: 'unconfined',
    },
    restartPolicy: { name: 'on-failure', maxRetries: 4 },
    stop: { signal: 'SIGINT', gracePeriod: 10_000 },
    init: false,
    deployment: {
      strategy: 'rolling',
      maxSurge: 2,
      maxUnavailable: 1,
      minReadySeconds: 3,
      progressDeadline: 300_000,
      autoRollback: true,
    },
    logging: { maxSize: 2 ** 20, maxFiles: 2 },
    lifecycle: {
      protect: true,
      ignoreDifferences: ['environment.LOG_LEVEL'],
      bestEffort: ['network.security'],
    },
  });
});

test('an agent that says nothing has the defaults', () => {
  const { written, source, ...agent } = search!;
  expect(source).toBeDefined();
  expect(written.map(({ name }) => name)).toEqual(['stop.gracePeriod']);
  expect(agent).toEqual({
    name: 'search',
    driver: 'docker',
    file: 'agents/agent.yaml',
    folder: './agents',
    labels: {},
    image: 'search:latest',
    imagePullPolicy: 'IfNotPresent',
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
    stop: { signal: 'SIGTERM', gracePeriod: 5000 },
    init: true,
    deployment: {
      maxSurge: 1,
      maxUnavailable: 0,
      minReadySeconds: 0,
      progressDeadline: 600_000,
      autoRollback: false,
    },
    logging: { maxSize: 10 * 2 ** 20, maxFiles: 5 },
    lifecycle: { protect: false, ignoreDifferences: [], bestEffort: [] },
  });
});

test('the other spellings of a field mean the same', () => {
  expect(database).toMatchObject({
    replicas: { count: 2 },
    security: { runAsUser: 999 },
    restartPolicy: { name: 'never', maxRetries: 0 },
    dependsOn: [{ agent: 'search', condition: 'started' }],
  });
});

test('every field of a project lands in it', () => {
  const { source, ...project } = reading.project;
  expect(shown(source?.locate(fieldPath('maxDelete')))).toMatch(/aac\.yaml:20:14 20%$/);
  expect(project).toEqual({
    workspace: 'support-desk',
    scope: { type: 'project', directory: fixture('full') },
    root: fixture('full'),
    previousNames: ['help-desk'],
    docker: { host: 'unix:///var/run/docker.sock' },
    secrets: { from: 'files', path: '.secrets' },
    configs: { from: 'command', command: ['sops', '-d'] },
    networks: {
      default: { internal: false, external: false },
      backend: { internal: true, external: false },
      shared: { internal: false, external: true },
      plain: { internal: false, external: false },
    },
    maxDelete: { percent: 20 },
    quotas: { cpu: 8e9, memory: 16 * 2 ** 30, agents: 50 },
    sync: {
      resync: '*/5 * * * *',
      selfHeal: false,
      prune: false,
      windows: [{ kind: 'deny', schedule: '0 22 * * 5', duration: 216_000_000, timeZone: 'Europe/Berlin' }],
    },
    notify: [{ on: ['drift', 'failed', 'unhealthy'], webhook: 'https://hooks.example.com/aac' }],
    diagnostics: [],
  });
});

test('the source map leads from every field of a spec to the manifest', () => {
  const fields = [
    '/image /command /command/0 /workingDir /init /unheard/of',
    '/environment/LOG_LEVEL /environment/API_KEY /environment/API_KEY/key /environment/AAC_MODEL_PROVIDER',
    '/environment/AAC_MODEL_NAME /environment/SEARCH_HOST /environment/OTHER',
    '/ports/8080~1tcp /ports/8080~1tcp/host /ports/90~1tcp/host /ports/91~1tcp /ports/1~1tcp',
    '/volumes/~1data /volumes/~1data/readOnly /volumes/~1cache/readOnly /volumes/~1tmp/size',
    '/healthCheck /healthCheck/retries /healthCheck/command',
    '/resources /resources/limits /resources/limits/memory /resources/limits/ephemeralStorage',
    '/restartPolicy/name /restartPolicy/maxRetries /labels/team /labels/dev.aac.label~1team /labels/other',
    '/network/name /network/aliases /stop/signal /logging/maxFiles /security/runAsUser',
  ].flatMap((line) => line.split(' '));
  const others = ['/image', '/restartPolicy/name', '/security/runAsUser', '/stop/gracePeriod', '/ports/80~1tcp'];
  const lines = [
    ...['', ...fields].map((path) => [web!, path] as const),
    ...others.map((path) => [database!, path] as const),
  ].map(([agent, path]) => `${agent.name} ${path} -> ${shown(agent.source.locate(path as FieldPath))}`);
  expectGolden(`${lines.join('\n')}\n`, 'full/sources.txt');
});

test('what was written is listed under the names of the manifest, with its value and its place', () => {
  const lines = [database!, search!, web!].flatMap((agent) => [
    agent.name,
    ...agent.written.map(({ name, value, range }) => {
      const assigned = value === undefined ? name : `${name} = ${JSON.stringify(value)}`;
      return `  ${assigned} @ ${shown(range())}`;
    }),
  ]);
  expectGolden(`${lines.join('\n')}\n`, 'full/written.txt');
});

/** The place and the text that stands there. */
function shown(range: SourceRange | undefined): string {
  if (!range) return 'nowhere';
  const text = reading.texts.get(range.file) ?? '';
  return `${formatRange(range)} ${text.slice(range.start.offset, range.end.offset)}`;
}
