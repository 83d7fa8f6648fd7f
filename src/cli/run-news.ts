import type { Address } from '../model/address.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { Drift, Plan } from '../model/plan.ts';
import { formatRange } from '../model/source.ts';
import type { Broken } from '../runtime/open-keeping-good.ts';
import { canonicalJson } from '../util/json.ts';
import type { AutoRollback } from '../runtime/auto-rollback.ts';
import { heldLines } from '../watch/held-lines.ts';
import type { HeldChange } from '../watch/hold.ts';
import { rollbackLines } from '../watch/rollback-news.ts';
import type { WatchSink } from '../watch/watch-event.ts';
import { printDiagnostics, printPlan } from './present.ts';
import type { Terminal } from './terminal.ts';

/** Tells what the runs of a watch meet: each thing once, and again only when it has changed. */
export interface RunNews {
  /** What is wrong with manifests; `hadGood`: there is a last good state as a whole. */
  broken(broken: Broken | undefined, hadGood: boolean): void;
  diagnostics(diagnostics: readonly Diagnostic[], texts: ReadonlyMap<string, string>): void;
  held(changes: readonly HeldChange[]): void;
  /** What goes back from a failed rollout. */
  rollbacks(rollbacks: readonly AutoRollback[]): void;
  drift(run: string, drift: readonly Drift[], held: readonly HeldChange[]): void;
  /** For a dry run. */
  wouldDo(plan: Plan, texts: ReadonlyMap<string, string>): void;
}

/** News of which nothing has been told yet. */
export function createRunNews(terminal: Terminal, emit: WatchSink): RunNews {
  const told = new Map<string, string>();
  /** Whether this is another text than the one told last under this heading. */
  const isNew = (heading: string, text: string): boolean => {
    if ((told.get(heading) ?? '') === text) return false;
    told.set(heading, text);
    return true;
  };
  let lines: ReadonlySet<string> = new Set();
  let backs: ReadonlySet<string> = new Set();
  let isUnreachable = false;

  return {
    broken(broken, hadGood) {
      const isTold = !isNew('broken', broken ? keyOf(broken.diagnostics) : '');
      if (isTold) return;
      if (!broken) {
        terminal.error('all manifests are valid again\n');
        return;
      }
      printDiagnostics(terminal, broken.diagnostics, broken.texts);
      for (const { file, instead } of broken.files) {
        terminal.error(
          instead === 'nothing'
            ? `\`${file}\` is passed by, and its agents are left as they are\n`
            : `\`${file}\` stays in force as it was when it last was valid\n`,
        );
      }
      if (broken.files.length === 0 && hadGood) terminal.error('what was valid last stays in force\n');
      else if (broken.files.length > 0) terminal.error('nothing is deleted until that is put right\n');
    },
    diagnostics(diagnostics, texts) {
      if (isNew('diagnostics', keyOf(diagnostics))) printDiagnostics(terminal, diagnostics, texts);
      const unreachable = hasErrors(diagnostics) && diagnostics.some(({ code }) => code === 'driver-unreachable');
      if (isUnreachable && !unreachable) terminal.error('everything that is needed answers again\n');
      else if (!isUnreachable && unreachable) terminal.error('waiting for it; what runs is left as it is meanwhile\n');
      isUnreachable = unreachable;
    },
    held(changes) {
      const shown = heldLines(changes.filter(isWorthALine));
      for (const line of shown) if (!lines.has(line)) terminal.error(`${line}\n`);
      lines = new Set(shown);
      const suspended = addressesOf(changes, 'suspended');
      if (isNew('suspended', suspended.join(' ')) && suspended.length > 0) {
        emit({ type: 'suspended', addresses: suspended });
      }
      const waiting = addressesOf(changes, 'window');
      if (isNew('window', waiting.join(' ')) && waiting.length > 0) {
        const until = changes.flatMap(({ reason }) => (reason.type === 'window' ? [reason.until] : []))[0];
        emit({ type: 'waiting-for-window', addresses: waiting, ...(until === undefined ? {} : { until }) });
      }
    },
    rollbacks(rollbacks) {
      const shown = rollbackLines(rollbacks);
      for (const line of shown) if (!backs.has(line)) terminal.error(`${line}\n`);
      backs = new Set(shown);
    },
    drift(run, drift, held) {
      const key = canonicalJson(
        drift.map(({ address, type, fields }) => [address, type, fields.map(({ path }) => path)]),
      );
      if (!isNew('drift', drift.length === 0 ? '' : key) || drift.length === 0) return;
      const kept = new Set(held.map(({ address }) => address));
      emit({ type: 'drift', run, drift, heals: !drift.some(({ address }) => kept.has(address)) });
    },
    wouldDo(plan, texts) {
      if (isNew('plan', plan.digest)) printPlan(terminal, { ...plan, diagnostics: [] }, texts, 'text');
    },
  };
}

/** A failure has its ledger, and too many deletions have a diagnostic of their own. */
function isWorthALine({ reason }: HeldChange): boolean {
  return reason.type !== 'mass-delete' && !(reason.type === 'failed' && reason.until !== undefined);
}

function addressesOf(changes: readonly HeldChange[], type: HeldChange['reason']['type']): readonly Address[] {
  return changes.filter(({ reason }) => reason.type === type).map(({ address }) => address);
}

function keyOf(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((each) => `${each.range ? formatRange(each.range) : ''} ${each.message}`).join('\n');
}
