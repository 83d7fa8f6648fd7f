import { resolve } from 'node:path';
import { livingHolder, type LockHolder } from '../../apply/lock.ts';
import { agentTemplate, templateOf } from '../../model/address.ts';
import { hasErrors, type Diagnostic } from '../../model/diagnostic.ts';
import type { ApplyReport } from '../../model/outcome.ts';
import { describeRevision } from '../../report/history.ts';
import { lockWorkspace } from '../../runtime/apply-plan.ts';
import { planWorkspace } from '../../runtime/plan-workspace.ts';
import { loadPlan, openPlan } from '../../runtime/saved-plan.ts';
import { openRollback, type Rollback } from '../../runtime/rollback.ts';
import type { RevisionSource } from '../../runtime/revision-store.ts';
import { openWorkspace, sourceOf, type Workspace } from '../../runtime/workspace.ts';
import { approve } from '../approve.ts';
import { judgeExpectation, readExpectation, type ExpectationOptions } from '../expectation.ts';
import { rememberPlan } from '../remember-plan.ts';
import { carryOut, carryOutPlan, exitCodeOf, type ExecuteOptions } from '../carry-out.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { planningOptionNames, planRequestOf, type PlanningOptions } from '../plan-options.ts';
import { hideSensitive, printDiagnostics, printPlan, withoutAdvice } from '../present.ts';
import { reporting, type OutputOptions } from '../reporter.ts';
import { refuse } from '../refuse.ts';

interface ApprovalOptions extends ExecuteOptions, OutputOptions {
  readonly autoApprove: boolean;
}

interface ApplyCommandOptions extends ApprovalOptions, PlanningOptions, ExpectationOptions {
  readonly allowDataLoss: boolean;
}

interface DestroyCommandOptions extends ApprovalOptions, ExpectationOptions {
  readonly volumes: boolean;
  readonly target?: readonly string[];
  readonly exclude?: readonly string[];
}

interface RollbackCommandOptions extends ApprovalOptions, ExpectationOptions {
  readonly path: string;
  readonly allowDelete: boolean;
  readonly waitTimeout?: number;
}

/** `aac apply`: plan, ask, do; or do the plan that was saved. */
export async function applyCommand(
  context: CommandContext,
  path: string,
  options: ApplyCommandOptions,
): Promise<ExitCode> {
  return reporting(context, options, (reported) => applyReported(context, path, reported));
}

async function applyReported(context: CommandContext, path: string, options: ApplyCommandOptions): Promise<ExitCode> {
  if (path.endsWith('.json')) {
    const unusable = ([...planningOptionNames, 'driver'] as const).filter((name) => options[name] !== undefined);
    if (unusable.length === 0) return applySaved(context, path, options);
    return refuse(context, options, unusable.map(optionOfPlan));
  }
  if (options.secrets === 'unchanged' && options.expect === undefined && options.expectPlan === undefined) {
    return refuse(context, options, [nothingExpected]);
  }
  return planAndApply(context, path, options, {
    question: 'Do it?',
    dataLossApproved: options.allowDataLoss,
    request: planRequestOf(options),
  });
}

/** `aac destroy`: the reverse of apply. */
export async function destroyCommand(
  context: CommandContext,
  path: string,
  options: DestroyCommandOptions,
): Promise<ExitCode> {
  const intent = {
    question: 'Remove all of this?',
    dataLossApproved: options.volumes,
    request: {
      destroy: { volumes: options.volumes },
      ...(options.target ? { targets: options.target } : {}),
      ...(options.exclude ? { exclude: options.exclude } : {}),
    },
  };
  return reporting(context, options, (reported) =>
    planAndApply(context, path, { ...reported, operation: 'destroy' }, intent),
  );
}

