// Clients that open a connection and say nothing, or say it a byte at a time: the others are served, and the slow ones are cut off.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { instances, onFile } from './instances.ts';
import { counts } from './report.ts';

const SLOW = 150;
const SERVED = 300;
/** Milliseconds between two bytes. */
const DRIP = 1000;

test('slow and half-open clients: 600 connections that dawdle hold up nobody, are ended, and do not keep the server from stopping', async (t) => {
  const as = await instances(t, onFile(t), 1);
  const [{ port, child }] = as.members as [(typeof as.members)[0]];
  const pat = await as.pat();
  const id = await as.register(pat);
  const head = (path: string, more: string) => `POST ${path} HTTP/1.1\r\nHost: localhost:9400\r\n${more}`;
  const body = (type: string, first: string) =>
    `Content-Type: application/${type}\r\nContent-Length: 1000\r\n\r\n${first}`;
  const kinds: [name: string, first: string, drop: string][] = [
    ['nothing sent', '', ''],
    ['headers a byte at a time', head('/token', 'X-Slow: '), 'a'],
    ['body a byte at a time, token endpoint', head('/token', body('x-www-form-urlencoded', 'grant_type=')), 'a'],
    [
      'body a byte at a time, protection API',
      head('/permission', `Authorization: Bearer ${pat}\r\n${body('json', '{')}`),
      ' ',
    ],
  ];
  const open: { socket: Socket; kind: string; got: string; ended: Promise<unknown> }[] = [];
  for (const [kind, first, drop] of kinds) {
    for (let index = 0; index < SLOW; index += 1) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      const slow = { socket, kind, got: '', ended: once(socket, 'close') };
      socket.on('error', () => {}).setEncoding('latin1');
      socket.on('data', (text: string) => {
        slow.got += text;
      });
      if (first !== '') socket.write(first);
      const dripping = setInterval(() => drop !== '' && socket.write(drop), DRIP);
      socket.once('close', () => clearInterval(dripping));
      open.push(slow);
    }
  }
  const count = counts(`${open.length} slow or half-open connections`, 'SQLite file');
  let good = 0;
  for (let served = 0; served < SERVED; served += 1) if ((await as.ticket(pat, id)) !== undefined) good += 1;
  count('permission requests of others, answered meanwhile', good, SERVED);
  count('slow ones still connected then', open.filter(({ socket }) => !socket.closed).length, 'at least 1');
  await Promise.all(open.map(({ ended }) => ended));
  for (const [kind] of kinds) {
    const of = open.filter((slow) => slow.kind === kind);
    count(`ended with 408: ${kind}`, of.filter(({ got }) => got.startsWith('HTTP/1.1 408 ')).length, of.length);
  }

  const late = Array.from({ length: SLOW }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await Promise.all(late.map((socket) => once(socket, 'connect')));
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await gone;
  count('exit code of SIGTERM while more of them are connected', code as number, 0);
});
