/** Public passwords and readable traffic stay on this machine unless somebody says otherwise. */
import { UmaError } from '../protocol/errors.ts';
import { isLoopback } from '../protocol/metadata.ts';
import type { ServerConfig } from './config/config.ts';
import { walkthroughConfig } from './config/walkthrough.ts';

export interface Exposure {
  /** Address to listen on. */
  host: string;
  /** Where peers are told to find the server, if that is another place. */
  issuer: string | undefined;
  tls: boolean;
  /** Plain http also where others could listen in. */
  insecureHttp: boolean | undefined;
  /** People whose passwords are public also where others can reach them. */
  exposeDemoPeople: boolean | undefined;
}

/**
 * @param fixture what the layout serves without a configuration.
 * @throws UmaError the first of {@link exposureFaults}.
 */
export function checkExposure(exposure: Exposure, config: ServerConfig, fixture: ServerConfig): void {
  const [fault] = exposureFaults(exposure, config, fixture);
  if (fault !== undefined) throw fault;
}

/** Of category `config`: `cannot_listen`, `invalid_issuer`, `insecure_http`, `walkthrough_not_local`. */
export function exposureFaults(
  exposure: Exposure,
  config: Pick<ServerConfig, 'people'>,
  fixture: Pick<ServerConfig, 'people'>,
): UmaError[] {
  const { host, issuer, tls, insecureHttp, exposeDemoPeople } = exposure;
  const address = `http://${host.includes(':') ? `[${host}]` : host}`;
  if (!URL.canParse(address)) return [new UmaError('config', 'cannot_listen', `${host} is no address to listen on`)];
  const faults: UmaError[] = [];
  if (issuer !== undefined && !isIssuer(issuer)) faults.push(invalidIssuer(issuer));
  // What is no address leads nowhere.
  const published = issuer !== undefined && URL.canParse(issuer) ? issuer : undefined;
  const local = isLoopback(address) && (published === undefined || isLoopback(published));
  const clear = [tls ? undefined : address, published].find((item) => item?.startsWith('http:') && !isLoopback(item));
  if (clear !== undefined && insecureHttp !== true) {
    faults.push(
      new UmaError('config', 'insecure_http', `${clear} would carry passwords and tokens in the clear`, {
        spec: 'UMA Federated Authorization 1.3',
        hint: 'give --tls-cert and --tls-key, listen on 127.0.0.1, or say --insecure-http',
      }),
    );
  }
  if (local || exposeDemoPeople === true) return faults;
  const known = new Set([...walkthroughConfig().people, ...fixture.people].map(({ password_hash }) => password_hash));
  if (config.people.some(({ password_hash }) => password_hash !== undefined && known.has(password_hash))) {
    faults.push(
      new UmaError(
        'config',
        'walkthrough_not_local',
        "the walkthrough's passwords are public, so it runs on 127.0.0.1 only",
        {
          hint: 'name your own people and clients with --config FILE; only where nobody else gets to: --expose-demo-people',
        },
      ),
    );
  }
  return faults;
}

function isIssuer(issuer: string): boolean {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const written = url === undefined ? '' : `${url.origin}${url.pathname.replace(/\/$/, '')}`;
  return url !== undefined && /^https?:$/.test(url.protocol) && written === issuer;
}

const invalidIssuer = (issuer: string): UmaError =>
  new UmaError('config', 'invalid_issuer', `${JSON.stringify(issuer)} is no issuer`, {
    spec: 'RFC 8414 2',
    hint: 'write an https address without query, fragment, default port and slash at its end, like https://as.example/tenant',
  });
