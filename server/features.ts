/**
 * What this server serves.
 *
 * @module
 */

/** Extensions of the protocol that are served in full, as clients are told when they go online. The one list of them. */
export const FEATURES: readonly string[] = ["resume"];
