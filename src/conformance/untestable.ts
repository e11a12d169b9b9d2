export const UNTESTABLE: Readonly<Record<string, string>> = {};
