import type { ApplyReport } from '../model/outcome.ts';
import { isEmptyPlan } from '../model/plan.ts';
import type { ObservedResource } from '../model/observed.ts';
import { formatLedger, ledgerJson, type Operation } from '../report/ledger.ts';

import { formatUrls } from '../report/agents-table.ts';
import type { CommonOptions } from './context.ts';
import { ended, styleOf } from './present.ts';
import type { Terminal } from './terminal.ts';

/** The end of an apply: the ledger, and where what runs now answers. */
export function printOutcome(
  terminal: Terminal,
  report: ApplyReport,
  running: readonly ObservedResource[],
  { format, operation }: { readonly format: CommonOptions['format']; readonly operation: Operation },
): void {
  switch (format) {
    case 'json':
      terminal.json(ledgerJson(report), 2);
      return;
    case 'jsonl':
      return; // the last event was the ledger
    case 'text':
      if (isEmptyPlan(report.plan)) return; // the plan has said so
      terminal.out(
        ended(
          formatLedger(report, {
            style: styleOf(terminal, 'out'),
            width: terminal.size().columns,
            operation,
            seen: terminal.drawsProgress,
          }),
        ),
      );
      if (report.status === 'succeeded') terminal.out(formatUrls(running, { style: styleOf(terminal, 'out') }));
  }
}
