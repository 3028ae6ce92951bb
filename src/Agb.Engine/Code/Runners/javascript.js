// Runs code once and shows the value of its last expression.
'use strict';
const fs = require('fs');
const path = require('path');
const util = require('util');
const vm = require('vm');

const mark = process.env.AGB_MARK;
delete process.env.AGB_MARK;
delete process.env.AGB_RUNNER;
const code = fs.readFileSync(0, 'utf8');
const results = [];
let error = null;

function show(value) {
  if (value === undefined) {
    return;
  }
  const mime = { 'text/plain': typeof value === 'string' ? value : util.inspect(value) };
  if (value !== null && typeof value === 'object') {
    try {
      const json = JSON.stringify(value);
      if (json !== undefined) {
        mime['application/json'] = json;
      }
    } catch {
      // It has no such form.
    }
  }
  results.push({ main: true, mime });
}

function fail(e) {
  error = (e instanceof Error && e.stack) || `Uncaught ${util.inspect(e)}`;
  process.exitCode = 1;
}

function write(bytes) {
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(fs.writeSync(1, bytes));
    } catch (e) {
      if (e.code !== 'EAGAIN') {
        throw e;
      }
    }
  }
}

process.on('uncaughtException', (e) => {
  fail(e);
  process.exit();
});
process.on('exit', (status) => {
  if (status !== 0 && error === null) {
    error = `The code ended the process with exit code ${status}.`;
  }
  write(Buffer.from(`\0${mark}\0${JSON.stringify({ results, error, count: 1 })}`));
});

async function run() {
  globalThis.require = require('module').createRequire(path.join(process.cwd(), 'code.js'));
  globalThis.module = { exports: {} };
  globalThis.exports = globalThis.module.exports;
  let script = null;
  try {
    script = new vm.Script(code, { filename: 'code.js' });
  } catch (e) {
    // A script knows neither import nor await at its top: only a module does.
    if (!(e instanceof SyntaxError) || !/\b(await|import|export)\b/.test(code)) {
      throw e;
    }
  }
  if (script !== null) {
    show(await script.runInThisContext());
    return;
  }
  const file = path.join(process.cwd(), `.agb-code-${process.pid}.mjs`);
  fs.writeFileSync(file, code);
  try {
    await import(require('url').pathToFileURL(file));
  } finally {
    fs.unlinkSync(file);
  }
}

run().catch(fail);
