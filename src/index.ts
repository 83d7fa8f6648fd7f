/**
 * aac for programs: `createRuntime` does what the command line does, the driver factories say where.
 *
 * @packageDocumentation
 */
export { createRuntime } from './runtime/runtime.ts';
export type { ApplyCallOptions, CallOptions, Operate, OperateOptions, Runtime } from './runtime/runtime.ts';
export type { Surroundings } from './runtime/workspace.ts';
export type { OperationTargets } from './runtime/operate.ts';
export type { RunRequest } from './runtime/plan-run.ts';
export type { RunEnd } from './runtime/run-agent.ts';
export type { RunningAgent, RunRefusal } from './runtime/run-program.ts';
export type { PlanRequest } from './runtime/plan-workspace.ts';
export type { AgentName, LogRequest } from './runtime/open-logs.ts';
export type { AgentLogLine } from './runtime/merge-logs.ts';
export type { EventRequest } from './runtime/follow-events.ts';
export type { AgentUsage, UsageSample } from './runtime/sample-usage.ts';
export type { DriverFactories } from './runtime/driver-set.ts';
export { createDockerDriver } from './drivers/docker/docker-driver.ts';
export { createProcessDriver } from './drivers/process/process-driver.ts';
export { createMemoryDriver } from './drivers/memory/memory-driver.ts';
export type {
  AttachOrder,
  Connection,
  Driver,
  ExecOrder,
  ExecuteContext,
  LogLine,
  LogOptions,
  LogStream,
  Observation,
  ProbeResult,
  TerminalSize,
  TerminalView,
  Usage,
} from './drivers/driver.ts';
export type { Result } from './util/result.ts';
export type { Address, AddressParts, ResourceKind, TemplateAddress } from './model/address.ts';
export { parseAddress } from './model/address.ts';
export type { AacEvent, AgentEvent, DriverEvent, DriverNotice } from './model/agent-event.ts';
export type { Agent, DriverName, Project, Scope } from './model/agent.ts';
export type { DiagnosticCode } from './model/codes.ts';
export type { DesiredState, ResourceTemplate } from './model/desired.ts';
export type { Diagnostic } from './model/diagnostic.ts';
export type { ApplyEvent } from './model/event.ts';
export type { Health } from './model/health.ts';
export type { ObservedResource, Phase, PublishedPort } from './model/observed.ts';
export type { ApplyReport, DriverError, NodeReport, Outcome } from './model/outcome.ts';
export type { Call, Cause, Change, ChangeAction, Drift, FieldDiff, Plan, PlanNode, Wait } from './model/plan.ts';
export type { Position, SourceRange } from './model/source.ts';
