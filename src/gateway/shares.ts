/** Resources of the owners at the AS: registered once, found again after a restart (UMA Federated Authorization 3). */
import { randomBytes } from 'node:crypto';
import type { ResourceServer } from '../client/resource-server.ts';
import { UmaError } from '../protocol/errors.ts';
import type { RegistrationAnswer, ResourceDescription } from '../protocol/resource.ts';
import { includesAll } from '../protocol/scopes.ts';
import type { Subject } from './match.ts';
import type { Routes } from './routes.ts';
import type { Share, Vault } from './vault.ts';

const DEFAULT_RESOURCES = 1000;

export class Shares {
  readonly #routes: Routes;
  readonly #vault: Vault;
  /** Registrations under way, so that concurrent requests make one. */
  readonly #underWay = new Map<string, Promise<Share>>();

  constructor(routes: Routes, vault: Vault) {
    this.#routes = routes;
    this.#vault = vault;
  }

  /**
   * The share of a request, registered when it is new or asks for scopes that it did not have.
   * @throws UmaError of the AS; `withdrawn`, `too_many_resources` (refused).
   */
  async of(subject: Subject, server: ResourceServer): Promise<Share & { resource_id: string }> {
    const known = this.#vault.share(subject.key);
    if (known?.withdrawn === true) throw new UmaError('refused', 'withdrawn', `${subject.name} is not shared any more`);
    const scopes = this.#routes.scopesOf.get(subject.template) ?? [];
    if (known?.resource_id !== undefined && includesAll(known.scopes, scopes))
      return known as Share & { resource_id: string };
    if (known === undefined) this.#checkCount(subject.owner);
    return this.#once(subject, () => this.#register(subject, server, known));
  }

  /** Its id at the AS, when it is registered and not withdrawn. */
  idOf(subject: Subject): string | undefined {
    const known = this.#vault.share(subject.key);
    return known?.withdrawn === true ? undefined : known?.resource_id;
  }

  /** Registers again what the AS does not know any more. Concurrent requests that found out make one registration. */
  async renew(subject: Subject, server: ResourceServer, lost: string): Promise<Share & { resource_id: string }> {
    const known = this.#vault.share(subject.key);
    if (known?.resource_id !== undefined && known.resource_id !== lost) return known as Share & { resource_id: string };
    return this.#once(subject, () => {
      const { resource_id: _lost, ...rest } = known ?? ({} as Partial<Share>);
      return this.#register(subject, server, known === undefined ? undefined : (rest as Share));
    });
  }

  /** Shares again what was withdrawn. */
  async again(subject: Subject, server: ResourceServer): Promise<Share> {
    const known = this.#vault.share(subject.key);
    if (known !== undefined) {
      const { withdrawn: _withdrawn, ...rest } = known;
      if (known.withdrawn === true) await this.#vault.keepShare(rest);
    }
    return this.of(subject, server);
  }

  /** Deletes the resource at the AS and refuses it to everybody from then on. */
  async withdraw(share: Share, server: ResourceServer): Promise<void> {
    const { resource_id, ...rest } = share;
    // Refused first: between the two, nothing is left open.
    await this.#vault.keepShare({ ...share, withdrawn: true });
    if (resource_id !== undefined) {
      await server.delete(resource_id).catch((error: unknown) => {
        if (!(error instanceof UmaError) || error.status !== 404) throw error;
      });
    }
    await this.#vault.keepShare({ ...rest, withdrawn: true });
  }

  #once(subject: Subject, register: () => Promise<Share>): Promise<Share & { resource_id: string }> {
    let running = this.#underWay.get(subject.key);
    if (running === undefined) {
      running = register().finally(() => this.#underWay.delete(subject.key));
      this.#underWay.set(subject.key, running);
    }
    return running as Promise<Share & { resource_id: string }>;
  }

  async #register(subject: Subject, server: ResourceServer, known: Share | undefined): Promise<Share> {
    const { owner, key, name, template, rule } = subject;
    const scopes = this.#routes.scopesOf.get(template) ?? [];
    const { type, description, icon_uri } = rule.entry;
    const told: ResourceDescription =
      this.#routes.file.names === false
        ? { resource_scopes: scopes }
        : { name, resource_scopes: scopes, ...(description === undefined ? {} : { description }) };
    if (type !== undefined) told.type = type;
    if (icon_uri !== undefined) told.icon_uri = icon_uri;
    const answer =
      known?.resource_id === undefined
        ? await registerOrAdopt(server, told)
        : await server.update(known.resource_id, told);
    const share: Share = {
      id: known?.id ?? randomBytes(12).toString('hex'),
      key,
      ...(owner === undefined ? {} : { owner }),
      name,
      scopes,
      resource_id: answer._id,
      ...(answer.user_access_policy_uri === undefined ? {} : { user_access_policy_uri: answer.user_access_policy_uri }),
    };
    await this.#vault.keepShare(share);
    return share;
  }

  #checkCount(owner: string | undefined): void {
    const limit = this.#routes.file.limits?.resources_per_owner ?? DEFAULT_RESOURCES;
    if (this.#vault.shares().filter((share) => share.owner === owner).length < limit) return;
    throw new UmaError('refused', 'too_many_resources', `${owner ?? 'the resource server'} has ${limit} resources`);
  }
}

/** A server that wants names to be unique (Keycloak) has it already when a gateway without `--data` starts again: it is the same one. */
async function registerOrAdopt(server: ResourceServer, told: ResourceDescription): Promise<RegistrationAnswer> {
  try {
    return await server.register(told);
  } catch (error) {
    if (!(error instanceof UmaError) || error.status !== 409 || told.name === undefined) throw error;
    const { _id } = await server.resolve(told.name);
    return server.update(_id, told);
  }
}
