import type { ExecOrder } from '../drivers/driver.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { DriverError } from '../model/outcome.ts';
import { isRunning } from '../model/version.ts';
import { err, ok, type Result } from '../util/result.ts';
import { listAgents } from './list-agents.ts';
import type { Workspace } from './workspace.ts';

/** A command to run in an agent. Without `output`, what it writes is collected. */
export interface ExecRequest extends Omit<ExecOrder, 'output' | 'signal'> {
  /** Called with what the command writes, as it comes. */
  readonly output?: ExecOrder['output'];
  /** Ends the command; where the engine cannot, it goes on without anybody listening. */
  readonly signal?: AbortSignal;
}

/** How a command ended. */
export interface ExecResult {
  readonly exitCode: number;
  /** What it wrote, as UTF-8; empty where the request has an `output`, or for stderr a `terminal`. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Why a command was not run: `not-found` where no agent of that name runs, or what the driver answered. */
export interface ExecRefusal extends DriverError {
  /** What could not be looked at, and so may be why the agent was not found. */
  readonly diagnostics?: readonly Diagnostic[];
}

/** Runs a command in the first replica of that name that runs. */
export async function execForProgram(
  workspace: Workspace,
  name: string,
  request: Omit<ExecRequest, 'signal'>,
  signal: AbortSignal,
): Promise<Result<ExecResult, ExecRefusal>> {
  const { agents, diagnostics } = await listAgents(workspace, [name], signal);
  const agent = agents.find(isRunning);
  const refuse = (refusal: Pick<ExecRefusal, 'code' | 'message' | 'diagnostics'>) =>
    err({ ...refusal, retry: 'terminal' as const });
  if (!agent) {
    const message = `no agent \`${name}\` runs`;
    return refuse({ code: 'not-found', message, ...(hasErrors(diagnostics) ? { diagnostics } : {}) });
  }
  const driver = await workspace.drivers.open(agent.driver);
  if (!driver?.exec) {
    return refuse({ code: 'invalid', message: `the ${agent.driver} driver cannot run commands` });
  }
  const written = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const output: ExecOrder['output'] = request.output ?? ((stream, chunk) => void written[stream].push(chunk));
  const ended = await driver.exec(agent.ref, { ...request, output, signal });
  if (!ended.ok) return ended;
  return ok({
    exitCode: ended.value.exitCode,
    stdout: Buffer.concat(written.stdout).toString(),
    stderr: Buffer.concat(written.stderr).toString(),
  });
}
