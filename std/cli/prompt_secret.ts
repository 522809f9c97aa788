/**
 * Stand-in for `@std/cli/prompt-secret`: upstream's own code, as published on npm.
 *
 * @module
 */
// @ts-types="./prompt_secret.d.ts"
export { promptSecret } from "npm:deno-std@1.4.0/cli/prompt_secret.js";
export type { PromptSecretOptions } from "./prompt_secret.d.ts";
