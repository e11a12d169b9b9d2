/** The walkthrough's script, unchanged apart from the profile, on the real Keycloak: the one of test/walkthrough/layouts.test.ts. */
import { test } from 'node:test';
import { openScript } from '../../walkthrough/script.ts';
import { issuer, RS } from './peer.ts';

test('every line of the script ends on a real Keycloak as it does on uma serve', async () => {
  const script = await openScript({
    issuer: issuer(),
    dialect: 'auto',
    rsClient: RS,
    secrets: { owner: 'password', party: 'password', rsClient: 'secret', client: 'password' },
    rptOutlivesRevocation: true,
  });
  try {
    await script.play();
  } finally {
    // After a failure something is left of it, on a server that others use.
    await script.typed('uma resource delete "Photo Album" --yes');
    script.close();
  }
});
