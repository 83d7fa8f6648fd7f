import { basename } from 'node:path';
import type { DriverName, Project, Scope, ValueSource } from '../../model/agent.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { fieldSegments } from '../../model/field-path.ts';
import type { SourceMap, SourceRange } from '../../model/source.ts';
import { defined } from '../defined.ts';
import type { EnvFile } from '../gather.ts';
import { isJsonObject } from '../../util/json.ts';
import { valueAtPath } from '../issues.ts';
import { locate } from '../locate.ts';
import type { WrittenProject } from '../schema/project.ts';
import type { Path } from '../source-tree.ts';
import type { Checked } from '../validate.ts';
import { workspaceName } from '../workspace-name.ts';
import type { Layer } from './layers.ts';

/** A project, and what of it goes into its agents. */
export interface ResolvedProject {
  readonly project: Project;
  readonly driver?: DriverName;
  readonly defaults?: Layer;
  /** Faulty ones too, so that who names one is not told that it does not exist. */
  readonly networkNames: readonly string[];
  readonly envFiles: readonly EnvFile[];
  /** Cron expressions, to be checked by who can. */
  readonly schedules: readonly Schedule[];
}

/** A cron expression and where it is written. */
export interface Schedule {
  readonly expression: string;
  readonly document: Checked<WrittenProject>['document'];
  readonly path: Path;
}

/** The project of a directory, with defaults where no project file says otherwise. */
export function resolveProject(scope: Scope, checked: Checked<WrittenProject> | undefined): ResolvedProject {
  const diagnostics: Diagnostic[] = [];
  const { metadata = {}, spec = {} } = checked?.written ?? {};
  const networks = Object.entries(spec.networks ?? {}).map(([name, network]) => {
    const { internal = false, external = false } = network ?? {};
    if (checked) diagnostics.push(...networkErrors(checked, name, { internal, external }));
    return [name, { internal, external }] as const;
  });
  const sources = [spec.secrets, spec.configs];
  ['secrets', 'configs'].forEach((name, index) => {
    if (checked) diagnostics.push(...sourceErrors(checked, name, sources[index]));
  });
  const { sync = {}, quotas = {} } = spec;
  return {
    project: {
      workspace: metadata.name ?? workspaceName(basename(scope.directory)) ?? 'default',
      scope,
      root: scope.directory,
      previousNames: metadata.previousNames ?? [],
      ...(spec.docker?.host === undefined ? {} : { docker: { host: spec.docker.host } }),
      ...defined({ secrets: sourceOf(spec.secrets, '.secrets'), configs: sourceOf(spec.configs, 'config') }),
      networks: { default: { internal: false, external: false }, ...Object.fromEntries(networks) },
      ...defined({ maxDelete: spec.maxDelete }),
      ...(spec.edge ? { edge: defined({ image: spec.edge.image, dns: spec.edge.dns }) } : {}),
      quotas: defined({ cpu: quotas.cpu, memory: quotas.memory, agents: quotas.agents }),
      sync: {
        ...defined({ resync: sync.resync }),
        selfHeal: sync.selfHeal ?? true,
        prune: sync.prune ?? true,
        windows: (sync.windows ?? []).map(({ kind, schedule, duration, timeZone }) => ({
          kind,
          schedule,
          duration,
          ...defined({ timeZone }),
        })),
      },
      notify: spec.notify ?? [],
      ...(checked ? { source: projectSourceMap(checked) } : {}),
      diagnostics,
    },
    ...defined({ driver: spec.driver }),
    networkNames: ['default', ...writtenNetworks(checked)],
    ...(checked && spec.defaults ? { defaults: layerOf(checked, spec.defaults) } : {}),
    envFiles: checked ? envFilesOf(checked) : [],
    schedules: checked ? schedulesOf(checked) : [],
  };
}

function projectSourceMap({ document }: Checked<WrittenProject>): SourceMap {
  return { locate: (path) => locate({ document, path: ['spec', ...fieldSegments(path)] }) };
}

function writtenNetworks(checked: Checked<WrittenProject> | undefined): readonly string[] {
  const networks = checked && valueAtPath(checked.document.value, ['spec', 'networks']);
  return isJsonObject(networks) ? Object.keys(networks) : [];
}

function layerOf({ document, faults, indices }: Checked<WrittenProject>, spec: Layer['spec']): Layer {
  return { document, prefix: ['spec', 'defaults'], spec, faults, indices };
}

function envFilesOf({ document, written }: Checked<WrittenProject>): readonly EnvFile[] {
  const files = written?.spec?.env ?? [];
  return files.map((path, index) => ({ path, place: { document, path: ['spec', 'env', index] } }));
}

function networkErrors(
  { document }: Checked<WrittenProject>,
  name: string,
  network: { readonly internal: boolean; readonly external: boolean },
): readonly Diagnostic[] {
  const path = ['spec', 'networks', name];
  const error = (code: Diagnostic['code'], message: string, hint: string): Diagnostic => ({
    code,
    severity: 'error',
    message,
    hint,
    range: locate({ document, path }, 'key'),
  });
  if (name === 'bridge' || name === 'host' || name === 'none') {
    return [error('invalid-value', `\`${name}\` is a network mode and cannot name a network`, 'take another name')];
  }
  if (!network.internal || !network.external) return [];
  const hint = 'who makes the network decides whether it is internal: take one of them out';
  return [error('conflicting-fields', `network \`${name}\` is both \`internal\` and \`external\``, hint)];
}

type Source = NonNullable<NonNullable<WrittenProject['spec']>['secrets']>;

/** A source as it was written; a command that is one text is taken apart at its spaces. */
function sourceOf(source: Source | undefined, defaultPath: string): ValueSource | undefined {
  switch (source?.from) {
    case undefined:
      return undefined;
    case 'files':
      return { from: 'files', path: source.path ?? defaultPath };
    case 'env':
      return { from: 'env' };
    case 'command': {
      const { command = [] } = source;
      return { from: 'command', command: typeof command === 'string' ? command.trim().split(/\s+/) : command };
    }
  }
}

function sourceErrors(
  { document }: Checked<WrittenProject>,
  name: string,
  source: Source | undefined,
): readonly Diagnostic[] {
  if (!source) return [];
  const at = (...more: Path): SourceRange => locate({ document, path: ['spec', name, ...more] }, 'key');
  const found: Diagnostic[] = [];
  if (source.from === 'command' && source.command === undefined) {
    const message = `\`spec.${name}\` needs a \`command\` that prints a value`;
    found.push({ code: 'missing-field', severity: 'error', message, range: at('from') });
  }
  for (const field of ['command', 'path'] as const) {
    const belongs = field === 'command' ? 'command' : 'files';
    if (source[field] === undefined || source.from === belongs) continue;
    found.push({
      code: 'conflicting-fields',
      severity: 'error',
      message: `\`${field}\` means nothing beside \`from: ${source.from}\``,
      hint: `it goes with \`from: ${belongs}\``,
      range: at(field),
    });
  }
  return found;
}

function schedulesOf({ document, written }: Checked<WrittenProject>): readonly Schedule[] {
  const { resync, windows = [] } = written?.spec?.sync ?? {};
  return [
    ...(resync === undefined ? [] : [{ expression: resync, document, path: ['spec', 'sync', 'resync'] }]),
    ...windows.map(({ schedule }, index) => ({
      expression: schedule,
      document,
      path: ['spec', 'sync', 'windows', index, 'schedule'],
    })),
  ];
}
