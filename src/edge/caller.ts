import type { EdgeClient } from '../model/edge.ts';

/** An agent's connection to the edge, and the port it was made to. `client` is what the agent may reach just now. */
export interface Caller {
  readonly agent: string;
  readonly client: EdgeClient;
  readonly port: number;
}
