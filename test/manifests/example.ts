import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Rig } from '../support/rig.ts';

const manifests = join(import.meta.dirname, '..', '..', 'manifests');

/** What an example's agents answer to `POST /chat`. */
export interface Answer {
  readonly agent: string;
  readonly reply: string;
  readonly via: readonly string[];
}

/** One of the example projects, in a rig, with the rig's workspace and host ports that are free. */
export interface Example {
  /** Where `manifests/` was copied to. */
  readonly manifests: string;
  /** The host port in the copy where `port` stands in the example. */
  port(port: number): number;
  /** Runs `aac <parameters>` in the project, which must end with `exitCode`, and answers all that it printed. */
  aac(exitCode: number, ...parameters: readonly string[]): Promise<string>;
}

/** Copies `manifests/` into `rig` and changes, in the project `name`, its name, the given ports and other texts. */
export async function copyExample(
  rig: Rig,
  name: string,
  options: {
    readonly ports: readonly number[];
    readonly replacements?: Readonly<Record<string, string>>;
    readonly environment?: Readonly<Record<string, string>>;
  },
): Promise<Example> {
  const copy = join(rig.folder, 'manifests');
  cpSync(manifests, copy, { recursive: true });
  const free = await freePorts(options.ports.length);
  const ports = new Map(options.ports.map((port, index) => [port, free[index]!]));
  const replacements = [
    [`name: ${name}\n`, `name: ${rig.workspace}\n`] as const,
    ...[...ports].map(([port, mapped]) => [String(port), String(mapped)] as const),
    ...Object.entries(options.replacements ?? {}),
  ];
  for (const entry of readdirSync(join(copy, name), { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.yaml')) continue;
    const file = join(copy, name, entry);
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      replacements.reduce((result, [from, to]) => result.replaceAll(from, to), text),
    );
  }
  const commands = rig.with({ folder: join('manifests', name), environment: options.environment ?? {} });
  return {
    manifests: copy,
    port: (port) => ports.get(port)!,
    aac: async (exitCode, ...parameters) => {
      const ended = await commands.aac(...parameters);
      expect(ended.exitCode, ended.all).toBe(exitCode);
      return ended.all;
    },
  };
}

/** The JSON that `url` answers; a `message` is posted. */
export async function getJson(url: string, message?: string): Promise<unknown> {
  const response = await fetch(url, {
    ...(message === undefined ? {} : { method: 'POST', body: JSON.stringify({ message }) }),
    signal: AbortSignal.timeout(10_000),
  });
  return await response.json();
}

/** `count` different TCP ports that nothing listens on; they are let go before anybody takes them. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