/** `aac rollback`: what an earlier revision asked for, planned and applied like anything else. */
export async function rollbackCommand(
  context: CommandContext,
  revision: number | undefined,
  options: RollbackCommandOptions,
): Promise<ExitCode> {
  const { allowDelete, waitTimeout } = options;
  const intent = {
    question: 'Go back to this?',
    dataLossApproved: false,
    rollback: revision ?? 0,
    request: { allowDelete, ...(waitTimeout === undefined ? {} : { waitTimeout }) },
  };
  return reporting(context, options, (reported) => planAndApply(context, options.path, reported, intent));
}

/** How long to wait for a watch that may be in the middle of a run or a restart, in milliseconds. */
export function patienceBeside(watcher: LockHolder | undefined): { readonly wait: number } {
  return { wait: watcher ? 30_000 : 0 };
}

/** That what is destroyed does not stay so: the watch waits until all is gone, then applies the manifests again. */
function undoneByWatch({ process: { pid }, command }: LockHolder): Diagnostic {
  return {
    code: 'watched',
    severity: 'warning',
    message: `\`${command}\` (process ${String(pid)}) will start all that the manifests declare again, once this has ended`,
    hint: 'to keep it away: `aac watch --stop` first',
  };
}

async function planAndApply(
  context: CommandContext,
  path: string,
  options: ApprovalOptions & ExpectationOptions,
  intent: {
    readonly question: string;
    readonly dataLossApproved: boolean;
    readonly request: Parameters<typeof planWorkspace>[1];
    /** The revision to return to, in place of the manifests; 0 for the last that was another. */
    readonly rollback?: number;
  },
): Promise<ExitCode> {
  const { terminal, surroundings, interruption, log } = context;
  await using opened = await openWorkspace(path, surroundings, { ...options, signal: interruption.drain });
  hideSensitive(terminal, opened.reading);
  const rollback = intent.rollback === undefined ? undefined : await openRollback(opened, intent.rollback || undefined);
  if (rollback && !rollback.ok) {
    const { project, texts } = opened.reading;
    return await refuse(context, options, rollback.error, { workspace: project.workspace, texts });
  }
  const workspace = rollback?.value.workspace ?? opened;
  const { reading, drivers, stateFolder } = workspace;
  const about = { workspace: reading.project.workspace, texts: reading.texts };
  if (rollback && options.format === 'text') terminal.error(`back to ${describeRevision(rollback.value.target)}\n`);
  if (hasErrors(workspace.diagnostics)) {
    return await refuse(context, options, workspace.diagnostics, about);
  }
  const expected = await readExpectation(options, { stateFolder, cwd: surroundings.cwd });
  if (!expected.ok) {
    return await refuse(context, options, expected.error, about);
  }
  const locked = await lockWorkspace(reading.project.workspace, stateFolder, context.commandLine, {
    ...patienceBeside(workspace.watcher),
    signal: interruption.drain,
  });
  if (!locked.ok) {
    return await refuse(context, options, [locked.error], about);
  }
  await using _lock = locked.value;
  if (options.operation === 'destroy' && workspace.watcher && options.format === 'text') {
    printDiagnostics(terminal, [undoneByWatch(workspace.watcher)], reading.texts);
  }
  const { callTimeout } = options;
  const request = { ...intent.request, ...(callTimeout === undefined ? {} : { callTimeout }) };
  const planned = await planWorkspace(workspace, request, interruption.drain);
  if (interruption.drain.aborted) return exitCodes.interrupted;
  if (!planned.ok) {
    return await refuse(context, options, planned.error, about);
  }
  const { plan } = planned.value;
  log.info({ digest: plan.digest, nodes: plan.nodes.length }, 'planned');
  if (options.format === 'text') {
    const shown = options.operation === 'destroy' ? { ...plan, diagnostics: withoutAdvice(plan.diagnostics) } : plan;
    printPlan(terminal, shown, reading.texts, 'text');
  }
  if (hasErrors(plan.diagnostics)) {
    return await refuse(context, options, plan.diagnostics, { ...about, isPrinted: options.format === 'text' });
  }
  const mismatch = expected.value ? judgeExpectation(expected.value, plan) : [];
  if (mismatch.length > 0) {
    return await refuse(context, options, mismatch, about);
  }
  await rememberPlan(context, workspace, plan);
  const answer = await approve(context, plan, {
    question: intent.question,
    approved: options.autoApprove || expected.value !== undefined,
    dataLossApproved: intent.dataLossApproved,
  });
  if (answer !== exitCodes.ok) return answer;
  const report = await carryOutPlan(
    context,
    plan,
    {
      drivers,
      stateFolder,
      values: reading.values,
      templates: workspace.desired?.templates,
      source: options.operation === 'destroy' ? 'removal' : originOf(workspace, rollback?.value),
    },
    options,
  );
  const left = options.format === 'text' && !rollback ? notRolledBack(report, workspace) : undefined;
  if (left !== undefined) terminal.error(`${left}\n`);
  return exitCodeOf(report);
}

