import { agentAddress, parseAddress, singleAddress } from '../../src/model/address.ts';
import type { Agent, DriverName, Project } from '../../src/model/agent.ts';
import type { ResourceTemplate } from '../../src/model/desired.ts';
import { agentObjectName, sharedObjectName } from '../../src/model/name.ts';
import type { Call, CreateCall } from '../../src/model/plan.ts';
import { nowhere } from '../../src/model/source.ts';
import { specHashOf } from '../../src/model/version.ts';

/** An agent as the manifest stage would resolve one that says nothing but its name. */
export function agentOf(driver: DriverName, name: string, fields: Partial<Agent> = {}): Agent {
  return {
    name,
    driver,
    file: `${name}.agent.yaml`,
    folder: '.',
    labels: {},
    image: 'aac-test/busybox:1',
    imagePullPolicy: 'IfNotPresent',
    environment: {},
    secrets: [],
    ports: {},
    volumes: [],
    resources: { limits: {}, requests: {} },
    network: {
      mode: driver === 'process' ? { type: 'host' } : { type: 'bridge' },
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
    restartPolicy: { name: 'never', maxRetries: 0 },
    stop: { signal: 'SIGTERM', gracePeriod: 10_000 },
    init: true,
    deployment: { maxSurge: 1, maxUnavailable: 0, minReadySeconds: 0, progressDeadline: 60_000, autoRollback: false },
    logging: { maxSize: 10 * 2 ** 20, maxFiles: 5 },
    lifecycle: { protect: false, ignoreDifferences: [], bestEffort: [] },
    written: [],
    source: nowhere,
    ...fields,
  };
}

/** A project that has nothing but its name and place. */
export function projectOf(workspace: string, root: string): Project {
  return {
    workspace,
    scope: { type: 'project', directory: root },
    root,
    previousNames: [],
    networks: { default: { internal: false, external: false } },
    quotas: {},
    sync: { selfHeal: true, prune: true, windows: [] },
    notify: [],
    diagnostics: [],
  };
}

/** The call that makes replica 0 of a template, as a plan would have it. */
export function createCall(workspace: string, template: ResourceTemplate, generation = 1): CreateCall {
  const specHash = specHashOf(template.spec, template.mutable);
  const agent = template.kind === 'agent';
  const name = parseAddress(template.address)?.name ?? template.address.slice('agent/'.length);
  const address = agent ? agentAddress(name, 0) : singleAddress(template.address);
  return {
    verb: 'create',
    address,
    driver: template.driver,
    kind: template.kind,
    target: {
      name: agent ? agentObjectName(workspace, address, specHash, generation) : sharedObjectName(workspace, address),
      generation,
    },
    spec: template.spec,
    specHash,
    dependsOn: template.dependsOn.map((dependency) => dependency.address),
    protect: template.protect,
    manifest: template.manifest,
  };
}

/** Another call on the object that `create` makes; with `ref`, on that very object. */
export function callOn<Rest extends DistributiveRest<Call>>(create: CreateCall, rest: Rest, ref?: string): Call {
  const { address, driver, kind, target } = create;
  return { address, driver, kind, target: ref === undefined ? target : { ...target, ref }, ...rest };
}

type DistributiveRest<T> = T extends unknown ? Omit<T, 'address' | 'driver' | 'kind' | 'target'> : never;
