import type { TemplateAddress } from '../model/address.ts';
import type { ManifestHash } from '../model/revision.ts';
import { printable } from '../report/text.ts';
import type { AutoRollback } from '../runtime/auto-rollback.ts';
import type { RolledBackAgent } from '../apply/watch-notes.ts';
import type { WatchSink } from './watch-event.ts';

/** One line for each agent whose manifest has failed and is to be rolled back: how far back, and until when. */
export function rollbackLines(rollbacks: readonly AutoRollback[]): readonly string[] {
  return rollbacks.map((each) => {
    const { template, failed } = each;
    const name = template.replace(/^agent\//, '');
    const why = `its rollout failed as revision ${String(failed)}`;
    return each.type === 'back'
      ? `${printable(template)} goes back to revision ${String(each.to)}: ${why}; ` +
          `it stays there until its manifest changes or \`aac apply --target ${name}\` succeeds`
      : `${printable(template)} cannot be rolled back: ${why}, and ${each.because}`;
  });
}

/** The agents that are not as their manifests say, for programs. */
export function rolledBackAgents(rollbacks: readonly AutoRollback[]): readonly RolledBackAgent[] {
  return rollbacks.flatMap((each) =>
    each.type === 'back' ? [{ address: each.template, to: each.to, failed: each.failed }] : [],
  );
}

/** Tells each rollback once, when it is done. */
export interface RollbackNews {
  /** After a run; `undone` says of which agents something is left to do. */
  settle(run: string, rollbacks: readonly AutoRollback[], undone: ReadonlySet<TemplateAddress>): void;
}

/** News of which nothing has been told yet. One that an earlier watch had begun is told when this one ends it. */
export function createRollbackNews(emit: WatchSink): RollbackNews {
  const owed = new Map<TemplateAddress, ManifestHash>();
  const told = new Map<TemplateAddress, ManifestHash>();
  return {
    settle(run, rollbacks, undone) {
      for (const each of rollbacks) {
        if (each.type !== 'back') continue;
        const { template, manifest, to, failed, hasBegun } = each;
        const isLeft = undone.has(template);
        if ((!hasBegun || isLeft) && told.get(template) !== manifest) owed.set(template, manifest);
        if (isLeft || owed.get(template) !== manifest) continue;
        owed.delete(template);
        told.set(template, manifest);
        emit({ type: 'rolled-back', run, address: template, to, failed });
      }
      for (const template of told.keys())
        if (!rollbacks.some((each) => each.template === template)) told.delete(template);
    },
  };
}
