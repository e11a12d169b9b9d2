/**
 * commands/demo/: the walkthrough that `uma demo` plays: the stories as data, a small protected resource, the steps, and the
 * telling of them. Every step is a real HTTP exchange through the roles of client/. Labels are those of the flow picture (1 to 11).
 *
 * This file: who and what. The people's password is `password`, as in the walkthrough's texts.
 */

export interface Story {
  name: 'alice-bob' | 'photoz';
  title: string;
  owner: string;
  party: string;
  /** Client ids and secrets at the built-in server; against another server they come from profile or environment. */
  rs: { id: string; secret: string };
  client: { id: string; secret: string };
  resource: { name: string; type: string; scopes: string[] };
  /** What the requesting party wants to do. */
  scope: string;
  path: string;
  /** What the resource server gives to those who may. */
  content: string;
}

export const STORIES: Record<Story['name'], Story> = {
  'alice-bob': {
    name: 'alice-bob',
    title: 'Alice shares a photo with Bob',
    owner: 'alice',
    party: 'bob',
    rs: { id: 'UMA-Resource-Server', secret: 'password' },
    client: { id: 'UmaClient', secret: 'password' },
    resource: {
      name: 'Photo Album',
      type: 'http://photoz.example.com/dev/rtypes/photoalbum',
      scopes: ['view', 'download'],
    },
    scope: 'download',
    path: '/users/alice/album/photo.jpg',
    content: 'the photo that Alice took in Italy',
  },
  photoz: {
    name: 'photoz',
    title: "jdoe looks at Alice's album a4",
    owner: 'alice',
    party: 'jdoe',
    rs: { id: 'photoz-restful-api', secret: 'secret' },
    client: { id: 'photoz-html5-client', secret: 'secret' },
    resource: { name: 'a4', type: 'http://photoz.com/album', scopes: ['album:view', 'album:delete'] },
    scope: 'album:view',
    path: '/photoz-restful-api/album/a4',
    content: '{"id":"a4","name":"a4","owner":"alice"}',
  },
};
