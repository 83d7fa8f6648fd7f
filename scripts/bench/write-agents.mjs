import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a project of `count` agents into `folder`, each in a file of its own of about fifty lines. */
export function writeAgents(folder, { count, project, agent }) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'aac.yaml'), `apiVersion: agent.dev/v1\nkind: Project\nmetadata:\n  name: ${project}\n`);
  for (let index = 0; index < count; index += 1) {
    const name = nameOf(index);
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'agent.yaml'), agent(name, index));
  }
}

/** An agent that says something in every section; each tenth of its kind is what the nine after it depend on. */
export function typicalAgent(name, index) {
  const first = index - (index % 10);
  const dependsOn = index === first ? '' : `  dependsOn:\n    - agent: ${nameOf(first)}\n      condition: healthy\n`;
  return `apiVersion: agent.dev/v1
kind: Agent
metadata:
  name: ${name}
  version: "1.4"
  description: Answers questions about orders
  author: bench
  tags: [orders, support]
  labels:
    team: support
    tier: front
spec:
  runtime: nodejs
  image: registry.example/agents/${name}:1.4
  command: [node, index.js]
  args: [--port, "8080"]
  model:
    provider: local
    name: small
  capabilities: [chat, search]
  environment:
    - name: LOG_LEVEL
      value: info
    - name: ORDERS_URL
      value: http://orders.internal:8080
    - name: REGION
      value: \${AAC_BENCH_REGION:-eu}
      sensitive: false
  ports:
    - container: 8080
      host: ${String(20000 + index)}
      hostIp: 127.0.0.1
  healthCheck:
    command: [node, health.js]
    interval: 10s
    timeout: 2s
    retries: 3
  resources:
    limits:
      cpu: 500m
      memory: 256Mi
    requests:
      cpu: 100m
      memory: 128Mi
  restartPolicy: always
  stop:
    gracePeriod: 10s
${dependsOn}`;
}

/** The least a container can be: it sleeps. */
export function idleAgent(name) {
  return `apiVersion: agent.dev/v1
kind: Agent
metadata:
  name: ${name}
spec:
  image: aac-test/busybox:1
  imagePullPolicy: Never
  command: [sleep, "86400"]
  stop:
    gracePeriod: 2s
`;
}

function nameOf(index) {
  return `agent-${String(index).padStart(4, '0')}`;
}
