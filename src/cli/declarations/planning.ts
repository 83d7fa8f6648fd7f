import { Option, type Command } from 'commander';
import type { Declarer } from './declarer.ts';
import {
  addExpectationOptions,
  addOutputOptions,
  allowDeleteOption,
  callTimeoutOption,
  collect,
  driverOption,
  excludeOption,
  failOnOption,
  formatOption,
  maxDeleteOption,
  parallelismOption,
  replaceOption,
  reportFormatOption,
  secretsOption,
  targetOption,
  waitTimeoutOption,
} from './options.ts';

/** Commands that compare what is declared with what runs, and bring it in line. */
export function declarePlanning({ command, run }: Declarer): void {
  const planning = command('plan', 'show what apply would do, and why; changes nothing', [
    'aac plan manifests/',
    'aac plan --out plan.json && aac apply plan.json',
    'aac plan --detailed-exitcode   # 0 no change, 1 error, 2 changes',
    'aac plan --fail-on destroy,replace',
    'aac plan --out plan.json --out-markdown plan.md --out-github',
  ])
    .argument('[path]', 'a manifest, or a directory that is searched for them', '.')
    .option('--out <file>', 'save the plan, to be applied exactly as it is')
    .option('--detailed-exitcode', 'end with 2 when there is something to do', false)
    .option('--destroy', 'plan the removal of everything', false)
    .option('--volumes', 'with --destroy: remove named volumes and what is in them', false)
    .action(run(async () => (await import('../commands/plan.ts')).planCommand));
  addPlanningOptions(planning);
  planning.addOption(reportFormatOption());
  addOutputOptions(planning);

  const applying = command('apply', 'plan, ask, and carry the plan out', [
    'aac apply manifests/',
    'aac apply plan.json',
    'aac apply --expect "$DIGEST"   # what was approved, or the difference and nothing done',
  ])
    .argument('[path]', 'manifests, or a plan that `aac plan --out` saved', '.')
    .option('--auto-approve', 'do not ask', false)
    .option('--allow-data-loss', 'let volumes go with what is in them', false)
    .action(run(async () => (await import('../commands/apply.ts')).applyCommand));
  addPlanningOptions(applying);
  applying
    .addOption(parallelismOption())
    .option('--fail-fast', 'start nothing more after the first failure', false)
    .addOption(callTimeoutOption())
    .addOption(formatOption('text', 'json', 'jsonl'));
  addExpectationOptions(applying);
  addOutputOptions(applying);

  const destroying = command('destroy', 'remove everything that was applied from here; named volumes are kept', [
    'aac destroy manifests/',
    'aac destroy --volumes --auto-approve',
  ])
    .argument('[path]', 'a manifest, or a directory that is searched for them', '.')
    .option('--auto-approve', 'do not ask', false)
    .option('--volumes', 'remove named volumes and what is in them', false)
    .addOption(targetOption())
    .addOption(excludeOption())
    .addOption(parallelismOption())
    .option('--fail-fast', 'start nothing more after the first failure', false)
    .addOption(callTimeoutOption())
    .addOption(formatOption('text', 'json', 'jsonl'))
    .action(run(async () => (await import('../commands/apply.ts')).destroyCommand));
  addExpectationOptions(destroying);
  addOutputOptions(destroying);

  const drifting = command('drift', 'say what was changed outside of aac; 2 when there is any', [
    'aac drift manifests/',
    'aac drift --ignore web:resources.limits.pids',
    'aac drift --baseline drift.json --write-baseline   # then: aac drift --baseline drift.json',
  ])
    .argument('[path]', 'a manifest, or a directory that is searched for them', '.')
    .addOption(
      new Option('--ignore <what>', 'leave out an agent, a field, or `agent:field`; may be repeated').argParser(
        collect,
      ),
    )
    .option('--baseline <file>', 'leave out what this file knows')
    .option('--write-baseline', 'write the file instead, with all that has moved', false)
    .addOption(driverOption())
    .addOption(reportFormatOption())
    .action(run(async () => (await import('../commands/drift.ts')).drift));
  addOutputOptions(drifting);
}

/** The options that say which plan to make, of commands that make one from manifests. */
function addPlanningOptions(planning: Command): void {
  const options = [
    targetOption(),
    excludeOption(),
    replaceOption(),
    maxDeleteOption(),
    allowDeleteOption(),
    failOnOption(),
    secretsOption(),
    driverOption(),
    waitTimeoutOption(),
  ];
  for (const option of options) planning.addOption(option);
}
