/** The questions of `uma profile add NAME` without flags: the server, what discovery says of it, its clients, the people. */
import type { Context } from '../cli/context.ts';
import { DIALECTS } from '../cli/dialects.ts';
import { Connection } from '../client/connection.ts';
import { UmaError } from '../protocol/errors.ts';

/** As the flags of the same names would give them; secrets by their key in the store. */
export interface Answers {
  options: Record<string, string>;
  secrets: [key: string, secret: string][];
}

type Asking = Pick<Context, 'prompts' | 'send' | 'note' | 'clock'>;

/** @throws UmaError `cannot_prompt` naming the flag; `network` where the server does not answer: nothing is kept then. */
export async function askForProfile(name: string, context: Asking): Promise<Answers> {
  const { prompts, note } = context;
  const options: Record<string, string> = {};
  const secrets: Answers['secrets'] = [];
  const ask = async (option: string, question: string, flag: string): Promise<string | undefined> => {
    const answer = (await prompts.text(question, { flag })).trim();
    if (answer === '') return undefined;
    options[option] = answer;
    return answer;
  };
  const askSecret = async (key: string, question: string, flag: string, variable: string) => {
    const answer = (await prompts.secret(question, { flag, variable })).trim();
    if (answer !== '') secrets.push([key, answer]);
    return answer !== '';
  };

  const issuer = await ask('issuer', `Address (issuer) of the authorization server of ${name}:`, '--issuer URL');
  if (issuer === undefined || !URL.canParse(issuer)) {
    throw new UmaError('usage', 'invalid_issuer', `the issuer "${issuer ?? ''}" is no URL`, {
      hint: 'as the server writes it: https://as.example/realm',
    });
  }
  const connection = await discover(issuer, context);
  if (connection === undefined) {
    note(
      `${issuer} publishes no metadata; endpoints can be given by hand: uma profile add ${name} --token-endpoint URL ...`,
    );
    options.dialect = await prompts.select(
      'Which product is it?',
      DIALECTS.filter((one) => one !== 'auto'),
      {
        flag: '--dialect NAME',
      },
    );
  }

  for (const [key, option, flag, variable, who] of [
    ['rs', 'rsClient', '--rs-client', 'UMA_RS_CLIENT_SECRET', 'the resource server'],
    ['client', 'client', '--client', 'UMA_CLIENT_SECRET', 'the requesting party'],
  ] as const) {
    const id = await ask(option, `Client id of ${who} (empty: none):`, `${flag} ID`);
    if (id === undefined) continue;
    const known = await askSecret(key, `Secret of ${id} (empty: it has none):`, `${flag}-secret-file FILE`, variable);
    if (!known) options[`${option}Auth`] = 'none';
  }
  const ownersClient = connection?.dialect.owner.signsInWith ?? 'app';
  if (ownersClient === 'app') await ask('app', "Public client of the owner's sign-in (empty: none):", '--app ID');
  await ask('owner', 'Name of the resource owner (empty: none):', '--owner NAME');
  await ask('party', 'Name of the requesting party (empty: none):', '--party NAME');
  return { options, secrets };
}

/** Told in words; undefined when there is no document. */
async function discover(issuer: string, { send, note, clock }: Asking): Promise<Connection | undefined> {
  const connection = new Connection({ issuer, send, now: () => clock.now() });
  await connection.search.until(() => false);
  const { findings } = connection.search;
  const found = findings.filter(({ state }) => state === 'found');
  const rejected = findings.find(({ state }) => state === 'rejected');
  if (found.length === 0 && rejected?.error !== undefined) throw rejected.error;
  if (found.length === 0) return undefined;
  const { vendor, name } = connection.dialect;
  const owner = connection.metadata.resource_owner_endpoint;
  note(
    `found ${found.map(({ document }) => document).join(' and ')}: ${vendor ?? `dialect ${name}`}, ` +
      `${owner === undefined ? 'no API for owners' : 'with an API for owners'}`,
  );
  return connection;
}
