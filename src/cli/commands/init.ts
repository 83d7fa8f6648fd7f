import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { workspaceName } from '../../manifest/workspace-name.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';

/** `aac init`: a commented project to start from. A file that is there already is left as it is. */
export async function init({ terminal, surroundings }: CommandContext, directory: string): Promise<ExitCode> {
  const folder = resolve(surroundings.cwd, directory);
  await mkdir(folder, { recursive: true });
  const kept: string[] = [];
  for (const [name, text] of Object.entries(starter(workspaceName(basename(folder)) ?? 'agents'))) {
    const file = join(folder, name);
    const shown = relative(surroundings.cwd, file);
    try {
      await writeFile(file, text, { flag: 'wx' });
      terminal.out(`wrote ${shown}\n`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      kept.push(shown);
    }
  }
  for (const file of kept) terminal.error(`kept ${file}, which was there already\n`);
  terminal.out(`next: aac apply ${relative(surroundings.cwd, folder) || '.'}\n`);
  return exitCodes.ok;
}

function starter(workspace: string): Readonly<Record<string, string>> {
  return {
    'aac.yaml': `# What the agents of this directory share. Its name is the workspace that aac keeps apart from others.
apiVersion: agent.dev/v1
kind: Project
metadata:
  name: ${workspace}
spec:
  driver: process # or docker: the same agents as containers
`,
    'agent.yaml': `# One agent. \`aac validate\` checks it, \`aac plan\` says what would be done, \`aac apply\` does it.
apiVersion: agent.dev/v1
kind: Agent
metadata:
  name: hello
spec:
  command: [node, hello.mjs] # with the docker driver: image, and a command only to replace the image's own
  environment:
    - name: GREETING
      value: \${GREETING:-hello} # from the caller's environment
      sensitive: false
  ports:
    - container: 8080 # for a process: the port it is to listen on, handed over as PORT
      hostIp: 127.0.0.1
  healthCheck:
    path: /health
    port: 8080
`,
    'hello.mjs': `import { createServer } from 'node:http';

createServer((request, response) => {
  response.end(request.url === '/health' ? 'ok' : \`\${process.env.GREETING}\\n\`);
}).listen(Number(process.env.PORT), '127.0.0.1');
`,
  };
}
