import type { Walk } from '../../browser.ts';
import type { Check } from '../../check.ts';
import { formsOf } from '../../html.ts';
import { type Answer, said } from '../../http.ts';
import { offers } from '../../needs.ts';
import type { Probe } from '../../probe.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

export const check: Check = {
  requirements: ['SEC-8628-02', 'SEC-8628-03'],
  title: 'the device grant: exact poll errors, and user codes that cannot be tried out',
  profile: 'security',
  sends: 'A device authorization, polls at once, a poll with an unknown code, and 30 wrong user codes.',
  expects:
    '400 authorization_pending or slow_down; 400 for the unknown code; a refusal (429 or a locked page) before the 30th.',
  needs: [offers('device_authorization_endpoint')],
  async run(t: Probe) {
    const client = t.config.owner_client ?? t.session.client('public');
    const scope = 'openid';
    const url = t.session.endpoint('device_authorization_endpoint');
    const started = await t.send(t.session.tokenRequest(client, { scope }, {}, url));
    if (started.json.error === 'unauthorized_client') {
      const who = `${client.client_id}, which the device grant is tried with`;
      return t.notApplicable(check.requirements, `not configured: the grant ${GRANT} at the server for ${who}`);
    }
    t.require(started.status === 200, `the device authorization got ${said(started)}`);
    const poll = (device_code: string) => t.send(t.session.tokenRequest(client, { grant_type: GRANT, device_code }));
    const pending = (answer: Answer) =>
      answer.status === 400 && ['authorization_pending', 'slow_down'].includes(String(answer.json.error));
    for (let index = 0; index < 2; index += 1) {
      const answer = await poll(String(started.json.device_code));
      t.expect('SEC-8628-02', pending(answer), `poll ${index + 1} got ${said(answer)}`);
    }
    const unknown = await poll('no-such-device-code');
    t.expect(
      'SEC-8628-02',
      unknown.status === 400 && ['invalid_grant', 'expired_token'].includes(String(unknown.json.error)),
      `an unknown device code got ${said(unknown)}`,
    );
    const userCode = String(started.json.user_code);
    const browser = t.browser();
    const fresh = () => browser.follow({ method: 'GET', url: String(started.json.verification_uri) }, () => false);
    const entryOf = ({ answer, url }: Walk) => {
      const [form] = formsOf(answer.response.body, url);
      const field = form?.fields.find(({ type }) => type === 'text' || type === 'search');
      return form === undefined || field === undefined ? undefined : { form, name: field.name };
    };
    let page = await fresh();
    t.require(entryOf(page) !== undefined, 'the verification page has no field for a user code', page.answer);
    let stopped = false;
    for (let index = 0; index < 30 && !stopped; index += 1) {
      if (entryOf(page) === undefined) page = await fresh();
      const entry = entryOf(page);
      if (entry === undefined) {
        // Locked, in whatever words.
        stopped = true;
        break;
      }
      const wrong = String(10_000_000 + index)
        .replaceAll(/\d/g, (digit) => 'BCDFGHJKLM'[Number(digit)] ?? 'B')
        .slice(0, userCode.length);
      page = await browser.submit(entry.form, { [entry.name]: wrong }, () => false);
      stopped = page.answer.status === 429;
    }
    t.expect('SEC-8628-03', stopped, 'wrong user codes can be tried without end', page.answer);
  },
};
