import { isEdge } from '../../model/address.ts';
import type { DriverError } from '../../model/outcome.ts';
import type { Call, CreateCall } from '../../model/plan.ts';
import type { Clock } from '../../util/clock.ts';
import type { Result } from '../../util/result.ts';
import type { ExecuteContext } from '../driver.ts';
import { createContainer } from './create-container.ts';
import { createNetwork, createVolume } from './create-shared.ts';
import type { Engine } from './engine.ts';
import { pullImage } from './pull.ts';
import { removeContainer, removeNetwork, removeVolume } from './remove.ts';
import { routeContainer } from './route.ts';
import { startContainer, stopContainer } from './run-container.ts';
import { updateContainer } from './update-container.ts';
import { updateEdge } from './edge-update.ts';

type Executed = Promise<Result<{ readonly ref?: string }, DriverError>>;

/** What calls need besides the engine; `environment` is the caller's. */
export interface Means {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Carries one call out. */
export async function execute(engine: Engine, call: Call, context: ExecuteContext, means: Means): Executed {
  switch (call.verb) {
    case 'pull':
      return pullImage(engine, call.image, {
        environment: means.environment,
        signal: context.signal,
        report: (message) => {
          context.progress(message);
        },
      });
    case 'create':
      return create(engine, call, context);
    case 'update':
      return isEdge(call.address)
        ? updateEdge(engine, call, context, means.clock)
        : updateContainer(engine, call, context);
    case 'start':
      return startContainer(engine, call, context, means.clock);
    case 'route':
    case 'unroute':
      return routeContainer(engine, call, context);
    case 'stop':
      return stopContainer(engine, call, context, means.clock);
    case 'remove':
      return remove(engine, call, context, means.clock);
  }
}

async function create(engine: Engine, call: CreateCall, context: ExecuteContext): Executed {
  switch (call.kind) {
    case 'agent':
      return createContainer(engine, call, context);
    case 'network':
      return createNetwork(engine, call, context);
    case 'volume':
      return createVolume(engine, call, context);
  }
}

async function remove(engine: Engine, call: Call, context: ExecuteContext, clock: Clock): Executed {
  switch (call.kind) {
    case 'agent':
      return removeContainer(engine, call, context, clock);
    case 'network':
      return removeNetwork(engine, call, context);
    case 'volume':
      return removeVolume(engine, call, context);
  }
}
