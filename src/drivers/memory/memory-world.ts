import type { ResourceKind } from '../../model/address.ts';
import { fieldSegments, type FieldPath } from '../../model/field-path.ts';
import type { AppliedRecord, Phase } from '../../model/observed.ts';
import { toAgentSpec, type AgentSpec } from '../../model/spec.ts';
import { withFields } from '../../model/version.ts';
import type { Json, JsonObject } from '../../util/json.ts';
import type { LogLine, Usage } from '../driver.ts';

/** What a simulated agent does once it is started: it prints, and then it exits or runs on. */
export interface Program {
  readonly prints: readonly string[];
  /** Absent: it runs until it is stopped. */
  readonly exitCode?: number;
  /** What it exits with on its stop signal; `ignores` has it killed after the grace period. */
  readonly onStop: number | 'ignores';
}

/** One object of the world. Without a record it is somebody else's. */
export interface MemoryObject {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly ref: string;
  readonly record?: AppliedRecord;
  readonly live: JsonObject;
  /** What the environment variables really hold, by name. */
  readonly environment: Readonly<Record<string, string>>;
  readonly phase: Phase;
  readonly exitCode?: number;
  /** The names of its agent do not lead to it. */
  readonly unrouted?: boolean;
  readonly restarts: number;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly imageId?: string;
  /** Container port → the host port it really has. */
  readonly published: Readonly<Record<string, number>>;
  /** What a health check that fails says. */
  readonly ailment?: string;
  /** What is told of its use; of all else it has used nothing. */
  readonly usage?: Partial<Usage>;
  readonly log: readonly LogLine[];
}

/** What a world is made with. */
export interface MemoryWorldOptions {
  /** Image reference → id, of those that are there. */
  readonly images?: Readonly<Record<string, string>>;
  /** Of those that can be pulled. */
  readonly registry?: Readonly<Record<string, string>>;
  /** What an agent does; without it all agents print nothing and run. */
  readonly program?: (spec: AgentSpec) => Program;
  /** Bind sources that do not exist. */
  readonly missingPaths?: readonly string[];
  readonly capacity?: { readonly cpu: number; readonly memory: number };
}

const runsOn: Program = { prints: [], onStop: 143 };

/**
 * A world without engine or processes, which any number of memory drivers may share. Besides what drivers do, it can be
 * changed behind their backs: `remove`, `stop`, `changeField`, `addForeign` and the like. Objects are replaced whole.
 */
export class MemoryWorld {
  readonly images: Map<string, string>;
  readonly registry: ReadonlyMap<string, string>;
  readonly missingPaths: ReadonlySet<string>;
  readonly capacity: { readonly cpu: number; readonly memory: number } | undefined;
  readonly #program: (spec: AgentSpec) => Program;
  readonly #objects = new Map<string, MemoryObject>();
  readonly #keys = new Map<string, string>();
  readonly #listeners = new Set<() => void>();
  #count = 0;

  constructor(options: MemoryWorldOptions = {}) {
    this.images = new Map(Object.entries(options.images ?? {}));
    this.registry = new Map(Object.entries(options.registry ?? {}));
    this.missingPaths = new Set(options.missingPaths);
    this.capacity = options.capacity;
    this.#program = options.program ?? (() => runsOn);
  }

  /** All that stands, in the order it was made. */
  get objects(): readonly MemoryObject[] {
    return [...this.#objects.values()];
  }

  /** The object that has this name. */
  find(kind: ResourceKind, name: string): MemoryObject | undefined {
    return this.#objects.get(`${kind}/${name}`);
  }

  /** The object that has this id. */
  byRef(ref: string): MemoryObject | undefined {
    const object = this.#objects.get(this.#keys.get(ref) ?? '');
    return object?.ref === ref ? object : undefined;
  }

  /** Puts an object in the place of the one that has its kind and name. */
  put(object: MemoryObject): void {
    const key = `${object.kind}/${object.name}`;
    this.#objects.set(key, object);
    this.#keys.set(object.ref, key);
    this.#changed();
  }

  /** Takes an object away. */
  delete(object: MemoryObject): void {
    this.#objects.delete(`${object.kind}/${object.name}`);
    this.#keys.delete(object.ref);
    this.#changed();
  }

  /** A number that no object has had before. */
  next(): number {
    this.#count += 1;
    return this.#count;
  }

  /** What an object's agent does. */
  programOf(object: MemoryObject): Program {
    return this.#program(toAgentSpec(object.live));
  }

  /** Calls back on every change; gives the way to stop that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // From here on: what happens behind the drivers' backs. Names are agents' objects' unless a kind is given.

  /** The object is gone. */
  remove(name: string, kind: ResourceKind = 'agent'): void {
    this.delete(this.#named(name, kind));
  }

  /** It ends. */
  stop(name: string, exitCode = 137): void {
    this.put({ ...this.#named(name), phase: 'exited', exitCode });
  }

  /** It crashes and is started again, by the engine: a new life, counted as a restart. */
  restart(name: string): void {
    const object = this.#named(name);
    this.put({ ...object, phase: 'running', restarts: object.restarts + 1, startedAt: this.time() });
  }

  /** Changes a live field; of an environment variable, what it holds. */
  changeField(name: string, path: FieldPath, value: Json): void {
    const object = this.#named(name);
    const [section, variable] = fieldSegments(path);
    if (section !== 'environment' || variable === undefined) {
      this.put({ ...object, live: withFields(object.live, { [path]: value }) });
    } else {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      this.put({ ...object, environment: { ...object.environment, [variable]: text } });
    }
  }

  /** An object that is none of ours has the name. */
  addForeign(name: string, kind: ResourceKind = 'agent'): void {
    this.put({
      kind,
      name,
      ref: `foreign-${String(this.next())}`,
      live: {},
      environment: {},
      phase: kind === 'agent' ? 'running' : 'exists',
      restarts: 0,
      createdAt: this.time(),
      published: {},
      log: [],
    });
  }

  /** It prints a line. */
  print(name: string, text: string, stream: LogLine['stream'] = 'stdout'): void {
    const object = this.#named(name);
    this.put({ ...object, log: [...object.log, { stream, text, time: this.time() }] });
  }

  /** Has the next readings of what it uses say so. */
  use(name: string, usage: Partial<Usage>): void {
    this.put({ ...this.#named(name), usage });
  }

  /** Has health checks fail with a message, or succeed again without one. */
  ail(name: string, ailment?: string): void {
    const { ailment: _, ...object } = this.#named(name);
    this.put(ailment === undefined ? object : { ...object, ailment });
  }

  /** A time later than all before, ISO 8601. The world has a clock of its own: its events. */
  time(): string {
    return new Date(this.next() * 1_000).toISOString();
  }

  #named(name: string, kind: ResourceKind = 'agent'): MemoryObject {
    const object = this.find(kind, name);
    if (!object) throw new Error(`the world has no ${kind} \`${name}\``);
    return object;
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
