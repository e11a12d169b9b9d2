import type { Check } from '../../check.ts';
import { unguessable } from '../../jws.ts';
import type { Probe } from '../../probe.ts';

export const check: Check = {
  requirements: [
    'FED-3.2-01',
    'FED-3.2-03',
    'FED-3.2-04',
    'FED-3.2-05',
    'FED-3.2.1-01',
    'FED-3.2.1-02',
    'FED-3.2.1-03',
    'FED-3.2.2-01',
    'FED-3.2.3-01',
    'FED-3.2.3-02',
    'FED-3.2.4-01',
    'FED-3.2.5-01',
    'FED-1.3-03',
    'GRANT-1.1-03',
  ],
  title: 'a resource is created, read, listed, replaced and deleted',
  profile: 'core',
  sends:
    'POST, GET, GET of the list, PUT without description, DELETE twice, at addresses with and without the final slash.',
  expects:
    '201 with Location and _id; 200 with what was registered; a list of id strings; 200 with _id; 200 or 204, then 404.',
  async run(t: Probe) {
    const pat = await t.pat();
    const description = {
      name: 'Photo Album',
      'name#fr': 'Album de photos',
      description: 'Holiday pictures',
      icon_uri: 'https://rs.example/album.png',
      type: 'https://rs.example/types/album',
      resource_scopes: [t.config.scopes[0], 'https://rs.example/scopes/all'],
    };
    let created = await t.protection('POST', t.resourceUrl(), pat, { ...description, _id: 'mine', x_foo: 1 });
    t.expect('FED-1.3-03', ![401, 403].includes(created.status), `a PAT as Bearer got ${created.status}`);
    t.expect('GRANT-1.1-03', created.status < 300, `an unknown member of the description got ${created.status}`);
    let registered: Record<string, unknown> = description;
    if (created.status >= 400) {
      // What else it does can be seen only with what it takes.
      registered = {
        name: `Photo Album ${unguessable(6)}`,
        resource_scopes: t.config.scopes,
        ...t.config.resource_members,
      };
      created = await t.protection('POST', t.resourceUrl(), pat, registered);
    }
    t.adopt(created);
    t.expect('FED-3.2.1-01', created.status === 201, `create got ${created.status}`);
    const id = created.json._id;
    t.expect('FED-3.2.1-03', typeof id === 'string', 'create answered without a string "_id"');
    t.require(typeof id === 'string', 'without "_id" there is nothing to go on with');
    t.expect('FED-3.2-04', id !== 'mine', 'the server took the "_id" of the request');
    const { location } = created.headers;
    t.expect('FED-3.2.1-02', location !== undefined, 'create answered without Location');
    const policyUri = created.json.user_access_policy_uri;
    if (policyUri === undefined) t.notApplicable('FED-3.2-05', 'the server sends no user_access_policy_uri');
    else t.expect('FED-3.2-05', URL.canParse(String(policyUri)), `user_access_policy_uri is ${String(policyUri)}`);
    if (location !== undefined) {
      const located = await t.protection('GET', new URL(location, t.resourceUrl()).href, pat);
      t.expect(
        'FED-3.2.1-02',
        located.status === 200 && located.json._id === id,
        `GET of Location got ${located.status}`,
      );
    }
    const read = await t.protection('GET', t.resourceUrl(id), pat);
    t.expect('FED-3.2.2-01', read.status === 200, `read got ${read.status}`);
    const lost = Object.entries(registered).find(
      ([name, value]) => JSON.stringify(read.json[name]) !== JSON.stringify(value),
    );
    t.expect(
      'FED-3.2.2-01',
      lost === undefined,
      `"${lost?.[0]}" reads back as ${JSON.stringify(read.json[lost?.[0] ?? ''])}`,
    );
    t.expect('FED-3.2-03', read.json._id === id, `read has "_id" ${String(read.json._id)}`);
    const bare = t.resourceUrl().replace(/\/$/, '');
    for (const url of [t.resourceUrl(), bare]) {
      const list = await t.protection('GET', url, pat);
      const strings = Array.isArray(list.value) && list.value.every((item) => typeof item === 'string');
      t.expect(
        'FED-3.2.5-01',
        list.status === 200 && strings,
        `the list at ${url} is ${list.status}, no array of strings`,
      );
      t.expect(
        'FED-3.2-01',
        Array.isArray(list.value) && list.value.includes(id),
        `the list at ${url} lacks the new id`,
      );
    }
    const scopes = { resource_scopes: [t.config.scopes[0]], ...t.config.resource_members };
    const updated = await t.protection('PUT', t.resourceUrl(id), pat, { name: 'Album', ...scopes });
    t.expect(
      'FED-3.2.3-01',
      updated.status === 200 && updated.json._id === id,
      `update got ${updated.status}, _id ${String(updated.json._id)}`,
    );
    t.expect('FED-3.2-03', updated.json._id === id, 'update answered without "_id"');
    const replaced = await t.protection('GET', t.resourceUrl(id), pat);
    t.expect(
      'FED-3.2.3-02',
      replaced.json.name === 'Album' &&
        replaced.json.description === undefined &&
        replaced.json['name#fr'] === undefined,
      'the description was merged, not replaced',
    );
    const unscoped = await t.protection('PUT', t.resourceUrl(id), pat, { name: 'Album', ...t.config.resource_members });
    t.expect('FED-3.2.3-02', unscoped.status === 400, `PUT without resource_scopes got ${unscoped.status}`);
    const deleted = await t.protection('DELETE', t.resourceUrl(id), pat);
    t.expect('FED-3.2.4-01', deleted.status === 200 || deleted.status === 204, `delete got ${deleted.status}`);
    const twice = await t.protection('DELETE', t.resourceUrl(id), pat);
    t.expect('FED-3.2.4-01', twice.status === 404, `the second delete got ${twice.status}`);
  },
};
