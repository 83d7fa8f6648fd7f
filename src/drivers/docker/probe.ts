import { get } from 'node:http';
import { connect } from 'node:net';
import { edgeTemplate, singleAddress } from '../../model/address.ts';
import { assertNever } from '../../util/assert-never.ts';
import { linkedSignal } from '../../util/linked-signal.ts';
import { toAgentSpec, type HealthCheck } from '../../model/spec.ts';
import type { ProbeResult } from '../driver.ts';
import type { Endpoint } from './endpoint.ts';
import type { Engine } from './engine.ts';
import type { ContainerDetails } from './engine-types.ts';
import { runInContainer } from './exec.ts';
import { edgeFolders } from './edge-compile.ts';
import { attachedName } from './network.ts';
import { isOurs, readRecord } from './record.ts';

/**
 * Runs one health check against the container itself: commands inside it, http and tcp on its own address, never on a
 * published port, where the engine's proxy answers though nothing listens behind it.
 */
export async function probe(
  engine: Engine,
  ref: string,
  check: HealthCheck,
  signal: AbortSignal,
): Promise<ProbeResult> {
  using link = linkedSignal(signal, check.timeout);
  const limited = link.signal;
  const found = await engine.container(ref, limited);
  if (!found.ok) return ended(check, signal, limited) ?? cannotRun(found.error.message);
  if (!found.value) return cannotRun('the container is gone');
  if (!found.value.State.Running || found.value.State.Paused) return cannotRun('the container does not run');
  const result = await runCheck(engine, found.value, check, limited);
  return ended(check, signal, limited) ?? result;
}

async function runCheck(
  engine: Engine,
  container: ContainerDetails,
  check: HealthCheck,
  signal: AbortSignal,
): Promise<ProbeResult> {
  switch (check.type) {
    case 'command':
      return commandProbe(engine, container.Id, check.command, signal);
    case 'file':
      return fileProbe(engine, container.Id, check.path, signal);
    case 'http':
    case 'tcp': {
      const ip = addressOf(container, engine.endpoint);
      if (ip === undefined) return cannotRun('the container has no address of its own');
      const edge = await edgeBeside(engine, container, signal);
      if (edge !== undefined) return probeFrom(engine, edge, [ip, String(check.port), ...pathOf(check)], signal);
      return check.type === 'tcp' ? tcpProbe(ip, check.port, signal) : httpProbe(ip, check.port, check.path, signal);
    }
    default:
      return assertNever(check);
  }
}

async function commandProbe(
  engine: Engine,
  ref: string,
  command: readonly string[],
  signal: AbortSignal,
): Promise<ProbeResult> {
  const ran = await runInContainer(engine, ref, command, signal);
  if (!ran.ok) {
    // a command that the container does not have will not be there next time either
    return ran.error.code === 'invalid' ? fails(ran.error.message) : cannotRun(ran.error.message);
  }
  if (ran.value.exitCode === 0) return { status: 'success' };
  const said = ran.value.lastLine === '' ? '' : `: ${ran.value.lastLine}`;
  return fails(`exit code ${String(ran.value.exitCode)}${said}`);
}

async function fileProbe(engine: Engine, ref: string, path: string, signal: AbortSignal): Promise<ProbeResult> {
  const found = await engine.hasFile(ref, path, signal);
  if (!found.ok) return cannotRun(found.error.message);
  return found.value ? { status: 'success' } : fails(`\`${path}\` does not exist`);
}

/** The edge's container, where this one is on a network that nobody else can reach. */
async function edgeBeside(
  engine: Engine,
  { Config: { Labels: labels } }: ContainerDetails,
  signal: AbortSignal,
): Promise<string | undefined> {
  const record = readRecord(labels);
  const { dependsOn = [] } = record ?? {};
  if (!record || !dependsOn.includes(edgeTemplate)) return undefined;
  const listed = await engine.listContainers(signal);
  const edges = listed.ok ? listed.value : [];
  return edges.find(
    ({ State, Labels: own }) => State === 'running' && isOurs(own, record.workspace, singleAddress(edgeTemplate)),
  )?.Id;
}

async function probeFrom(
  engine: Engine,
  edge: string,
  target: readonly string[],
  signal: AbortSignal,
): Promise<ProbeResult> {
  const ran = await runInContainer(
    engine,
    edge,
    ['node', `${edgeFolders.program}/edge.js`, 'probe', ...target],
    signal,
  );
  if (!ran.ok) return cannotRun(ran.error.message);
  return ran.value.exitCode === 0 ? { status: 'success' } : fails(ran.value.lastLine);
}

function pathOf(check: HealthCheck): readonly string[] {
  return check.type === 'http' ? [check.path] : [];
}

function tcpProbe(host: string, port: number, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve({ status: 'success' });
    });
    socket.once('error', (error) => {
      resolve(connectionResult(error, `${host}:${String(port)}`));
    });
  });
}

/** A status from 200 to 399 is well; redirects are not followed. */
function httpProbe(host: string, port: number, path: string, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const request = get({ host, port, path, signal, agent: false, headers: { 'user-agent': 'aac' } }, (response) => {
      const { statusCode = 0 } = response;
      response.destroy();
      const well = statusCode >= 200 && statusCode < 400;
      resolve(well ? { status: 'success' } : fails(`GET ${path} answered ${String(statusCode)}`));
    });
    request.on('error', (error) => {
      resolve(connectionResult(error, `${host}:${String(port)}`));
    });
  });
}

/** Nobody listening is an answer; an address out of reach says nothing about the agent. */
function connectionResult(error: NodeJS.ErrnoException, where: string): ProbeResult {
  const { code = '', message } = error;
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'ETIMEDOUT' || code === 'EADDRNOTAVAIL') {
    return cannotRun(`${where} cannot be reached from here: ${code}`);
  }
  return fails(code === 'ECONNREFUSED' ? `nothing listens on ${where}` : `${where}: ${message || code}`);
}

/** The container's address on its project's network, else on any; that of the host where it has that one's network. */
function addressOf(container: ContainerDetails, { address }: Endpoint): string | undefined {
  const networks = container.NetworkSettings.Networks ?? {};
  const record = readRecord(container.Config.Labels);
  const own = record && toAgentSpec(record.lastApplied).network;
  if (container.HostConfig.NetworkMode === 'host') return address.type === 'tcp' ? address.host : '127.0.0.1';
  const first = own && record && networks[attachedName(record.workspace, own)]?.IPAddress;
  return [first, ...Object.values(networks).map((network) => network.IPAddress)].find(Boolean);
}

/** What it means that the time is over: for the check, a failure; for the caller, nothing. */
function ended(check: HealthCheck, caller: AbortSignal, limited: AbortSignal): ProbeResult | undefined {
  if (caller.aborted) return cannotRun('the check was cut off');
  return limited.aborted ? fails(`no answer within ${String(check.timeout / 1_000)} s`) : undefined;
}

function fails(message: string): ProbeResult {
  return { status: 'failure', message };
}

function cannotRun(message: string): ProbeResult {
  return { status: 'error', message };
}
