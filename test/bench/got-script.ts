/** A permission request and nothing else: what `uma ticket` is measured against. Arguments: endpoint, resource id. */
import got from 'got';

const [endpoint, resource_id] = process.argv.slice(2) as [string, string];
void got
  .post(endpoint, {
    headers: { authorization: `Bearer ${process.env.PAT}` },
    json: { resource_id, resource_scopes: ['view'] },
  })
  .json()
  .then((answer) => process.stdout.write(`${JSON.stringify(answer)}\n`));
