import { parseAddress, singleAddress, networkTemplate, templateOf, type Address } from '../../src/model/address.ts';
import type { SpecHash } from '../../src/model/desired.ts';
import { fieldPath } from '../../src/model/field-path.ts';
import type { ObservedResource } from '../../src/model/observed.ts';
import type { ApplyReport, DriverError, NodeReport, Outcome } from '../../src/model/outcome.ts';
import type { Call, Cause, Change, CreateCall, FieldDiff, NodeId, Plan, PlanNode, Wait } from '../../src/model/plan.ts';
import type { SourceRange } from '../../src/model/source.ts';
import { toJson, type AgentSpec, type HealthCheck } from '../../src/model/spec.ts';
import type { JsonObject } from '../../src/util/json.ts';

/** Hand-built plans, reports and observations: small, complete, with nothing computed that a report should compute. */

export const changed: Cause = { type: 'changed' };
export const declared: Cause = { type: 'declared' };

export function address(text: string): Address {
  return text as Address;
}

export function range(file: string, line: number, column: number, length = 1): SourceRange {
  const offset = line * 100 + column;
  return { file, start: { line, column, offset }, end: { line, column: column + length, offset: offset + length } };
}

export const httpCheck: HealthCheck = {
  type: 'http',
  port: 8080,
  path: '/health',
  interval: 30_000,
  startInterval: 1000,
  timeout: 10_000,
  retries: 3,
  startPeriod: 5000,
  successThreshold: 1,
  onUnhealthy: 'restart',
};

export function agentSpec(parts: Partial<AgentSpec> = {}): AgentSpec {
  return {
    image: 'web:1',
    environment: { LOG_LEVEL: 'info', TOKEN: { from: 'interpolation', template: '${TOKEN}' } },
    ports: { '8080/tcp': { host: 8080, hostIp: '0.0.0.0' } },
    volumes: {},
    healthCheck: httpCheck,
    resources: { limits: { cpu: 500_000_000, memory: 512 * 2 ** 20, pids: null } },
    restartPolicy: { name: 'always', maxRetries: 0 },
    labels: {},
    network: { name: 'default', aliases: ['web'] },
    stop: { signal: 'SIGTERM', gracePeriod: 30_000 },
    logging: { maxSize: 10 * 2 ** 20, maxFiles: 5 },
    ...parts,
  };
}

export function change(
  text: string,
  action: Change['action'],
  cause: Cause,
  parts: Partial<Omit<Change, 'address' | 'action' | 'cause'>> = {},
): Change {
  return { address: address(text), driver: 'docker', action, cause, fields: [], notes: [], ...parts };
}

export function field(path: readonly string[], parts: Partial<Omit<FieldDiff, 'path'>>): FieldDiff {
  return { path: fieldPath(...path), origin: 'change', forcesReplacement: false, ...parts };
}

type StepParts = Partial<PlanNode> & { readonly generation?: number; readonly ref?: string };

export function node(
  verb: Call['verb'] | 'wait',
  text: string,
  parts: StepParts & { spec?: AgentSpec } = {},
): PlanNode {
  const { generation = 1, ref, spec, ...rest } = parts;
  const parsed = parseAddress(text);
  const base = {
    address: address(text),
    driver: 'docker' as const,
    kind: parsed?.kind ?? ('agent' as const),
    target: { name: `demo-${text.replaceAll('/', '-')}`, generation, ...(ref === undefined ? {} : { ref }) },
  };
  return {
    id: `${verb} ${text}` as NodeId,
    step: stepOf(verb, base, spec),
    cause: declared,
    dependsOn: [],
    ...rest,
  };
}

function stepOf(
  verb: Call['verb'] | 'wait',
  base: Pick<CreateCall, 'address' | 'driver' | 'kind' | 'target'>,
  spec: AgentSpec | undefined,
): Call | Wait {
  switch (verb) {
    case 'pull':
      return { ...base, verb, image: 'web:1' };
    case 'create': {
      const network = networkTemplate('default');
      const shared: JsonObject = base.kind === 'network' ? { internal: false } : {};
      return {
        ...base,
        verb,
        spec: base.kind === 'agent' ? toJson(spec ?? agentSpec()) : shared,
        specHash: 'a'.repeat(64) as SpecHash,
        dependsOn: base.kind === 'agent' ? [network] : [],
        protect: false,
        manifest: 'web.agent.yaml',
      };
    }
    case 'update':
      return { ...base, verb, fields: { [fieldPath('resources', 'limits', 'memory')]: 2 ** 30 } };
    case 'start':
    case 'route':
    case 'unroute':
    case 'remove':
      return { ...base, verb };
    case 'stop':
      return { ...base, verb, gracePeriod: 30_000 };
    case 'wait':
      return { ...base, verb, until: 'ready', check: httpCheck, minReady: 0, deadline: 600_000 };
  }
}

