#!/usr/bin/env node
// tally.mjs DIR: adds up the steps of a verify and prints what failed and why, what needed a second try, then
// `N passed, N failed` as the last line.
// A step has left NAME.status, its exit code, and if it ran tests NAME.json, vitest's report.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const folder = process.argv[2];
const steps = readdirSync(folder).filter((file) => file.endsWith('.status'));
const outcomes = steps.sort().flatMap((file) => outcomesOf(file.slice(0, -'.status'.length)));
for (const { status, name, error } of outcomes) {
  if (status !== 'passed') console.log(`${status}: ${name}${indented(error)}`);
  else if (error) console.log(`passed at the second try: ${name}${indented(error)}`);
}
const passed = count('passed');
const failed = count('failed');
console.log(`${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;

function count(status) {
  return outcomes.filter((outcome) => outcome.status === status).length;
}

/** The beginning of an error, below the name of its test. */
function indented(error) {
  const lines = (error ?? '').split('\n').slice(0, 20);
  return error ? lines.map((line) => `\n    ${line}`).join('') : '';
}

/** `{ status, name, error }` for each test of a step, and one more where the step failed though no test did. */
function outcomesOf(step) {
  const exitCode = readFileSync(join(folder, `${step}.status`), 'utf8').trim();
  const report = join(folder, `${step}.json`);
  const tests = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults.flatMap(testsOf) : [];
  const explained = exitCode === '0' || tests.some(({ status }) => status === 'failed');
  return explained ? tests : [...tests, { status: 'failed', name: `${step} (ended with ${exitCode})` }];
}

/** The tests of a file; the file itself where it could not be loaded. A Docker test that did not run has failed. */
function testsOf({ name: path, status, message, assertionResults }) {
  const file = relative(process.cwd(), path);
  const tests = assertionResults.map((test) => ({
    status: test.status === 'passed' || test.status === 'failed' ? test.status : notRun(file),
    name: `${file} > ${test.fullName}`,
    error: test.failureMessages?.[0],
  }));
  const explained = status === 'passed' || tests.some((test) => test.status === 'failed');
  return explained ? tests : [...tests, { status: 'failed', name: `${file} (${message.split('\n')[0]})` }];
}

function notRun(file) {
  return file.endsWith('.docker.test.ts') ? 'failed' : 'skipped';
}
