/** The steps of the demo, in the order of the walkthrough; each ends in facts or throws what went wrong. */
import type { Context } from '../../cli/context.ts';
import { Connection } from '../../client/connection.ts';
import { claimTokenIn, claimTokenOf, requestRpt } from '../../client/requesting-party.ts';
import { type OwnerApi, ownerApi, ownerTokenOf } from '../../client/resource-owner.ts';
import { type Person, patOf, ResourceServer } from '../../client/resource-server.ts';
import { obtain, type TokenCache } from '../../client/tokens.ts';
import type { Actor } from '../../protocol/actors.ts';
import { findUmaChallenge, type UmaChallenge } from '../../protocol/challenge.ts';
import type { ClaimToken } from '../../protocol/claims.ts';
import { UmaError } from '../../protocol/errors.ts';
import { bearer, type ClientCredentials, type HttpRequest, type HttpResponse, type Send } from '../../protocol/http.ts';
import type { EndpointName } from '../../protocol/metadata.ts';
import type { Outcome } from '../../protocol/outcome.ts';
import type { Party } from '../../protocol/owner.ts';
import type { Narrator } from './narrator.ts';
import { type PhotoServer, startPhotoServer } from './photo-server.ts';
import type { Story } from './stories.ts';

/** Everybody in the play, and the AS they play it on. */
export interface Cast {
  issuer: string;
  endpoints: Partial<Record<EndpointName, string>>;
  dialect: string;
  owner: Person;
  party: Person;
  rs: ClientCredentials;
  client: ClientCredentials;
  /** The public client of the owner's sign-in; asked for only where the server takes its tokens. */
  app(): ClientCredentials;
  /** True for the built-in server: texts are compared with the walkthrough's, too. */
  builtIn: boolean;
}

export interface Step {
  id: string;
  title: string;
  why: string;
  run(): Promise<void>;
}

export interface Play {
  steps: Step[];
  /** Takes back what the steps made, in reverse; never fails, says what is left. */
  cleanUp(): Promise<void>;
}

const SUBMITTED = /^The client is not authorised to access the requested resource set\. A request has been submitted/;

