import { parseAddress } from '../model/address.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { LogLine, LogOptions } from '../drivers/driver.ts';
import type { Clock } from '../util/clock.ts';
import type { DriverSet } from './driver-set.ts';

/** Which part of each log. */
export interface LogRequest {
  /** Go on as more is printed; no unless told. */
  readonly follow?: boolean;
  /** Only the last so many lines of each agent. */
  readonly tail?: number;
  /** Only what was printed at this time or later, in milliseconds since the epoch, as exactly as the driver knows. */
  readonly since?: number;
  /** Only what was printed at this time or before; `tail` counts back from there, and following ends there. */
  readonly until?: number;
  /** Whether lines are to have their `time`, where somebody recorded it; no unless told. */
  readonly timestamps?: boolean;
  /** Of all these, only lines that match. A global or sticky expression is used as if it were none. */
  readonly grep?: RegExp;
}

/** Whose lines they are. */
export interface AgentName {
  /** `web`. */
  readonly agent: string;
  /** Absent for an agent that has no replicas. */
  readonly replica?: number;
}

/** The log of one agent: read once, as many lines at a time as come together. */
export interface AgentLog {
  readonly name: AgentName;
  readonly batches: AsyncIterable<readonly LogLine[]>;
}

/** Logs that have been opened, until they are left. */
export interface OpenLogs {
  readonly logs: readonly AgentLog[];
  /** Ends what is followed. */
  readonly leave: () => void;
}

/** About 24 days, the most a timer can hold. */
const longestSleep = 2 ** 31 - 1;

/** Opens the logs of agents; they end with the signal too. */
export async function openLogs(
  agents: readonly ObservedResource[],
  drivers: DriverSet,
  request: LogRequest,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<OpenLogs> {
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  const { until = Infinity, grep } = request;
  const follow = request.follow === true && until > clock.now();
  const left = Math.min(until - clock.now(), longestSleep);
  if (follow && until < Infinity) {
    void clock.sleep(left, ends).then(
      () => over.abort(),
      () => undefined, // left before that
    );
  }
  const options = optionsOf(request, follow, { isOrdered: agents.length > 1, signal: ends });
  const matches = grep && matcherOf(grep);
  const logs = await Promise.all(
    agents.map(async (agent) => {
      const driver = await drivers.open(agent.driver);
      if (!driver) throw new Error(`an agent was observed by the ${agent.driver} driver, which cannot be opened`);
      const batches = driver.logs(agent.ref, options).batches();
      return { name: agentName(agent), batches: matches ? onlyThose(batches, matches) : batches };
    }),
  );
  return { logs, leave: () => over.abort() };
}

/** What a driver is asked: times too where several logs are put in order. */
function optionsOf(
  { tail, since, until, timestamps = false }: LogRequest,
  follow: boolean,
  { isOrdered, signal }: { readonly isOrdered: boolean; readonly signal: AbortSignal },
): LogOptions {
  return {
    follow,
    timestamps: timestamps || isOrdered,
    signal,
    ...(tail === undefined ? {} : { tail }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined || follow ? {} : { until }),
  };
}

async function* onlyThose(
  batches: AsyncIterable<readonly LogLine[]>,
  matches: (text: string) => boolean,
): AsyncGenerator<readonly LogLine[]> {
  for await (const batch of batches) {
    const lines = batch.filter(({ text }) => matches(text));
    if (lines.length > 0) yield lines;
  }
}

/** Such an expression remembers where it was, and would pass over the beginning of the next line. */
function matcherOf(grep: RegExp): (text: string) => boolean {
  const expression = new RegExp(grep.source, grep.flags.replace(/[gy]/g, ''));
  return (text) => expression.test(text);
}

/** The name people know an agent by, and which replica of it this is. */
export function agentName({ address }: ObservedResource): AgentName {
  const parts = parseAddress(address);
  if (!parts) return { agent: address };
  return { agent: parts.name, ...(parts.index === undefined ? {} : { replica: parts.index }) };
}

/** `web/0`, or `adhoc` for an agent without replicas. */
export function agentLabel(resource: ObservedResource): string {
  const { agent, replica } = agentName(resource);
  return replica === undefined ? agent : `${agent}/${String(replica)}`;
}
