/** Whether a file of that path or name is a project's. */
export function isProjectFile(path: string): boolean {
  return projectFileNames.includes(path.slice(path.lastIndexOf('/') + 1));
}

/** What a project file may be called, in the order they are looked for. */
export const projectFileNames: readonly string[] = ['aac.yaml', 'aac.yml'];

/** Whether a file of that name is read when a directory is searched. */
export function isManifestName(name: string): boolean {
  return projectFileNames.includes(name) || /^(?:[^.].*\.)?agent\.ya?ml$/.test(name);
}

/** Whether a folder of that name is left out of the search. */
export function isIgnoredFolder(name: string): boolean {
  return name === 'node_modules' || name.startsWith('.');
}
