import type { Address } from '../model/address.ts';
import type { DriverEvent, DriverNotice } from '../model/agent-event.ts';
import type { Agent, DriverName, Project } from '../model/agent.ts';
import type { ResourceTemplate } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { EdgeAnswer, EdgeRequest } from '../model/edge.ts';
import type { Finding } from '../model/finding.ts';
import type { Facts, ObservedResource } from '../model/observed.ts';
import type { DriverError } from '../model/outcome.ts';
import type { Call } from '../model/plan.ts';
import type { ValueReader } from '../model/reference.ts';
import type { HealthCheck } from '../model/spec.ts';
import type { Result } from '../util/result.ts';

/** The pure part of a driver: what it makes of a manifest, and what of it the driver cannot honour. */
export interface Compiler {
  /** The agent's template. Errors name the field and its line; warnings come beside a template. */
  compile(agent: Agent, project: Project): Compiled;
  /** The networks and named volumes that the given agents of this driver need. */
  compileShared(agents: readonly Agent[], project: Project): Compiled;
}

/** Templates and what is to be said about them; with an error among the diagnostics the templates are not to be used. */
export interface Compiled {
  readonly templates: readonly ResourceTemplate[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Which workspace, and where it lies. */
export interface WorkspaceContext {
  readonly workspace: string;
  /** The absolute project root that relative paths in specs start from. */
  readonly root: string;
}

/** What facts a plan needs. */
export interface Interest {
  readonly images: readonly string[];
  /** Bind sources, as they stand in specs. */
  readonly paths: readonly string[];
  /** `agent/web-0`-style `<kind>/<name>` keys are not known yet, so all names with this prefix count. */
  readonly namePrefix: string;
  /** Names of networks that somebody else keeps and agents want to be on. */
  readonly networks?: readonly string[];
  /** Host ports whose holders are to be named, where that takes a search; absent: none. */
  readonly ports?: readonly number[];
}

/** Everything of a workspace that a driver sees. */
export interface Observation {
  readonly resources: readonly ObservedResource[];
  readonly facts: Facts;
}

/** Reads the world and changes nothing: on Docker, GET and HEAD alone. */
export interface Observer {
  /** Whether the workspace has anything here. Cheap, loads no vendor library, `false` when the engine is not there. */
  present(workspace: string, signal: AbortSignal): Promise<boolean>;
  /** Everything of a workspace as it is now, and the facts that a plan needs. */
  observe(
    context: WorkspaceContext,
    interest: Interest,
    signal: AbortSignal,
  ): Promise<Result<Observation, DriverError>>;
  /** One object as it is now; `undefined` when it is gone. `ref` is an engine id or an object's name. */
  inspect(
    context: WorkspaceContext,
    address: Address,
    ref: string,
    signal: AbortSignal,
  ): Promise<Result<ObservedResource | undefined, DriverError>>;
}

/** What a call may use while it runs. */
export interface ExecuteContext extends WorkspaceContext {
  /** The absolute directory recorded as the one applied from. */
  readonly directory: string;
  readonly origin: 'manifest' | 'run';
  readonly values: ValueReader;
  readonly signal: AbortSignal;
  /** A few words on how far the call is. */
  progress(message: string): void;
}

/** Changes the world, one call at a time. Every call is safe to repeat. */
export interface Executor {
  /** Carries one call out; `ref` is the object's id where the call made or touched one. */
  execute(call: Call, context: ExecuteContext): Promise<Result<{ readonly ref?: string }, DriverError>>;
}

/** What one health check found. An `error` is a check that could not run: it counts neither way. */
export type ProbeResult =
  | { readonly status: 'success' }
  | { readonly status: 'failure'; readonly message: string }
  | { readonly status: 'error'; readonly message: string };

/** Runs one health check against the object itself, never against its published port. */
export interface Prober {
  /** `ref` is an engine id or an object's name. */
  probe(ref: string, check: HealthCheck, signal: AbortSignal): Promise<ProbeResult>;
}

/** Hints that something changed: observe again, never act on their content. */
export interface ChangeSource {
  /** Tells, until the signal is aborted, that something changed: at the address, or somewhere. */
  changes(workspace: string, signal: AbortSignal): AsyncIterable<{ readonly address?: Address }>;
}

/** Which events. */
export interface EventOptions {
  /** From this time on, in milliseconds since the epoch, as far back as somebody has kept them; absent: from now on. */
  readonly since?: number;
  readonly signal: AbortSignal;
}

/** A stretch of time, in milliseconds since the epoch. */
export interface Span {
  readonly since: number;
  readonly until: number;
}

/** Keeps for a while what has happened. */
export interface EventMemory {
  /** What is still known of a stretch of time, oldest first. */
  remembered(workspace: string, span: Span, signal: AbortSignal): Promise<Result<readonly DriverEvent[], DriverError>>;
}

/** Tells what happens, for people to read: decide by observing, not by this. */
export interface EventSource {
  /** What happens to a workspace's agents, until the signal is aborted; an engine that goes away is asked again. */
  events(workspace: string, options: EventOptions): AsyncIterable<DriverEvent | DriverNotice>;
}

/** One line of an agent's output, without its line break. */
export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  /** ISO 8601 with the engine's precision; absent where nobody recorded it. */
  readonly time?: string;
}

/** A log, read once: line by line, or as many lines at a time as come together, for those with many to pass on. */
export interface LogStream extends AsyncIterable<LogLine> {
  /** The lines in the same order, at least one in each batch. The next is read when it is asked for. */
  batches(): AsyncIterable<readonly LogLine[]>;
}

/** Which part of a log. */
export interface LogOptions {
  readonly follow: boolean;
  /** The last so many lines; absent: all. */
  readonly tail?: number;
  /** Only what was written at this time or later, in milliseconds since the epoch, as exactly as the driver knows. */
  readonly since?: number;
  /**
   * Only what was written at this time or before, as exactly as the driver knows; `tail` counts back from there. Not to
   * be given with `follow`: whoever follows until then aborts the signal.
   */
  readonly until?: number;
  /** Whether each line is to have its `time`, where somebody recorded it. */
  readonly timestamps?: boolean;
  readonly signal: AbortSignal;
}

/** What an object has used so far and uses now, the whole tree of its processes. */
export interface Usage {
  /** When it was read, in milliseconds since the epoch. */
  readonly at: number;
  /** Nanoseconds of processor time since it started: two readings make a rate. */
  readonly cpu: number;
  /** Bytes of the working set: what could not be had back without hurting. A process tree's resident bytes. */
  readonly memory: number;
  /** Bytes it may use: its limit, else what the machine has. Absent where that is not known. */
  readonly memoryLimit?: number;
  readonly pids: number;
  /** Bytes read from and written to disks since it started, where that can be read. */
  readonly io?: { readonly read: number; readonly written: number };
  /** Bytes over its own network interfaces since it started; absent where it has none of its own. */
  readonly network?: { readonly received: number; readonly sent: number };
}

/** How large a terminal is. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The terminal that somebody sits at. */
export interface TerminalView {
  /** How large it is now. */
  size(): TerminalSize;
  /** Calls `listener` whenever the size changes, until disposed of. */
  onResize(listener: () => void): Disposable;
}

/** What a command is connected with. */
export interface Connection {
  /** What the command reads; absent: nothing. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** Called with what the command writes, as it comes. */
  output(stream: 'stdout' | 'stderr', chunk: Uint8Array): void;
  /** Resolves when more output may come, for a reader that is slower than the command; absent: any time. */
  ready?(): Promise<void>;
  /** The command gets a terminal of this size, kept in step; all its output is `stdout` then. Absent: none. */
  readonly terminal?: TerminalView;
}

/** A command to run beside what runs already. */
export interface ExecOrder extends Connection {
  readonly command: readonly string[];
  /** On top of the object's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Instead of the object's own folder. */
  readonly workingDir?: string;
  /** Asks the command to end, as Ctrl-C does; where the engine cannot pass that on, it is as `signal`. */
  readonly interrupt?: AbortSignal;
  /** Ends the command; where the engine cannot, it goes on without anybody listening. */
  readonly signal: AbortSignal;
}

/** The input and output of an object, to be taken before it starts so that nothing is lost. */
export interface AttachOrder extends Connection {
  /** Lets go of the object, which goes on. */
  readonly signal: AbortSignal;
}

/** A connection that stands. */
export interface Attachment {
  /** Resolves when the object has ended and all its output was handed on, or the connection was given up. */
  readonly ended: Promise<Result<undefined, DriverError>>;
}

/** Looks into what runs. */
export interface Inspector {
  /**
   * Ends at the end of the log, or with `follow` when the object is gone or has ended and nothing starts it again by
   * itself, or the signal is aborted.
   */
  logs(ref: string, options: LogOptions): LogStream;
  /** Absent where the driver cannot tell. The error `not-ready` is for what does not run. */
  stats?(ref: string, signal: AbortSignal): Promise<Result<Usage, DriverError>>;
  /** Runs a command in the environment and folder of an object that runs; a command that fails is no error. */
  exec?(ref: string, order: ExecOrder): Promise<Result<{ readonly exitCode: number }, DriverError>>;
  /** Connects with an object that has been created and not been started yet. */
  attach?(ref: string, order: AttachOrder): Promise<Result<Attachment, DriverError>>;
  /** Sends a signal such as `SIGINT` to what runs; `not-ready` when it does not. */
  kill?(ref: string, name: string, signal: AbortSignal): Promise<Result<undefined, DriverError>>;
}

/** Something that was done for an object without anybody asking. */
export interface Maintained {
  readonly address: Address;
  readonly ref: string;
  readonly action: 'rotated' | 'stopped' | 'failed';
  /** A few words: `stdout.log: 10Mi`, `memory limit: 80Mi of 64Mi`. */
  readonly message: string;
}

/**
 * Looks after what runs where no engine does: log rotation, limits that the kernel does not enforce. A supervisor calls
 * it every second or two, never twice at once for one workspace; it may be killed in the middle of it.
 */
export interface Maintainer {
  /** A failure on one object is an entry of its own and keeps nothing from the others. */
  maintain(workspace: string, signal: AbortSignal): Promise<readonly Maintained[]>;
}

/** Keeps the edge of a project, an object like an agent's whose log holds its decisions, one in a line. */
export interface EdgeKeeper {
  /**
   * Asks the edge that is the object `ref`, an engine id or its name. What the edge refuses is an answer; the error says
   * why it could not be asked, `not-ready` when it does not run or does not listen yet.
   */
  askEdge(ref: string, request: EdgeRequest, signal: AbortSignal): Promise<Result<EdgeAnswer, DriverError>>;
}

/**
 * Everything aac asks of a place that runs agents. Each caller takes the narrowest part it needs. `maintain` is there
 * where a supervisor has to call it.
 */
export interface Driver
  extends
    Compiler,
    Observer,
    Executor,
    Prober,
    ChangeSource,
    Inspector,
    Partial<Maintainer>,
    Partial<EventSource>,
    Partial<EventMemory>,
    Partial<EdgeKeeper>,
    AsyncDisposable {
  readonly name: DriverName;
  /** Who starts again what crashes: the engine by itself, or nobody but `aac watch`. */
  readonly restarts: 'engine' | 'watch';
  /** How many calls at once the engine bears: of any kind, and removals among them. */
  readonly limits: { readonly calls: number; readonly removals: number };
  /** Whether the engine can be used, and which it is. The error says what was tried and why that. */
  check(signal: AbortSignal): Promise<Result<{ readonly version: string }, DriverError>>;
  /** What of a manifest can be had here and what cannot; reads alone. Absent where there is nothing to tell. */
  examine?(signal: AbortSignal): Promise<Result<readonly Finding[], DriverError>>;
}
