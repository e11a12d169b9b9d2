/** Keycloak's refusals by name, as recorded. Descriptions are part of its wire: some clients read them. */
import { Refusal } from '../../http/refusal.ts';

export const invalidClient = () => new Refusal(401, 'invalid_client', 'Invalid client or Invalid client credentials');
export const wrongSecret = () =>
  new Refusal(401, 'unauthorized_client', 'Invalid client or Invalid client credentials');
export const noServiceAccount = () =>
  new Refusal(401, 'unauthorized_client', 'Client not enabled to retrieve service account');
export const invalidBearer = () => new Refusal(400, 'invalid_grant', 'Invalid bearer token');
export const invalidRequest = (description: string) => new Refusal(400, 'invalid_request', description);
export const invalidTicket = () => new Refusal(403, 'invalid_ticket', 'Ticket verification failed');
export const accessDenied = (description: 'request_submitted' | 'not_authorized') =>
  new Refusal(403, 'access_denied', description);
export const notFound = () => new Refusal(404, 'not_found', 'Resource not found');
/** What Keycloak says where its database finds a required value missing. */
export const conflict = () => new Refusal(409, 'conflict', 'Duplicate resource error');
export const unreadable = () => new Refusal(400, 'unknown_error', 'Cannot parse the JSON');
