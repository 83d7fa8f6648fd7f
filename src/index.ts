/**
 * aac for programs: {@link createRuntime} does what the command line does. The package is an ES module for Node 20.19 or
 * newer. What can go wrong is a value: a {@link Result} is `{ ok: true, value }` or `{ ok: false, error }`, and errors
 * have a `code` to match and a `message` for people. Times are milliseconds since the epoch, durations milliseconds,
 * sizes bytes, unless said otherwise.
 *
 * @packageDocumentation
 */
import { driverFactories } from './cli/drivers.ts';
import { createRuntimeOver, type Runtime } from './runtime/runtime.ts';
import type { Surroundings } from './runtime/workspace.ts';

/** Where a runtime works; what is left out is this process's own. */
export type RuntimeOptions = Partial<Surroundings>;

/**
 * A runtime for this directory, environment and machine, or for those given. It reads no file and opens no connection
 * before something is called, and holds nothing open between two calls.
 *
 * ```ts
 * const runtime = createRuntime();
 * const planned = await runtime.plan('manifests/');
 * if (planned.ok) await runtime.apply(planned.value, { signal: AbortSignal.timeout(60_000) });
 * for await (const line of runtime.logs('manifests/', ['web'], { follow: true })) console.log(line.text);
 * ```
 */
export function createRuntime({
  cwd = process.cwd(),
  environment = process.env,
  drivers = driverFactories(environment),
}: RuntimeOptions = {}): Runtime {
  return createRuntimeOver({ cwd, environment, drivers });
}

export type { ApplyCallOptions, CallOptions, Operate, OperateOptions, Runtime } from './runtime/runtime.ts';
export type { Surroundings } from './runtime/workspace.ts';
export type { OperationTargets } from './runtime/operate.ts';
export type { RunRequest } from './runtime/plan-run.ts';
export { StreamError } from './runtime/stream-error.ts';
export type { ExecRefusal, ExecRequest, ExecResult } from './runtime/exec-program.ts';
export type { AgentList } from './runtime/list-agents.ts';
export type { BehindEdge, EdgeSection } from './runtime/edge-traffic.ts';
export type { AgentInspection, InspectedAgents } from './runtime/inspect-agents.ts';
export type { RunEnd } from './runtime/run-agent.ts';
export type { RunningAgent, RunRefusal } from './runtime/run-program.ts';
export type { PlanHold, PlanRequest } from './runtime/plan-workspace.ts';
export type { ScaleRequest } from './plan/options.ts';
export type { AgentName, LogRequest } from './runtime/open-logs.ts';
export type { AgentLogLine } from './runtime/merge-logs.ts';
export type { EgressLogRequest } from './runtime/egress-log.ts';
export type { EgressTarget, EgressTest } from './runtime/egress-test.ts';
export type { EventRequest } from './runtime/follow-events.ts';
export type { AgentUsage, UsageSample } from './runtime/sample-usage.ts';
export type { DriverFactories } from './runtime/driver-set.ts';
export { createDockerDriver } from './drivers/docker/docker-driver.ts';
export { createProcessDriver } from './drivers/process/process-driver.ts';
export { createMemoryDriver } from './drivers/memory/memory-driver.ts';
export type {
  AttachOrder,
  Attachment,
  Compiled,
  Connection,
  Driver,
  EdgeKeeper,
  EventMemory,
  Span,
  EventOptions,
  ExecOrder,
  ExecuteContext,
  Interest,
  LogLine,
  LogOptions,
  LogStream,
  Maintained,
  Observation,
  ProbeResult,
  TerminalSize,
  TerminalView,
  Usage,
  WorkspaceContext,
} from './drivers/driver.ts';
export type { Result } from './util/result.ts';
export type { Address, AddressParts, ResourceKind, TemplateAddress } from './model/address.ts';
export { parseAddress } from './model/address.ts';
export type { AacEvent, AgentEvent, DriverEvent, DriverNotice, EgressDenial } from './model/agent-event.ts';
export type {
  Agent,
  AgentDependency,
  AgentNetwork,
  AgentResources,
  DependencyCondition,
  Deployment,
  DriverName,
  Project,
  ReplicaRange,
  Scope,
  SecretFile,
  SecurityContext,
  ServiceLink,
  SyncWindow,
  ValueSource,
  VolumeMount,
  WrittenField,
} from './model/agent.ts';
export { diagnosticCodes } from './model/codes.ts';
export type { DiagnosticCode } from './model/codes.ts';
export type {
  Dependency,
  DesiredResource,
  DesiredState,
  MutableField,
  Readiness,
  Replicas,
  ResourceTemplate,
  Rollout,
  SpecHash,
} from './model/desired.ts';
export type { Diagnostic } from './model/diagnostic.ts';
export type { ApplyEvent } from './model/event.ts';
export type {
  AllowedHost,
  EdgeAnswer,
  EdgeCheck,
  EdgeClient,
  EdgeDecision,
  EdgeDocument,
  EdgeRequest,
  EdgeRoute,
  EdgeStatus,
  EdgeTarget,
  EdgeTraffic,
  EdgeTrial,
} from './model/edge.ts';
export type { Health } from './model/health.ts';
export type {
  AppliedRecord,
  Facts,
  HeldPort,
  ImageFacts,
  ObservedResource,
  Phase,
  PublishedPort,
} from './model/observed.ts';
export type { ApplyReport, DriverError, NodeReport, Outcome } from './model/outcome.ts';
export type {
  GitState,
  ManifestHash,
  RecordedRevision,
  Revision,
  RevisionOrigin,
  RevisionStep,
  Unreturnable,
  Unstored,
} from './model/revision.ts';
export type {
  ApprovalReason,
  Call,
  CallBase,
  Cause,
  Change,
  ChangeAction,
  CreateCall,
  Drift,
  FieldDiff,
  NodeId,
  ObjectTarget,
  Plan,
  PlanNode,
  Wait,
} from './model/plan.ts';
export type { Position, SourceMap, SourceRange } from './model/source.ts';
export type { Json, JsonObject } from './util/json.ts';
export type { ProcessDriverOptions } from './drivers/process/process-driver.ts';
export type { Fingerprint, References, ValueReader, ValueReference } from './model/reference.ts';
export type { DockerDriverOptions } from './drivers/docker/docker-driver.ts';
export type {
  AgentSpec,
  ConsoleSpec,
  NetworkAttachment,
  ResourceLimits,
  SecretFileSpec,
  SecuritySpec,
  VolumeSpec,
  HealthCheck,
  HealthCheckTiming,
  PortSpec,
  RestartPolicySpec,
  SeccompProfile,
} from './model/spec.ts';
export type { ProxyProtocol } from './model/port.ts';
export type { Finding } from './model/finding.ts';
export type { FieldPath } from './model/field-path.ts';
export type { Brand } from './util/brand.ts';
export type { MemoryDriver, MemoryDriverOptions } from './drivers/memory/memory-driver.ts';
export type { DeleteLimit } from './model/delete-limit.ts';
export type { Supervision, SupervisionState } from './model/supervision.ts';
export { MemoryWorld } from './drivers/memory/memory-world.ts';
export type { MemoryObject, MemoryWorldOptions, Program } from './drivers/memory/memory-world.ts';
export type { Fault, FaultEffect, FaultScript, Match } from './drivers/memory/faults.ts';
