import type { Driver, ExecuteContext, LogLine, LogOptions, Observation, Usage } from '../../src/drivers/driver.ts';
import type { Agent } from '../../src/model/agent.ts';
import type { ObservedResource } from '../../src/model/observed.ts';
import type { DriverError } from '../../src/model/outcome.ts';
import type { Call, CreateCall } from '../../src/model/plan.ts';
import type { ValueReader } from '../../src/model/reference.ts';
import type { Result } from '../../src/util/result.ts';
import { systemClock } from '../../src/util/clock.ts';
import { agentOf, callOn, createCall, projectOf } from './calls.ts';

/** A driver and what it is to work on: nothing of the two workspaces is there yet. */
export interface Ground extends AsyncDisposable {
  readonly driver: Driver;
  readonly workspace: string;
  readonly otherWorkspace: string;
  /** An absolute directory that exists. */
  readonly root: string;
}

/** What the steps of a contract test do with a driver; a failure that was not asked for is thrown. */
export class Stage implements AsyncDisposable {
  readonly driver: Driver;
  readonly workspace: string;
  readonly #ground: Ground;
  readonly #values: ValueReader;

  constructor(ground: Ground, workspace = ground.workspace, values: ValueReader = secrets({})) {
    this.driver = ground.driver;
    this.workspace = workspace;
    this.#ground = ground;
    this.#values = values;
  }

  /** The same driver in another workspace. */
  elsewhere(): Stage {
    return new Stage(this.#ground, this.#ground.otherWorkspace, this.#values);
  }

  /** The same driver with values to be read. */
  knowing(values: Readonly<Record<string, string>>): Stage {
    return new Stage(this.#ground, this.workspace, secrets(values));
  }

  /** Compiles an agent, makes what it stands on, and gives the call that creates it. */
  async prepare(fields: Partial<Agent>, name = 'web'): Promise<CreateCall> {
    const agent = agentOf(this.driver.name, name, fields);
    const project = projectOf(this.workspace, this.#ground.root);
    const shared = this.driver.compileShared([agent], project);
    for (const template of shared.templates) await this.must(createCall(this.workspace, template));
    const compiled = this.driver.compile(agent, project);
    const [template] = compiled.templates;
    if (!template || compiled.diagnostics.some((diagnostic) => diagnostic.severity === 'error')) {
      throw new Error(`does not compile: ${JSON.stringify(compiled.diagnostics)}`);
    }
    return createCall(this.workspace, template);
  }

  /** Creates and starts an agent; gives what created it and what is seen of it then. */
  async run(
    fields: Partial<Agent>,
    name = 'web',
  ): Promise<{ readonly create: CreateCall; readonly seen: ObservedResource }> {
    const create = await this.prepare(fields, name);
    await this.must(create);
    await this.must(callOn(create, { verb: 'start' }));
    return { create, seen: await this.see(create) };
  }

  execute(call: Call, signal = new AbortController().signal): Promise<Result<{ readonly ref?: string }, DriverError>> {
    const context: ExecuteContext = {
      workspace: this.workspace,
      root: this.#ground.root,
      directory: this.#ground.root,
      origin: 'manifest',
      values: this.#values,
      signal,
      progress: () => undefined,
    };
    return this.driver.execute(call, context);
  }

  /** Executes a call that has to succeed. */
  async must(call: Call): Promise<{ readonly ref?: string }> {
    return valueOf(await this.execute(call));
  }

  async observe(): Promise<Observation> {
    const interest = { images: [], paths: [], namePrefix: `${this.workspace}-` };
    return valueOf(await this.driver.observe(this.#context(), interest, never()));
  }

  async inspect(call: Call, handle: string = call.target.name): Promise<ObservedResource | undefined> {
    return valueOf(await this.driver.inspect(this.#context(), call.address, handle, never()));
  }

  /** The object as it is, which has to be there. */
  async see(call: Call): Promise<ObservedResource> {
    const observed = await this.inspect(call);
    if (!observed) throw new Error(`\`${call.target.name}\` is not there`);
    return observed;
  }

  /** Looks until the object is as wanted. */
  async until(call: Call, wanted: (observed: ObservedResource) => boolean): Promise<ObservedResource> {
    return eventually(() => this.see(call), wanted);
  }

  /** All lines there are so far. */
  async log(call: Call, wanted: Partial<LogOptions> = {}): Promise<readonly string[]> {
    return (await this.lines(call, wanted)).map(({ text }) => text);
  }

  /** The same, with all that is known of them. */
  async lines(call: Call, wanted: Partial<LogOptions>): Promise<readonly LogLine[]> {
    const { ref } = await this.see(call);
    const lines: LogLine[] = [];
    for await (const line of this.driver.logs(ref, { follow: false, signal: never(), ...wanted })) lines.push(line);
    return lines;
  }

  /** What an object uses, which the driver has to be able to tell. */
  async usage(ref: string): Promise<Usage> {
    const usage = await this.driver.stats?.(ref, never());
    if (!usage) throw new Error('the driver has no stats');
    return valueOf(usage);
  }

  /** Takes away all that stands in both workspaces, one after another, then the driver itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const workspace of [this.#ground.workspace, this.#ground.otherWorkspace]) {
      await new Stage(this.#ground, workspace).#clear();
    }
    await this.#ground.driver[Symbol.asyncDispose]();
    await this.#ground[Symbol.asyncDispose]();
  }

  async #clear(): Promise<void> {
    const { resources } = await this.observe();
    const agentsFirst = [...resources].sort(
      (left, right) => Number(right.kind === 'agent') - Number(left.kind === 'agent'),
    );
    for (const { address, driver, kind, name, ref, record } of agentsFirst) {
      const base = { address, driver, kind, target: { name, ref, generation: record.generation } };
      if (kind === 'agent') await this.must({ ...base, verb: 'stop', gracePeriod: 0 });
      await this.must({ ...base, verb: 'remove' });
    }
  }

  #context() {
    return { workspace: this.workspace, root: this.#ground.root };
  }
}

/** A signal that is never aborted. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

/** Asks again and again until the answer is as wanted; gives up, showing the last answer, after half a minute. */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  const ends = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > ends) throw new Error(`it never came to be; at the end: ${JSON.stringify(answer)}`);
    await systemClock.sleep(50);
  }
}

function valueOf<T>(result: Result<T, DriverError>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.message}`);
}

/** Reads `secret` and `env` references by their key. */
function secrets(values: Readonly<Record<string, string>>): ValueReader {
  return { read: async (reference) => ('key' in reference ? values[reference.key] : undefined) };
}
