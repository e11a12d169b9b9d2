/** The two clients and two people of the flow: the flags and variables that each goes by (DESIGN "Roles"). */

export interface ClientRole {
  key: 'rs' | 'client';
  word: string;
  what: string;
  flag: string;
  env: string;
  secretEnv: string;
}
export const RS_CLIENT: ClientRole = {
  key: 'rs',
  word: 'rs_client',
  what: "the resource server's client",
  flag: '--rs-client',
  env: 'UMA_RS_CLIENT_ID',
  secretEnv: 'UMA_RS_CLIENT_SECRET',
};
export const PARTY_CLIENT: ClientRole = {
  key: 'client',
  word: 'client',
  what: "the requesting party's client",
  flag: '--client',
  env: 'UMA_CLIENT_ID',
  secretEnv: 'UMA_CLIENT_SECRET',
};

export interface PersonRole {
  key: 'owner' | 'party';
  what: string;
  env: string;
  passwordEnv: string;
}
export const OWNER: PersonRole = {
  key: 'owner',
  what: 'the resource owner',
  env: 'UMA_OWNER',
  passwordEnv: 'UMA_OWNER_PASSWORD',
};
export const PARTY: PersonRole = {
  key: 'party',
  what: 'the requesting party',
  env: 'UMA_PARTY',
  passwordEnv: 'UMA_PARTY_PASSWORD',
};
