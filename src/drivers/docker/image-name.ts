/** Where images without a registry in their name come from, as engines and their configuration call it. */
export const defaultRegistry = 'docker.io';

/** `registry/path` of an image reference in full, without tag and digest: `busybox:1` is `docker.io/library/busybox`. */
export function repositoryOf(image: string): string {
  const [name = ''] = image.split('@');
  const registry = registryOf(image);
  const isNamed = name.startsWith(`${registry}/`) || /^(?:index\.)?docker\.io\//.test(name);
  const path = (isNamed ? name.slice(name.indexOf('/') + 1) : name).replace(/:[^:/]*$/, '');
  return `${registry}/${registry === defaultRegistry && !path.includes('/') ? `library/${path}` : path}`;
}

/** The registry an image reference names: its first part, where that looks like a host. */
export function registryOf(image: string): string {
  const slash = image.indexOf('/');
  const first = slash === -1 ? '' : image.slice(0, slash);
  const isHost = first === 'localhost' || first.includes('.') || first.includes(':');
  return !isHost || first === 'index.docker.io' ? defaultRegistry : first;
}
