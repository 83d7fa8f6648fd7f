import { isEdge } from '../model/address.ts';
import type { EdgeAnswer, EdgeRequest, EdgeStatus } from '../model/edge.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { DriverError } from '../model/outcome.ts';
import { isRunning } from '../model/version.ts';
import { deadlineSignal } from '../util/deadline.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { DriverSet } from './driver-set.ts';

/** Milliseconds for one answer of an edge. */
const answerDeadline = 15_000;

/** What an edge is doing, or why it does not say. */
export interface EdgeReading {
  readonly edge: ObservedResource;
  readonly status: Result<EdgeStatus, DriverError>;
}

/** The edges among what stands: one for each driver that needs one, and those that a rollout cut short has left. */
export function edgesAmong(agents: readonly ObservedResource[]): readonly ObservedResource[] {
  return agents.filter(({ address }) => isEdge(address));
}

/** Passes a request on to an edge. What the edge refuses is an error too. */
export async function askEdge(
  edge: ObservedResource,
  drivers: DriverSet,
  request: EdgeRequest,
  signal: AbortSignal,
): Promise<Result<Extract<EdgeAnswer, { readonly ok: true }>, DriverError>> {
  const driver = await drivers.open(edge.driver);
  const answer = await driver?.askEdge?.(edge.ref, request, AbortSignal.any([signal, deadlineSignal(answerDeadline)]));
  if (!answer) return err(refusal(`the ${edge.driver} driver cannot ask its edge`));
  if (!answer.ok) return answer;
  return answer.value.ok ? ok(answer.value) : err(refusal(answer.value.message));
}

/** What the edges that run are doing. */
export async function readEdges(
  agents: readonly ObservedResource[],
  drivers: DriverSet,
  signal: AbortSignal,
): Promise<readonly EdgeReading[]> {
  return Promise.all(
    edgesAmong(agents)
      .filter(isRunning)
      .map(async (edge) => {
        const answer = await askEdge(edge, drivers, { op: 'status' }, signal);
        return { edge, status: answer.ok ? ok(answer.value.status) : answer };
      }),
  );
}

function refusal(message: string): DriverError {
  return { code: 'invalid', retry: 'terminal', message };
}