export function makePlay(story: Story, cast: Cast, narrator: Narrator, context: Context): Play {
  // Ctrl-C ends the wait for any answer but those that say what there is to remove, and those to the removing.
  let patient = false;
  const sendAs = (from: Actor): Send => {
    const { send, sendToTheEnd } = context.sendAs(from);
    return (request) => (patient ? sendToTheEnd(request) : send(request));
  };
  const cache = memoryCache();
  const connect = (from: Actor, isTold?: (request: HttpRequest) => boolean) =>
    new Connection({
      issuer: cast.issuer,
      endpoints: cast.endpoints,
      dialect: cast.dialect,
      now: () => context.clock.now(),
      cache,
      send: narrator.listen(sendAs(from), from, isTold),
    });
  const asServer = connect('resource server');
  const asClient = connect('client', notDiscovery);
  const asOwner = connect('owner', notDiscovery);
  const ask = narrator.listen(sendAs('client'), 'client');
  const server = new ResourceServer(
    asServer,
    cast.rs,
    patOf(asServer, cast.rs, { grant: 'password', owner: cast.owner }),
    `${cast.owner.name}'s PAT (client ${cast.rs.id})`,
  );
  const { owner, party } = cast;
  const undo: { what: string; run(): Promise<unknown> }[] = [];

  // What one step learns and later ones use.
  let resource_id = '';
  let photo: PhotoServer;
  let challenge: UmaChallenge;
  let claims: ClaimToken;
  let api: OwnerApi;
  let requester: Party;
  let rpt = '';

  const get = (token?: string): Promise<HttpResponse> =>
    ask({ method: 'GET', url: photo.origin + story.path, headers: token === undefined ? {} : bearer(token) });

  function challengeIn(response: HttpResponse): UmaChallenge {
    expect(response.status === 401, `the resource server should refuse with 401, it answered ${response.status}`);
    const found = findUmaChallenge(response.headers['www-authenticate'] ?? '');
    if (found === undefined) throw unexpected('the 401 has no "WWW-Authenticate: UMA" with as_uri and ticket');
    expect(found.as_uri === cast.issuer, `as_uri should be ${cast.issuer}, it is ${found.as_uri}`);
    return found;
  }

  /** 1: no request of ours, but in the picture. */
  const wishes = (what: string) => context.trace.deed('requesting party', 'client', '1', what);

  const redeem = (): Promise<Outcome> =>
    requestRpt(asClient, cast.client, { ticket: challenge.ticket, ...claims, scope: [story.scope] });

  function expectSubmitted(outcome: Outcome): void {
    expect(outcome.kind === 'request_submitted', `the AS should answer request_submitted, it answered ${outcome.kind}`);
    const said = String(outcome.wire.error_description);
    if (cast.builtIn) expect(SUBMITTED.test(said), `the AS should say that a request was submitted, it said: ${said}`);
  }

  const steps: Step[] = [
    {
      id: 'discover',
      title: 'Find the authorization server (AS)',
      why: 'One document says where its endpoints are.',
      async run() {
        await asServer.endpoint('permission_endpoint');
        narrator.fact(`${cast.issuer} is a UMA 2.0 authorization server`);
      },
    },
    {
      id: 'pat',
      title: `${name(owner)} lets the resource server act for her: a PAT`,
      why: 'The protection API token (PAT) ties the resource server and the owner together at the AS.',
      async run() {
        await server.list();
        narrator.fact(`the resource server ${cast.rs.id} holds ${name(owner)}'s PAT`);
      },
    },
    {
      id: 'register',
      title: `The resource server registers ${name(owner)}'s ${story.resource.name}`,
      why: 'From here on the AS guards it; nobody but the owner may have it.',
      async run() {
        const { name: title, type, scopes } = story.resource;
        // Another server may have a resource of that name already, and some refuse a second one.
        const unique = cast.builtIn ? title : `${title} (uma demo ${Date.now().toString(36)})`;
        patient = true;
        ({ _id: resource_id } = await server.register({ name: unique, type, resource_scopes: scopes }));
        patient = false;
        undo.push({ what: `the resource ${resource_id}`, run: () => server.delete(resource_id) });
        photo = await startPhotoServer(server, { ...story, resource_id, as_uri: cast.issuer });
        undo.push({ what: 'the resource server', run: () => photo.close() });
        narrator.fact(
          `registered as ${resource_id}, scopes ${scopes.join(' and ')}; served at ${photo.origin}${story.path}`,
        );
      },
    },
    {
      id: 'ask',
      title: `${name(party)} asks for it, without a token`,
      why: `1: ${name(party)} asks the client, 2: the client asks the resource server, 3: which gets a permission ticket, 4: and hands it over with a 401.`,
      async run() {
        wishes(`asks to ${story.scope}`);
        challenge = challengeIn(await get());
        narrator.fact('refused with a permission ticket: the AS decides');
      },
    },
    {
      id: 'claims',
      title: `The client gathers ${name(party)}'s claims`,
      why: `5: ${name(party)} signs in; the ID token says who is asking. It is the claim token.`,
      async run() {
        const { answer } = await obtain(asClient, claimTokenOf(asClient, cast.client, party));
        claims = claimTokenIn(answer);
        narrator.fact(`the client ${cast.client.id} holds a claim token of ${name(party)}`);
      },
    },
    {
      id: 'submitted',
      title: 'The client trades ticket and claims for an RPT, too early',
      why: `6: ticket and claim token go to the AS, 7: which finds no policy of ${name(owner)}'s, so it asks her.`,
      async run() {
        expectSubmitted(await redeem());
        narrator.fact(`request_submitted: ${name(owner)} has to decide`);
      },
    },
    {
      id: 'approve',
      title: `${name(owner)} opens Shares > Requests and clicks Allow`,
      why: 'The same by API, with her own token: a PAT could not do it.',
      async run() {
        await asOwner.find('resource_owner_endpoint');
        const { signsInWith } = asOwner.dialect.owner;
        const asServerToo = signsInWith === 'rs';
        if (asServerToo)
          narrator.differs(`this server takes ${name(owner)}'s token for the resource server, a PAT, and no other`);
        const nobody: ClientCredentials = { id: '', method: 'none' };
        const app = asServerToo ? cast.rs : signsInWith === 'nobody' ? nobody : cast.app();
        api = await ownerApi(asOwner, ownerTokenOf(asOwner, app, owner));
        const requests = await api.requests({ status: 'pending' });
        const request = requests.find((pending) => pending.resource_id === resource_id);
        if (request === undefined) throw unexpected(`the AS shows ${name(owner)} no request for ${resource_id}`);
        requester = request.party;
        await api.approve(request.id, { scopes: [story.scope] });
        narrator.fact(`${name(party)} may ${story.scope} from now on`);
      },
    },
    {
      id: 'ticket',
      title: `${name(party)} asks again: a new ticket`,
      why: 'A permission ticket is good for one attempt, so the client fetches another the same way (2, 3, 4).',
      async run() {
        const { ticket } = challenge;
        wishes('asks again');
        challenge = challengeIn(await get());
        expect(challenge.ticket !== ticket, 'the new ticket should differ from the first');
        narrator.fact('a fresh ticket');
      },
    },
    {
      id: 'rpt',
      title: 'The client gets the RPT',
      why: `6: new ticket, same claim token. 7: ${name(owner)}'s policy allows it. 8: the requesting party token (RPT).`,
      async run() {
        const outcome = await redeem();
        if (outcome.kind !== 'granted') throw unexpected(`the AS should grant, it answered ${outcome.kind}`);
        ({ rpt } = outcome);
        narrator.fact(`an RPT of type ${outcome.answer.token_type}, good for ${outcome.answer.expires_in ?? '?'} s`);
        if (asClient.dialect.grant.ticketSurvivesGrant && (await redeem().catch(ifSpent))?.kind === 'granted')
          narrator.differs('the same ticket gave a second RPT: at this server it is good until its PAT ends');
      },
    },
    {
      id: 'serve',
      title: `${name(party)} gets the ${story.resource.name}`,
      why: '9: the client shows the RPT, 10: the resource server introspects it with its PAT, 11: and serves.',
      async run() {
        const response = await get(rpt);
        expect(response.status === 200, `the resource server should answer 200, it answered ${response.status}`);
        expect(response.body === story.content, 'the resource should arrive as it is');
        narrator.fact(`${name(party)} holds: ${story.content}`);
      },
    },
    {
      id: 'revoke',
      title: `${name(owner)} takes it back`,
      why: 'What she allowed ends at once, and with it the RPT.',
      async run() {
        await api.revoke({ resource_id, party: requester });
        narrator.fact(`${name(party)}'s share is gone`);
      },
    },
    {
      id: 'refused',
      title: `${name(party)} asks once more, with the old RPT`,
      why: '9, 10: introspection says inactive, so it all begins again with a 401 and a ticket (3, 4).',
      async run() {
        wishes('asks once more');
        const response = await get(rpt);
        if (response.status === 200 && api.rptSurvivesRevocation) {
          narrator.differs('the old RPT still opens it: at this server it outlives the revocation until it ends');
          challenge = challengeIn(await get());
        } else challenge = challengeIn(response);
        expectSubmitted(await redeem());
        narrator.fact(`refused; ${name(owner)} has a new request to decide`);
      },
    },
  ];

  return {
    steps,
    async cleanUp() {
      patient = true;
      for (const { what, run } of undo.toReversed()) {
        await run().catch((error: unknown) => {
          context.warn(
            `warning: ${what} could not be removed: ${error instanceof Error ? error.message : String(error)}`,
          );
        });
      }
    },
  };
}

/** `Alice`: names of people begin sentences here. */
const name = ({ name: login }: Person) => (login === 'jdoe' ? login : login.charAt(0).toUpperCase() + login.slice(1));

/** A server that speaks the vendor's wire may yet spend its tickets. */
function ifSpent(error: unknown): undefined {
  if (!(error instanceof UmaError) || error.code !== 'invalid_grant') throw error;
}

/** Client and owner read the same discovery document as the resource server did: real requests, but told once. */
const notDiscovery = ({ url }: HttpRequest) => !url.includes('/.well-known/');

/** The tokens of this play: fetched once, and gone with it. */
function memoryCache(): TokenCache {
  const kept = new Map<string, unknown>();
  const id = (key: readonly string[]) => JSON.stringify(key);
  return {
    get: async (key) => kept.get(id(key)),
    put: async (key, { value }) => void kept.set(id(key), value),
    forget: async (key) => void kept.delete(id(key)),
  };
}

function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw unexpected(otherwise);
}

const unexpected = (message: string) => new UmaError('peer', 'unexpected_answer', message);
