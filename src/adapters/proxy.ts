/** `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` as other programs take them, by Node's own agents. */
import { UmaError } from '../protocol/errors.ts';

/** What goes to this machine never goes through a proxy, which could not reach it. */
const HERE = ['localhost', '127.0.0.1', '[::1]'];

type Agents = { http: import('node:http').Agent; https: import('node:https').Agent };

/** Undefined where the environment names no proxy. @throws UmaError `invalid_proxy` (config). */
export async function proxyAgents(env: Readonly<Record<string, string | undefined>>): Promise<Agents | undefined> {
  const of = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const proxies = { HTTPS_PROXY: of('HTTPS_PROXY'), HTTP_PROXY: of('HTTP_PROXY') };
  if (proxies.HTTPS_PROXY === undefined && proxies.HTTP_PROXY === undefined) return undefined;
  for (const [name, url] of Object.entries(proxies)) {
    // Its password, if it has one, is not repeated.
    if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
      throw new UmaError('config', 'invalid_proxy', `${name} is no http or https address`, {
        hint: `${name}=http://proxy.example:3128, and hosts without it in NO_PROXY`,
      });
  }
  const proxyEnv = { ...proxies, NO_PROXY: [of('NO_PROXY'), ...HERE].filter((part) => part !== undefined).join(',') };
  const [http, https] = await Promise.all([import('node:http'), import('node:https')]);
  return { http: new http.Agent({ proxyEnv }), https: new https.Agent({ proxyEnv }) };
}
