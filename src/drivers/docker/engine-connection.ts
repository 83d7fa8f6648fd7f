import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { inspect } from 'node:util';
import type Dockerode from 'dockerode';
import type { Endpoint } from './endpoint.ts';

/** Every setting is given, `undefined` too, as docker-modem fills the rest from its own reading of DOCKER_HOST. */
export function connection({ address }: Endpoint, agent: HttpAgent): Dockerode.DockerOptions {
  const common = { agent, pathPrefix: '/', timeout: undefined, ca: undefined, cert: undefined, key: undefined };
  const options =
    address.type === 'socket'
      ? { ...common, socketPath: address.path, host: undefined, port: undefined, protocol: 'http' }
      : { ...common, host: address.host, port: address.port, protocol: address.tls ? 'https' : 'http' };
  return options as object;
}

/**
 * Connections are kept between requests. docker-modem writes out all options of every request for its debug log, also
 * when nobody reads that; with the agent's sockets in them this took 15 ms each.
 */
export function agentFor({ address }: Endpoint): HttpAgent {
  const tls = address.type === 'tcp' ? address.tls : undefined;
  const { verify = true, ...certificates } = tls ?? {};
  const agent = tls
    ? new HttpsAgent({ keepAlive: true, rejectUnauthorized: verify, ...certificates })
    : new HttpAgent({ keepAlive: true });
  return Object.assign(agent, { [inspect.custom]: () => 'Agent' });
}
