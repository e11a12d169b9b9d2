import assert from 'node:assert/strict';
import { it } from 'node:test';
import { verifyPassword } from '../../../src/server/config/passwords.ts';
import { configSchema } from '../../../src/server/config/schema.ts';
import { walkthroughConfig } from '../../../src/server/config/walkthrough.ts';

it("the walkthrough's people sign in with password", async () => {
  const { people, password_grant } = walkthroughConfig();
  assert.equal(password_grant, true);
  assert.deepEqual(
    people.map(({ username, email, email_verified }) => [username, email, email_verified]),
    ['alice', 'bob', 'chris', 'jdoe'].map((name) => [name, `${name}@example.com`, true]),
  );
  for (const { password_hash } of people) assert.equal(await verifyPassword('password', password_hash), true);
});

it('only the public command line client is first-party', () => {
  const { clients } = walkthroughConfig();
  assert.deepEqual(
    clients.map((client) => [
      client.client_id,
      client.client_secret,
      client.token_endpoint_auth_method,
      client.first_party,
    ]),
    [
      ['UmaClient', 'password', 'client_secret_basic', false],
      ['UMA-Resource-Server', 'password', 'client_secret_basic', false],
      ['uma-cli', undefined, 'none', true],
    ],
  );
});

it('overrides apply, and every call gives a copy of its own', () => {
  assert.equal(walkthroughConfig({ ticket_ttl: 1 }).settings.ticket_ttl, 1);
  const first = walkthroughConfig();
  first.clients[0]?.redirect_uris.push('https://evil.example/');
  first.settings.ticket_ttl = 9;
  first.lifetimes.session = 1;
  assert.notDeepEqual(walkthroughConfig(), first);
  assert.equal(walkthroughConfig().clients[0]?.redirect_uris.length, 2);
});

it('the published JSON Schema is plain JSON with a name, and describes every member', () => {
  const schema = configSchema();
  assert.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
  assert.equal(schema.$id, 'urn:uma-cli:config');
  const bare: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, child] of Object.entries((value as { properties?: object }).properties ?? {})) {
      const leaf = ['string', 'integer', 'boolean'].includes((child as { type?: string }).type ?? '');
      if (leaf && !('description' in child) && name !== '$schema') bare.push(`${path}.${name}`);
      walk(child, `${path}.${name}`);
    }
    walk((value as { items?: unknown }).items, `${path}[]`);
  };
  walk(schema, '');
  assert.deepEqual(
    bare.filter((path) => !path.endsWith('.kty')),
    [],
  );
});
