import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { describe, inject } from 'vitest';
import { labels } from '../../src/model/labels.ts';
import type {} from './engine.ts';

/** Milliseconds after which a removal counts as hung: an engine can deadlock in one while it answers all else. */
const hungAfter = 60_000;

/** The engine of this run, as DOCKER_HOST has it; only where {@link describeDocker} runs. */
export function dockerHost(): string {
  const host = inject('dockerHost');
  if (!host) throw new Error('there is no Docker Engine; describe Docker tests with `describeDocker`');
  return host;
}

/** The environment of a command or driver that is to use the engine of this run and no other. */
export function dockerEnvironment(): Readonly<Record<string, string>> {
  return { DOCKER_HOST: dockerHost() };
}

/** Tests that need an engine; skipped, with the reason in their name, where there is none. */
export function describeDocker(name: string, tests: () => void): void {
  const reason = inject('dockerSkipReason');
  if (reason === undefined) describe(name, tests);
  else describe.skip(`${name} (skipped: ${reason})`, tests);
}

/** A plain client of the engine of this run, to look and meddle behind the driver's back. */
export function dockerClient(): Docker {
  const host = dockerHost();
  const [, path] = /^unix:\/\/(.*)$/.exec(host) ?? [];
  if (path !== undefined) return new Docker({ socketPath: path });
  const url = new URL(host.replace(/^tcp:/, 'http:'));
  return new Docker({ host: url.hostname, port: Number(url.port || 2375), protocol: 'http' });
}

/** A workspace name that no other test has. */
export function uniqueWorkspace(stem = 'ws'): string {
  return `${stem}-${randomBytes(4).toString('hex')}`;
}

/** Whether the engine's containers and published ports can be reached from here: it shares our network. */
export async function sharesNetwork(docker: Docker): Promise<boolean> {
  const network = await docker.createNetwork({ Name: uniqueWorkspace('reach'), Driver: 'bridge' });
  try {
    const interfaces = await readFile('/proc/net/dev', 'utf8').catch(() => '');
    return interfaces.includes(`br-${network.id.slice(0, 12)}`);
  } finally {
    await network.remove();
  }
}

/**
 * Removes everything of a workspace, one after another, and what else has a name that begins with it. Engines before
 * 20.10.27 can deadlock in removals: a private engine that does is restarted, and the removal tried again.
 */
export async function removeWorkspace(docker: Docker, workspace: string): Promise<void> {
  const ours = (name: string | undefined, found: Readonly<Record<string, string>> | null | undefined) =>
    found?.[labels.workspace] === workspace || (name ?? '').replace(/^\//, '').startsWith(`${workspace}-`);
  for (const { Id, Names, Labels } of await docker.listContainers({ all: true })) {
    if (ours(Names[0], Labels)) await removal(() => docker.getContainer(Id).remove({ force: true, v: true }));
  }
  for (const { Id, Name, Labels } of await docker.listNetworks()) {
    if (ours(Name, Labels)) await removal(() => docker.getNetwork(Id).remove());
  }
  const { Volumes } = await docker.listVolumes();
  for (const { Name, Labels } of (Volumes as typeof Volumes | null) ?? []) {
    if (ours(Name, Labels)) await removal(() => docker.getVolume(Name).remove());
  }
}

async function removal(remove: () => Promise<unknown>, attempts = 2): Promise<void> {
  const hung = Symbol('hung');
  const over = new AbortController();
  const ended = await Promise.race([
    remove().catch((error: unknown) => {
      if ((error as { statusCode?: number }).statusCode !== 404) throw error;
    }),
    delay(hungAfter, hung, { signal: over.signal }).catch(() => undefined),
  ]);
  over.abort();
  if (ended !== hung) return;
  if (attempts <= 1) throw new Error('the engine hangs in a removal, also after a restart');
  await promisify(execFile)(join(import.meta.dirname, '..', '..', 'scripts', 'engine'), ['restart']);
  await removal(remove, attempts - 1);
}
