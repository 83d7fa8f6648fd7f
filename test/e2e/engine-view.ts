import type Docker from 'dockerode';
import { labels } from '../../src/model/labels.ts';
import { dockerClient } from '../support/docker.ts';

/** The names of all that the engine holds of one workspace, each list in order. */
export interface EngineObjects {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

let client: Docker | undefined;

/** The engine of the tests, without any of aac in between. */
export function docker(): Docker {
  return (client ??= dockerClient());
}

/** All that carries the workspace's label or has a name that begins with it, whoever made it. */
export async function objectsOf(workspace: string): Promise<EngineObjects> {
  const containers = await containersOf(workspace);
  const networks = await docker().listNetworks();
  const { Volumes: volumes } = await docker().listVolumes();
  const names = (objects: readonly { readonly Name: string; readonly Labels?: Labels | null | undefined }[] | null) =>
    (objects ?? [])
      .filter(({ Name, Labels }) => belongs(workspace, Labels, Name))
      .map(({ Name }) => Name)
      .sort();
  return { containers: containers.map(nameOf).sort(), networks: names(networks), volumes: names(volumes) };
}

/** The one container of an agent's replica, `web/0`, as the engine describes it; throws when there is not exactly one. */
export async function agentContainer(workspace: string, replica: string): Promise<Docker.ContainerInspectInfo> {
  const all = await containersOf(workspace);
  const own = all.filter(({ Labels }) => Labels[labels.address] === `agent/${replica}`);
  const [only] = own;
  if (!only || own.length > 1) {
    throw new Error(`${replica} has ${String(own.length)} containers; there are ${all.map(nameOf).join(', ')}`);
  }
  return docker().getContainer(only.Id).inspect();
}

/** Runs a command in a container; its exit code and all that it printed. */
export async function runIn(
  container: Docker.Container,
  command: readonly string[],
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const { ExitCode } = await exec.inspect();
  return { exitCode: ExitCode, output: Buffer.concat(chunks).toString('utf8') };
}

/** The first of `count` ports in a row that no container publishes; far from those that a system gives away itself. */
export async function freeRange(count: number): Promise<number> {
  const held = new Set((await docker().listContainers()).flatMap(({ Ports }) => Ports.map((port) => port.PublicPort)));
  for (;;) {
    const first = 12_000 + Math.floor(Math.random() * 15_000);
    if (Array.from({ length: count }, (_, index) => first + index).every((port) => !held.has(port))) return first;
  }
}

type Labels = Readonly<Record<string, string>>;

async function containersOf(workspace: string): Promise<readonly Docker.ContainerInfo[]> {
  const all = await docker().listContainers({ all: true });
  return all.filter((container) => belongs(workspace, container.Labels, nameOf(container)));
}

function nameOf({ Id, Names }: Docker.ContainerInfo): string {
  return Names[0]?.slice(1) ?? Id;
}

function belongs(workspace: string, found: Labels | null | undefined, name: string): boolean {
  return found?.[labels.workspace] === workspace || name.startsWith(`${workspace}-`);
}
