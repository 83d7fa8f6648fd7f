import type { Address } from '../model/address.ts';
import type { DriverName, Project } from '../model/agent.ts';
import type { DesiredState } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Facts, ObservedResource, ObservedState } from '../model/observed.ts';
import { hostPortRange } from '../model/port.ts';
import { toAgentSpec, type PortSpec } from '../model/spec.ts';
import type { DriverError } from '../model/outcome.ts';
import { adoptRenamed } from '../plan/renames.ts';
import { compareCodeUnits } from '../util/compare.ts';
import { linkedSignal } from '../util/linked-signal.ts';
import type { Driver, Interest, WorkspaceContext } from '../drivers/driver.ts';
import { groupBy } from '../util/group.ts';
import type { DriverSet } from './driver-set.ts';

/** What runs, or why that cannot be told. */
export interface WorkspaceObservation {
  readonly observed: ObservedState;
  /** An error for each driver that is needed and cannot be read: then there is no plan. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Milliseconds for all that is looked at: an engine can accept a question and never answer it. */
export const observeDeadline = 30_000;

/**
 * Observes every driver the workspace has to do with: those that manifests declare, those the journal knows to have
 * been used, and those that have something of the workspace although neither says so.
 */
export async function observeWorkspace(
  project: Project,
  desired: DesiredState | undefined,
  used: ReadonlySet<DriverName>,
  drivers: DriverSet,
  interruption: AbortSignal,
): Promise<WorkspaceObservation> {
  using limited = linkedSignal(interruption, observeDeadline);
  const { signal } = limited;
  const declared = new Set([...(desired?.templates.values() ?? [])].map((template) => template.driver));
  const workspaces = [project.workspace, ...project.previousNames];
  const parts = await Promise.all(
    drivers.names.map(async (name) => {
      const driver = await drivers.open(name);
      if (!driver) return undefined;
      const needed = declared.has(name) || used.has(name);
      const present = await Promise.all(
        workspaces.map(
          async (workspace) => (needed && workspace === project.workspace) || driver.present(workspace, signal),
        ),
      );
      const looks = workspaces
        .filter((_workspace, index) => present[index])
        .map((workspace) => ({ workspace, root: project.root }));
      const interest = interestOf(name, project, desired);
      return Promise.all(looks.map((look) => observeDriver(driver, look, interest, declared.has(name), signal)));
    }),
  );
  const found = parts.flatMap((part) => part ?? []);
  return {
    observed: {
      workspace: project.workspace,
      resources: byAddress(
        adoptRenamed(
          found.flatMap((part) => part.resources),
          desired,
        ),
      ),
      // the first of a driver's looks is the one under the current name
      facts: new Map([...found].reverse().flatMap((part) => (part.facts ? [[part.driver, part.facts] as const] : []))),
    },
    diagnostics: found.flatMap((part) => (part.error ? [unreachable(part.driver, part.error, part.declared)] : [])),
  };
}

interface DriverObservation {
  readonly driver: DriverName;
  readonly declared: boolean;
  readonly resources: readonly ObservedResource[];
  readonly facts?: Facts;
  readonly error?: DriverError;
}

async function observeDriver(
  driver: Driver,
  context: WorkspaceContext,
  interest: Interest,
  declared: boolean,
  signal: AbortSignal,
): Promise<DriverObservation> {
  const observation = await driver.observe(context, interest, signal);
  if (!observation.ok) return { driver: driver.name, declared, resources: [], error: observation.error };
  return { driver: driver.name, declared, ...observation.value };
}

/** The images, bind sources, fixed host ports and networks of others that the driver's templates name. */
function interestOf(name: DriverName, project: Project, desired: DesiredState | undefined): Interest {
  const templates = [...(desired?.templates.values() ?? [])].filter((template) => template.driver === name);
  const specs = templates.flatMap(({ kind, spec }) => (kind === 'agent' ? [toAgentSpec(spec)] : []));
  const networks = specs.flatMap(({ network }) => (network?.external === true ? [network.name] : []));
  const binds = specs
    .flatMap(({ volumes }) => Object.values(volumes))
    .flatMap((volume) => (volume.type === 'bind' && !volume.create && volume.source ? [volume.source] : []));
  return {
    images: [...new Set(templates.flatMap((template) => (template.image ? [template.image.name] : [])))],
    paths: [...new Set(binds)],
    ports: [...new Set(specs.flatMap(({ ports }) => Object.values(ports).flatMap(({ host }) => hostPortsOf(host))))],
    networks: [...new Set(networks)],
    namePrefix: `${project.workspace}-`,
  };
}

function hostPortsOf(host: PortSpec['host']): readonly number[] {
  const range = hostPortRange(host);
  return range ? Array.from({ length: range.last - range.first + 1 }, (_port, index) => range.first + index) : [];
}

function byAddress(resources: readonly ObservedResource[]): ReadonlyMap<Address, readonly ObservedResource[]> {
  const sorted = [...resources].sort((left, right) => compareCodeUnits(left.address, right.address));
  return groupBy(sorted, (resource) => resource.address);
}

function unreachable(name: DriverName, error: DriverError, declared: boolean): Diagnostic {
  return {
    code: 'driver-unreachable',
    severity: 'error',
    message: error.message,
    hint: declared
      ? (error.hint ?? `start the engine, or choose another driver with \`--driver\``)
      : `${error.hint === undefined ? '' : `${error.hint}; `}the workspace has used the \`${name}\` driver before, so what it still runs there has to be seen: where it is gone for good, \`aac forget --driver ${name}\``,
  };
}
