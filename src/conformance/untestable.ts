/** Requirements of an authorization server that nobody can see from outside, each with the reason. */
export const UNTESTABLE: Readonly<Record<string, string>> = {
  'GRANT-1.1-02': 'a permission to send extra members; that a receiver bears them is GRANT-1.1-03',
  'GRANT-5.7-04':
    'whether the party agreed to its claims being pushed is between the party and the client; the consent on the server’s own pages is GRANT-6.2-02 and GRANT-5.1-01',
  'GRANT-6.2-01': 'how persisted claims are stored cannot be seen over HTTP; the store’s own tests look at it',
  'FED-1.3-07':
    'an advice on when to use OpenID Connect; that ID Tokens can be had and are believed is used by every check that pushes one',
};