export function plan(parts: Partial<Plan> = {}): Plan {
  return {
    formatVersion: '1.0',
    workspace: 'demo',
    scope: { type: 'project', directory: '/srv/demo' },
    digest: '4f2a9c0e'.repeat(8),
    changes: [],
    drift: [],
    nodes: [],
    diagnostics: [],
    ...parts,
  };
}

/** Three new agents, one of two replicas, on one new network. */
export function firstPlan(): Plan {
  const web = (host: number): AgentSpec => agentSpec({ ports: { '8080/tcp': { host, hostIp: '0.0.0.0' } } });
  const chat = agentSpec({
    image: 'registry.example/chat:2.1',
    command: ['node', 'server.js'],
    args: ['--greeting', 'hello world'],
    environment: { MODEL: 'small', API_KEY: { from: 'secret', name: 'chat', key: 'api-key' } },
    ports: {},
    volumes: { '/data': { type: 'bind', source: './data', readOnly: true } },
  });
  const batch = agentSpec({
    image: 'batch:1',
    environment: {},
    ports: {},
    restartPolicy: { name: 'never', maxRetries: 0 },
    resources: { limits: { cpu: null, memory: null, pids: null } },
  });
  const { healthCheck: _none, ...unchecked } = batch;
  const create = (text: string, file: string, notes: readonly string[] = []): Change =>
    change(text, 'create', declared, { source: range(file, 1, 1), notes });
  const open = ['open to the network: 8080/tcp'];
  return plan({
    changes: [
      create('agent/batch/0', 'batch.agent.yaml'),
      create('agent/chat/0', 'chat.agent.yaml'),
      create('agent/web/0', 'web.agent.yaml', open),
      create('agent/web/1', 'web.agent.yaml', open),
      change('network/default', 'create', declared),
    ],
    nodes: [
      node('create', 'network/default'),
      node('create', 'agent/batch/0', { spec: unchecked }),
      node('create', 'agent/chat/0', { spec: chat }),
      node('create', 'agent/web/0', { spec: web(8080) }),
      node('create', 'agent/web/1', { spec: web(8081) }),
      ...['agent/batch/0', 'agent/chat/0', 'agent/web/0', 'agent/web/1'].flatMap((text) => [
        node('start', text, { dependsOn: [`create ${text}` as NodeId] }),
        node('wait', text, { dependsOn: [`start ${text}` as NodeId] }),
      ]),
    ],
  });
}

