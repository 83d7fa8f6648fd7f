import { stringify } from 'yaml';

/** The fields of an agent's `spec`, as they are written. */
export type SpecFields = Readonly<Record<string, unknown>>;

/** An image with a shell and what goes with it; nothing is ever pulled. */
export const busybox = { driver: 'docker', image: 'aac-test/busybox:1', imagePullPolicy: 'Never' } as const;

/** An agent that does nothing and stops when it is told to. */
const sleeping = { command: ['sleep', '86400'], stop: { gracePeriod: '1s' } } as const;

/** The text of a manifest. */
export function agentText(name: string, spec: SpecFields, metadata: Readonly<Record<string, unknown>> = {}): string {
  return stringify({ apiVersion: 'agent.dev/v1', kind: 'Agent', metadata: { name, ...metadata }, spec });
}

/** A container that sleeps. */
export function container(name: string, spec: SpecFields = {}): string {
  return agentText(name, { ...busybox, ...sleeping, ...spec });
}

/** A process that sleeps. */
export function localProcess(name: string, spec: SpecFields = {}): string {
  return agentText(name, { driver: 'process', ...sleeping, ...spec });
}

/** What makes an agent run a line of shell. */
export function shell(script: string): { readonly command: readonly string[] } {
  return { command: ['sh', '-c', script] };
}

/** `file:line:column` of the first `part` within the first line of `text` that holds `line`. */
export function placeOf(file: string, text: string, line: string, part: string = line): string {
  const lines = text.split('\n');
  const index = lines.findIndex((candidate) => candidate.includes(line));
  const column = lines[index]?.indexOf(part) ?? -1;
  if (column < 0) throw new Error(`\`${part}\` does not stand beside \`${line}\` in:\n${text}`);
  return `${file}:${String(index + 1)}:${String(column + 1)}`;
}
