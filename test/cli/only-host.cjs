// Preloaded into the program (NODE_OPTIONS): every connection and name look-up is written down, and refused but for one address.
'use strict';
const { appendFileSync } = require('node:fs');
const net = require('node:net');
const dns = require('node:dns');

const { ONLY_HOST, HOSTS_FILE } = process.env;
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const [{ host = 'localhost', port, path } = {}] = Array.isArray(args[0]) ? args[0] : args;
  const place = path ?? `${host}:${port}`;
  appendFileSync(HOSTS_FILE, `${place}\n`);
  if (place !== ONLY_HOST) throw new Error(`refused: ${place}`);
  return connect.apply(this, args);
};
const lookup = dns.lookup;
dns.lookup = (host, ...rest) => {
  if (host !== '127.0.0.1') appendFileSync(HOSTS_FILE, `look-up of ${host}\n`);
  return lookup(host, ...rest);
};
