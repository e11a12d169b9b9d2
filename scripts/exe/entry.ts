/** What runs in the single executable: the program out of its assets. */
import { getAsset, getRawAsset } from 'node:sea';
import { makeLoader } from './loader.ts';

// A worker of `uma serve --workers` is started as `node FILE ...`, and both are this executable.
if (process.argv[2] === process.execPath) process.argv.splice(2, 1);

makeLoader((name) => ({ text: getAsset(name, 'utf8'), code: Buffer.from(getRawAsset(`${name}.code`)) })).load(
  'main.cjs',
);