/** One of everything: drift, an update, a replacement, a start, a deletion that asks, and two that stay. */
export function mixedPlan(): Plan {
  const memory = ['resources', 'limits', 'memory'] as const;
  const web = 'manifests/web.agent.yaml';
  const replacement = [
    field(['environment', 'LOG_LEVEL'], {
      before: 'info',
      after: 'debug',
      forcesReplacement: true,
      source: range(web, 12, 7),
    }),
    field(['environment', 'TOKEN'], {
      before: { from: 'interpolation', template: '${TOKEN}' },
      after: { from: 'interpolation', template: '${TOKEN}' },
      forcesReplacement: true,
      source: range(web, 14, 7),
    }),
    field(['healthCheck', 'interval'], {
      before: 30_000,
      after: 90_000,
      forcesReplacement: true,
      source: range(web, 20, 5),
    }),
    field(['ports', '9090/tcp'], {
      after: { host: 0, hostIp: '127.0.0.1' },
      forcesReplacement: true,
      source: range(web, 24, 7),
    }),
  ];
  const replicas = ['agent/web/0', 'agent/web/1'];
  return plan({
    drift: [
      { address: address('agent/chat/0'), driver: 'docker', type: 'missing', fields: [] },
      {
        address: address('agent/mail/0'),
        driver: 'docker',
        type: 'fields',
        fields: [field(memory, { origin: 'drift', before: 256 * 2 ** 20, after: 2 ** 30 })],
      },
      { address: address('agent/search/0'), driver: 'docker', type: 'not-running', fields: [] },
    ],
    changes: [
      change('agent/chat/0', 'create', { type: 'missing' }, { source: range('chat.agent.yaml', 1, 1) }),
      change('agent/log/0', 'no-op', declared),
      change(
        'agent/mail/0',
        'update',
        { type: 'drifted' },
        {
          fields: [
            field(['resources', 'limits', 'cpu'], {
              before: null,
              after: 1_500_000_000,
              source: range('mail.agent.yaml', 9, 9),
            }),
            field(memory, {
              origin: 'drift',
              before: 2 ** 30,
              after: 256 * 2 ** 20,
              source: range('mail.agent.yaml', 10, 9),
            }),
          ],
        },
      ),
      change('agent/old/0', 'delete', { type: 'undeclared' }, { approval: { type: 'protected' } }),
      change('agent/search/0', 'start', { type: 'not-running', phase: 'exited', exitCode: 137 }),
      ...replicas.map((text) =>
        change(text, 'replace', changed, {
          fields: replacement,
          source: range(web, 12, 7),
          notes: ['down while it is replaced, about 5 s'],
        }),
      ),
      change('network/default', 'no-op', declared),
    ],
    nodes: [
      node('create', 'agent/chat/0', { cause: { type: 'missing' } }),
      node('update', 'agent/mail/0', { cause: { type: 'drifted' }, precondition: 'b'.repeat(64), ref: 'c0ffee' }),
      node('stop', 'agent/old/0', { cause: { type: 'undeclared' }, precondition: 'c'.repeat(64), ref: 'beef' }),
      node('remove', 'agent/old/0', { dependsOn: ['stop agent/old/0' as NodeId], ref: 'beef' }),
      node('start', 'agent/search/0', { cause: { type: 'not-running', phase: 'exited', exitCode: 137 } }),
      ...replicas.flatMap((text) => [
        node('stop', text, { cause: changed, ref: 'dead', precondition: 'd'.repeat(64) }),
        node('remove', text, { cause: changed, ref: 'dead', dependsOn: [`stop ${text}` as NodeId] }),
        node('create', text, { cause: changed, generation: 2, dependsOn: [`remove ${text}` as NodeId] }),
        node('start', text, { cause: changed, generation: 2, dependsOn: [`create ${text}` as NodeId] }),
        node('wait', text, { cause: changed, generation: 2, dependsOn: [`start ${text}` as NodeId] }),
      ]),
    ],
  });
}

export const succeeded = (elapsed: number): Outcome => ({ status: 'succeeded', elapsed, attempts: 1 });
export const failed = (error: DriverError, elapsed = 1200): Outcome => ({
  status: 'failed',
  elapsed,
  attempts: 1,
  error,
});

/** The report of `plan` in which every node succeeded after 200 ms, but those in `outcomes`. */
export function report(
  status: ApplyReport['status'],
  of: Plan,
  outcomes: Readonly<Record<string, Outcome>> = {},
): ApplyReport {
  const nodes = of.nodes.map((each): NodeReport => ({ node: each, outcome: outcomes[each.id] ?? succeeded(200) }));
  return { status, plan: of, nodes, startedAt: Date.UTC(2026, 0, 2, 3, 4, 5), elapsed: 4210 };
}

export function observed(text: string, parts: Partial<ObservedResource> = {}): ObservedResource {
  const spec = toJson(agentSpec());
  return {
    address: address(text),
    driver: 'docker',
    kind: parseAddress(text)?.kind ?? 'agent',
    ref: 'c0ffee',
    name: `demo-${text.replaceAll('/', '-')}`,
    record: {
      workspace: 'demo',
      address: address(text),
      specHash: 'a'.repeat(64) as SpecHash,
      generation: 1,
      lastApplied: spec,
      fingerprints: {},
      dependsOn: [templateOf(singleAddress(networkTemplate('default')))],
      protect: false,
      manifest: 'web.agent.yaml',
      directory: '/srv/demo',
      origin: 'manifest',
    },
    live: spec,
    phase: 'running',
    health: 'healthy',
    restarts: 0,
    startedAt: '2026-01-02T03:00:00.000Z',
    published: [],
    ...parts,
  };
}
