import pLimit from 'p-limit';
import type { Project, ValueSource } from '../../model/agent.ts';
import type { ValueReference } from '../../model/reference.ts';
import type { Variables } from '../interpolate.ts';
import { commandSource } from './command-source.ts';
import { envSource } from './env-source.ts';
import { filesSource } from './files-source.ts';
import type { Keys, LookUp, Source } from './look-up.ts';

/** A reference to a key of one of the project's sources. */
export type KeyReference = Extract<ValueReference, { readonly from: 'secret' | 'config' }>;

/** The secrets and configs of a project. Each key is read when it is first asked for, and once. */
export interface ValueSources {
  read(reference: KeyReference): Promise<LookUp>;
  /** The keys there are of one name. */
  list(from: KeyReference['from'], name: string): Promise<Keys>;
  /** The values of all secrets that were read so far. */
  revealed(): Iterable<string>;
}

/** So many keys are read at once: programs that ask a server over the network stand behind some. */
const readsAtOnce = 8;

/** The sources that a project names. `signal` ends what is being read. */
export function openSources(
  project: Pick<Project, 'root' | 'secrets' | 'configs'>,
  variables: Variables,
  signal?: AbortSignal,
): ValueSources {
  const sources = {
    secret: openSource('secret', project.secrets, project.root, variables),
    config: openSource('config', project.configs, project.root, variables),
  };
  const limit = pLimit(readsAtOnce);
  const looked = new Map<string, Promise<LookUp>>();
  const revealed = new Set<string>();
  return {
    read: ({ from, name, key }) => {
      const id = JSON.stringify([from, name, key]);
      const known = looked.get(id);
      if (known) return known;
      const look = limit(async () => {
        const found = await sources[from].read(name, key, signal);
        if (from === 'secret' && found.status === 'found') revealed.add(found.value).add(found.value.trim());
        return found;
      });
      looked.set(id, look);
      return look;
    },
    list: (from, name) => sources[from].list(name),
    revealed: () => revealed,
  };
}

function openSource(
  kind: 'secret' | 'config',
  source: ValueSource | undefined,
  root: string,
  variables: Variables,
): Source {
  switch (source?.from) {
    case 'files':
      return filesSource(root, source.path);
    case 'env':
      return envSource(kind, variables);
    case 'command':
      return commandSource(kind, { command: source.command, root, variables });
    case undefined: {
      const hint = `name one in \`aac.yaml\`: \`spec.${kind}s: { from: files, path: ${kind === 'secret' ? '.secrets' : 'config'} }\``;
      const absent = { status: 'absent', where: `nothing, as the project names no source of ${kind}s`, hint } as const;
      return { read: async () => absent, list: async () => absent };
    }
  }
}
