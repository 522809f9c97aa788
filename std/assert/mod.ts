/**
 * Stand-in for `@std/assert`: upstream's own code, as published on npm.
 *
 * @module
 */
// @ts-types="./mod.d.ts"
export * from "npm:deno-std@1.4.0/assert/mod.js";
export type { AnyConstructor, ArrayLikeArg, Falsy, GetConstructorType } from "./mod.d.ts";
