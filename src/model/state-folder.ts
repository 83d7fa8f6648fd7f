import { join } from 'node:path';

/**
 * Where aac keeps what it remembers of a workspace: `$AAC_STATE_DIR/<workspace>`, else
 * `$XDG_STATE_HOME/aac/<workspace>`, else `~/.local/state/aac/<workspace>`. Never in the checkout, which `git clean`
 * empties.
 */
export function stateFolder(workspace: string, environment: Readonly<Record<string, string | undefined>>): string {
  const chosen = environment.AAC_STATE_DIR;
  if (chosen) return join(chosen, workspace);
  const base = environment.XDG_STATE_HOME ?? join(environment.HOME ?? '/', '.local', 'state');
  return join(base, 'aac', workspace);
}
