import type { CgroupSupport } from './find-cgroups.ts';
import type { ProcessUsage } from './usage.ts';

/** The variables that aac puts into the environment of what it starts, by which it finds it again. */
export const cookieVariables = {
  /** `<workspace>/<object name>/<nonce>`, see `cookieOf`: in the latch and in everything that descends from it. */
  instance: 'AAC_INSTANCE_ID',
  workspace: 'AAC_WORKSPACE',
  address: 'AAC_ADDRESS',
  /** The number of the run; in the latch alone. */
  latch: 'AAC_LATCH',
  /** The instance and its run, for when the state folder is gone; in the latch alone. */
  record: 'AAC_RECORD',
} as const;

/** A process that is there now; one that has ended and was not reaped yet is not. */
export interface RunningProcess {
  readonly pid: number;
  /** The process group. */
  readonly pgid: number;
  /** The session, or where the system does not tell it, the process group. */
  readonly sid: number;
  /** When it started, in the system's own unit: together with `pid` it names one process of this boot. */
  readonly started: string;
  /** A short name, such as `node`. */
  readonly command: string;
  /** By a signal: it does nothing until it is told to go on. */
  readonly stopped: boolean;
  /** Those of {@link cookieVariables} that it was started with; empty where its environment may not be read. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A socket that waits for connections or datagrams. */
export interface Listener {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** `0.0.0.0` and `::` are all addresses. */
  readonly hostIp: string;
  /** Who holds it, where that was asked for and can be seen. */
  readonly pid?: number;
  readonly command?: string;
}

/** What the driver asks of the operating system. All that differs between systems is behind it. */
export interface System {
  /** Another one after every start of the machine. */
  bootId(): Promise<string>;
  /** One process; `undefined` when it is gone. */
  identify(pid: number): Promise<RunningProcess | undefined>;
  /** Of these processes those that are there: pid → start. Cheap, as it is asked every second about all of them. */
  starts(pids: readonly number[]): Promise<ReadonlyMap<number, string>>;
  /** Every process of the machine. */
  processes(): Promise<readonly RunningProcess[]>;
  /** The environment a process was started with; `undefined` where it cannot be read exactly. */
  environment(pid: number): Promise<Readonly<Record<string, string>> | undefined>;
  /** All of them; who holds one is searched for only when its port is among `named`. */
  listeners(named: ReadonlySet<number>): Promise<readonly Listener[]>;
  /** `cpu` in nano-cores, `memory` in bytes. */
  capacity(): { readonly cpu: number; readonly memory: number };
  /** What those of these processes have used that are still there. */
  usage(pids: readonly number[]): Promise<readonly ProcessUsage[]>;
  /** Where cgroups can be made; `undefined` where they cannot. Looks once, changes nothing. */
  cgroups(): CgroupSupport | undefined;
  /** The user that aac runs as. */
  user(): number;
  /** Sends a signal to a process, or to a group when `pid` is negative; `false` when nobody was there to get it. */
  signal(pid: number, signal: NodeJS.Signals): boolean;
}
