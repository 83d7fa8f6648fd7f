import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Driver, ExecuteContext, LogLine } from '../../../src/drivers/driver.ts';
import { discardCgroup } from '../../../src/drivers/process/cgroup.ts';
import { identityOf, signalVerified } from '../../../src/drivers/process/identity.ts';
import { parseCookie } from '../../../src/drivers/process/instance.ts';
import { createLinuxSystem } from '../../../src/drivers/process/linux-system.ts';
import { createProcessDriver } from '../../../src/drivers/process/process-driver.ts';
import { createStore } from '../../../src/drivers/process/store.ts';
import { cookieVariables, type RunningProcess, type System } from '../../../src/drivers/process/system.ts';
import { agentAddress, type Address } from '../../../src/model/address.ts';
import type { SpecHash } from '../../../src/model/desired.ts';
import { agentObjectName } from '../../../src/model/name.ts';
import type { ObservedResource } from '../../../src/model/observed.ts';
import type { Call, CreateCall } from '../../../src/model/plan.ts';
import type { ValueReader } from '../../../src/model/reference.ts';
import { toJson, type AgentSpec } from '../../../src/model/spec.ts';

/** A workspace of its own with a driver: nothing of it is left when it is disposed of. */
export interface Rig extends AsyncDisposable {
  readonly workspace: string;
  readonly state: string;
  readonly root: string;
  readonly system: System;
  readonly driver: Driver;
  /** What another aac, with nothing in its memory, would see. */
  anotherDriver(): Driver;
  context(values?: Readonly<Record<string, string>>): ExecuteContext;
  createCall(spec: AgentSpec, index?: number): CreateCall;
  /** Creates and starts; the ref. Fails the test when either fails. */
  start(spec: AgentSpec, index?: number): Promise<string>;
  look(ref: string, driver?: Driver): Promise<ObservedResource | undefined>;
  /** Looks until what is seen is so. */
  until(ref: string, isSo: (seen: ObservedResource | undefined) => boolean): Promise<ObservedResource | undefined>;
  /** All processes that carry a cookie of this workspace. */
  members(): Promise<readonly RunningProcess[]>;
  logs(ref: string, tail?: number): Promise<readonly LogLine[]>;
}

let made = 0;

export async function createRig(options: { readonly system?: System } = {}): Promise<Rig> {
  const system = options.system ?? createLinuxSystem();
  const folder = await mkdtemp(join(tmpdir(), 'aac-process-'));
  const workspace = `rig-${String(process.pid)}-${String(made++)}`;
  const state = join(folder, 'state');
  const newDriver = (): Driver =>
    createProcessDriver({ stateFolder: () => state, environment: process.env, ...(options.system ? { system } : {}) });
  const driver = newDriver();
  const signal = new AbortController().signal;

  const rig: Rig = {
    workspace,
    state,
    root: folder,
    system,
    driver,
    anotherDriver: newDriver,
    context: (values = {}) => ({
      workspace,
      root: folder,
      directory: folder,
      origin: 'manifest',
      values: readerOf(values),
      signal,
      progress: () => undefined,
    }),
    createCall: (spec, index = 0) => createCall(workspace, agentAddress('web', index), spec),
    async start(spec, index) {
      const create = rig.createCall(spec, index);
      const made = await succeed(driver, create, rig.context());
      await succeed(driver, callOn(create, 'start', made), rig.context());
      return made ?? '';
    },
    async look(ref, by = driver) {
      const address = agentAddress('web', Number(/-(\d+)-[0-9a-f]+\/[0-9a-f]+$/.exec(ref)?.[1] ?? 0));
      const seen = await by.inspect({ workspace, root: folder }, address, ref, signal);
      if (!seen.ok) throw new Error(seen.error.message);
      return seen.value;
    },
    async until(ref, isSo) {
      let seen: ObservedResource | undefined;
      await eventually(
        async () => isSo((seen = await rig.look(ref))),
        () => JSON.stringify(seen),
      );
      return seen;
    },
    members: async () =>
      (await system.processes()).filter(
        (process) => parseCookie(process.variables[cookieVariables.instance] ?? '')?.workspace === workspace,
      ),
    async logs(ref, tail) {
      const lines: LogLine[] = [];
      const wanted = { follow: false, signal, ...(tail === undefined ? {} : { tail }) };
      for await (const line of driver.logs(ref, wanted)) lines.push(line);
      return lines;
    },
    async [Symbol.asyncDispose]() {
      const bootId = await system.bootId();
      for (const member of await rig.members()) {
        await signalVerified(system, identityOf(member, bootId), 'SIGKILL', 'process');
      }
      await eventually(async () => (await rig.members()).length === 0);
      const store = createStore(state);
      for (const name of await store.names()) {
        const cgroup = (await store.latestRun(name))?.cgroup;
        if (cgroup) await discardCgroup(cgroup);
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
  return rig;
}

/** A spec that runs `script` with `sh`. */
export function shell(script: string, more: Partial<AgentSpec> = {}): AgentSpec {
  return {
    command: ['/bin/sh', '-c', script],
    workingDir: '.',
    environment: {},
    ports: {},
    volumes: {},
    resources: { limits: { cpu: null, memory: null, pids: null } },
    restartPolicy: { name: 'always', maxRetries: 0 },
    labels: {},
    stop: { signal: 'SIGTERM', gracePeriod: 5_000 },
    logging: { maxSize: 10 * 1024 * 1024, maxFiles: 5 },
    ...more,
  };
}

/** A call on what `create` made. */
export function callOn(create: CreateCall, verb: 'start' | 'remove', ref?: string): Call;
export function callOn(create: CreateCall, verb: 'stop', ref?: string, gracePeriod?: number): Call;
export function callOn(create: CreateCall, verb: 'start' | 'stop' | 'remove', ref?: string, gracePeriod = 5_000): Call {
  const { address, driver, kind } = create;
  const target = { ...create.target, ...(ref === undefined ? {} : { ref }) };
  const base = { address, driver, kind, target };
  return verb === 'stop' ? { ...base, verb, gracePeriod } : { ...base, verb };
}

/** Carries out a call that has to succeed; its ref. */
export async function succeed(driver: Driver, call: Call, context: ExecuteContext): Promise<string | undefined> {
  const result = await driver.execute(call, context);
  if (!result.ok) throw new Error(`${call.verb} failed: ${result.error.code}: ${result.error.message}`);
  return result.value.ref;
}

/** Asks again and again, for half a minute at most, until the answer is yes. */
export async function eventually(isSo: () => Promise<boolean>, describe: () => string = () => ''): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`it never came to be: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function createCall(workspace: string, address: Address, spec: AgentSpec): CreateCall {
  const specHash = 'a1b2c3' as SpecHash;
  return {
    verb: 'create',
    address,
    driver: 'process',
    kind: 'agent',
    target: { name: agentObjectName(workspace, address, specHash, 1), generation: 1 },
    spec: toJson(spec),
    specHash,
    dependsOn: [],
    protect: false,
    manifest: 'web/agent.yaml',
  };
}

function readerOf(values: Readonly<Record<string, string>>): ValueReader {
  return { read: async (reference) => ('key' in reference ? values[reference.key] : undefined) };
}