/** Who takes back what failed and asks for that: a watch, or whoever reads this. */
function notRolledBack({ nodes }: ApplyReport, { reading, watcher }: Workspace): string | undefined {
  const failed = new Set(
    nodes.flatMap(({ node, outcome }) => (outcome.status === 'failed' ? [templateOf(node.step.address)] : [])),
  );
  const asking = reading.agents.filter(
    ({ name, deployment }) => deployment.autoRollback && failed.has(agentTemplate(name)),
  );
  if (asking.length === 0) return undefined;
  const names = asking.map(({ name }) => name).join(', ');
  return watcher
    ? `${names}: \`${watcher.command}\` (process ${String(watcher.process.pid)}) goes back to what ran before`
    : `${names}: only \`aac watch\` goes back by itself, as \`autoRollback\` asks; \`aac rollback\` plans the way back now`;
}

/** What the history is to know of where a plan came from. */
function originOf(workspace: Workspace, rollback: Rollback | undefined): RevisionSource {
  const source = sourceOf(workspace);
  if (!rollback || typeof source === 'string') return source;
  return { ...source, rollback: { to: rollback.target.revision, abandoned: rollback.abandoned } };
}

async function applySaved(context: CommandContext, file: string, options: ApplyCommandOptions): Promise<ExitCode> {
  const { terminal } = context;
  const saved = await loadPlan(resolve(context.surroundings.cwd, file));
  if (!saved.ok) {
    return await refuse(context, options, saved.error);
  }
  await using opened = await openPlan(saved.value, context.surroundings);
  hideSensitive(terminal, opened);
  const { cwd } = context.surroundings;
  const expected = await readExpectation(options, { stateFolder: opened.stateFolder, cwd });
  const refused = expected.ok ? expected.value && judgeExpectation(expected.value, saved.value.plan) : expected.error;
  if (refused && refused.length > 0) {
    return await refuse(context, options, refused);
  }
  const watcher = await livingHolder(opened.stateFolder, 'watch');
  const locked = await lockWorkspace(opened.plan.workspace, opened.stateFolder, context.commandLine, {
    ...patienceBeside(watcher),
    signal: context.interruption.drain,
  });
  if (!locked.ok) {
    return await refuse(context, options, [locked.error]);
  }
  await using _lock = locked.value;
  if (options.format === 'text') printPlan(terminal, opened.plan, new Map(), 'text');
  const answer = await approve(context, opened.plan, {
    question: 'Do it?',
    approved: true,
    dataLossApproved: options.allowDataLoss,
  });
  if (answer !== exitCodes.ok) return answer;
  return await carryOut(context, opened.plan, opened, options);
}

/** Whoever applies has the secrets: only a plan that was made without them is to be met again. */
const nothingExpected: Diagnostic = {
  code: 'invalid-argument',
  severity: 'error',
  message: '`--secrets=unchanged` applies only what a plan without the secrets was approved for',
  hint: 'add `--expect` with the digest of that plan, or let the secrets be read',
};

function optionOfPlan(name: string): Diagnostic {
  const option = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return {
    code: 'invalid-argument',
    severity: 'error',
    message: `\`${option}\` means nothing to a saved plan: it does exactly what it says`,
    hint: `give \`${option}\` to the \`aac plan\` that saves it`,
  };
}
