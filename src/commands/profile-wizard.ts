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

type Asking = Pick<Context, 'prompts' | 'send' | 'note' | 'warn' | 'clock'>;

/** @throws UmaError `cannot_prompt` naming the flag; `interrupted`: nothing is kept then. */
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

  const { issuer, connection } = await askForServer(
    `Address (issuer) of the authorization server of ${name}:`,
    context,
  );
  options.issuer = issuer;
  if (connection === undefined) {
    note(`endpoints can be given by hand: uma profile add ${name} --token-endpoint URL ...`);
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

/** Asks until the address is that of a server, or is said to be right all the same. The connection is there when the server publishes metadata. */
async function askForServer(
  question: string,
  context: Asking,
): Promise<{ issuer: string; connection: Connection | undefined }> {
  const { prompts, warn } = context;
  const source = { flag: '--issuer URL' };
  for (;;) {
    const issuer = (await prompts.text(question, source)).trim();
    try {
      if (!/^https?:\/\//.test(issuer) || !URL.canParse(issuer)) {
        throw new UmaError('usage', 'invalid_issuer', `"${issuer}" is no address of a server`, {
          hint: 'as the server writes it: https://as.example/realm',
        });
      }
      const connection = await discover(issuer, context);
      const lacks = fault(connection);
      if (lacks === undefined) return { issuer, connection };
      warn(lacks);
      if (await prompts.confirm('Is it right all the same?', source)) {
        const published = connection.search.findings.some(({ state }) => state === 'found');
        return { issuer, connection: published ? connection : undefined };
      }
    } catch (error) {
      if (!(error instanceof UmaError) || error.category === 'interrupted' || error.code === 'cannot_prompt')
        throw error;
      warn([error.message, error.hint].filter((part) => part !== undefined).join('; '));
    }
  }
}

/** Why it looks like no UMA server; undefined where it looks like one. */
function fault({ metadata, search }: Connection): string | undefined {
  if (search.findings.every(({ state }) => state === 'absent')) return search.fault('token_endpoint').message;
  const known = metadata.permission_endpoint ?? metadata.resource_registration_endpoint;
  return known === undefined
    ? `${search.issuer} is an authorization server without UMA, good for claims at most`
    : undefined;
}

/** What is found is told in words. @throws UmaError `network`; what makes the only document unusable. */
async function discover(issuer: string, { send, note, clock }: Asking): Promise<Connection> {
  const connection = new Connection({ issuer, send, now: () => clock.now() });
  await connection.search.until(() => false);
  const { findings } = connection.search;
  const found = findings.filter(({ state }) => state === 'found');
  const rejected = findings.find(({ state }) => state === 'rejected');
  if (found.length === 0 && rejected?.error !== undefined) throw rejected.error;
  if (found.length === 0) return connection;
  const { vendor, name } = connection.dialect;
  const owner = connection.metadata.resource_owner_endpoint;
  note(
    `found ${found.map(({ document }) => document).join(' and ')}: ${vendor ?? `dialect ${name}`}, ` +
      `${owner === undefined ? 'no API for owners' : 'with an API for owners'}`,
  );
  return connection;
}
