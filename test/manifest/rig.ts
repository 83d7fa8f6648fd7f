import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Agent } from '../../src/model/agent.ts';
import { readProject, type ProjectReading, type ReadOptions } from '../../src/manifest/read-project.ts';

/** A directory with the given files, gone when the test is over. */
export function directoryOf(files: Readonly<Record<string, string>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'aac-manifest-')));
  onTestFinished(() => {
    rmSync(root, { recursive: true, force: true });
  });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** What `path` within a directory of the given files reads as. */
export async function read(
  files: Readonly<Record<string, string>>,
  options: Partial<ReadOptions> & { readonly path?: string } = {},
): Promise<ProjectReading> {
  const cwd = options.cwd ?? directoryOf(files);
  return readProject(options.path ?? '.', { environment: {}, ...options, cwd });
}

/** The text of an agent called `name`; `spec` is YAML that begins at the first column. */
export function agentText(name: string, spec = ''): string {
  const body = spec === '' ? '' : `spec:\n${spec.replaceAll(/^(?=.)/gm, '  ')}\n`;
  return `apiVersion: agent.dev/v1\nkind: Agent\nmetadata:\n  name: ${name}\n${body}`;
}

/** The text of a project; `spec` as for an agent. */
export function projectText(spec = ''): string {
  const body = spec === '' ? '' : `spec:\n${spec.replaceAll(/^(?=.)/gm, '  ')}\n`;
  return `apiVersion: agent.dev/v1\nkind: Project\nmetadata:\n  name: desk\n${body}`;
}

/** One agent of the given spec, and what was said about it. */
export async function readSpec(
  spec: string,
  options: { readonly environment?: Readonly<Record<string, string>>; readonly project?: string } = {},
): Promise<{
  readonly agent: Agent | undefined;
  readonly reading: ProjectReading;
  readonly problems: readonly string[];
}> {
  const files = {
    'aac.yaml': options.project ?? projectText(),
    'agent.yaml': agentText('web', spec),
    'other.agent.yaml': agentText('other'),
  };
  const reading = await read(files, { environment: options.environment ?? {} });
  return {
    agent: reading.agents.find((agent) => agent.name === 'web'),
    reading,
    problems: reading.diagnostics.map(({ code, message }) => `${code}: ${message}`),
  };
}
