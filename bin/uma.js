#!/usr/bin/env node
// Launcher. CommonJS and old syntax on purpose: it has to run on the Node it refuses.
'use strict';
var major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    'uma: needs Node.js 24 or newer, this is ' +
      process.version +
      '. Install Node.js 24 LTS, or run it as `npx uma` where the package `node` is installed.\n',
  );
  process.exitCode = 3;
} else {
  require('../dist/main.cjs');
}
