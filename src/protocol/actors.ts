/** Who takes part in the flow (UMA Grant 1.2), in the order in which a picture shows them. */
export const ACTORS = ['owner', 'requesting party', 'client', 'resource server', 'AS'] as const;
export type Actor = (typeof ACTORS)[number];
