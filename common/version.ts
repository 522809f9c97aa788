/**
 * Which version of the project this is.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };

/** The version as in `CHANGELOG.md`, after SemVer; it stands in `deno.json` and nowhere else. */
export const VERSION: string = config.version;
