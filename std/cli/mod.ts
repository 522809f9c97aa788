/**
 * Stand-in for `@std/cli`: the part of the package that this project uses.
 *
 * @module
 */
export * from "./parse_args.ts";
export * from "./prompt_secret.ts";
