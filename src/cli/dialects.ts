/** Names that `--dialect` takes. A dialect itself is a file of client/dialects; its name is one line here. */
export const DIALECTS = ['auto', 'standard', 'keycloak', 'forgerock'] as const;
