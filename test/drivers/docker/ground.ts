import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDockerDriver } from '../../../src/drivers/docker/docker-driver.ts';
import { Stage, type Ground } from '../../contract/stage.ts';
import { dockerClient, dockerEnvironment, removeWorkspace, uniqueWorkspace } from '../../support/docker.ts';

/** Where a test of the Docker driver stands: an empty folder and two workspaces, all gone in the end. */
export interface DockerStage extends AsyncDisposable {
  readonly stage: Stage;
  readonly ground: Ground;
  readonly docker: ReturnType<typeof dockerClient>;
}

/** Opens one; whatever has one of the workspaces' names is removed in the end, also what the driver did not make. */
export async function openStage(environment = dockerEnvironment()): Promise<DockerStage> {
  const docker = dockerClient();
  const ground: Ground = {
    driver: createDockerDriver({ environment }),
    workspace: uniqueWorkspace('docker'),
    otherWorkspace: uniqueWorkspace('other'),
    root: await mkdtemp(join(tmpdir(), 'aac-docker-')),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return {
    stage: new Stage(ground),
    ground,
    docker,
    [Symbol.asyncDispose]: async () => {
      await ground.driver[Symbol.asyncDispose]();
      for (const workspace of [ground.workspace, ground.otherWorkspace]) await removeWorkspace(docker, workspace);
      await rm(ground.root, { recursive: true, force: true });
    },
  };
}
