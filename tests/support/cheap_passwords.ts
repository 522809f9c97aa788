/**
 * Makes hashing passwords cost next to nothing in a server that is a process of its own: loaded before `server.ts`,
 * which has no flag for that (`deno run --preload`). For tests in which many log in and that look at something else.
 *
 * @module
 */

import { Passwords } from "../../server/accounts/passwords.ts";

const cheap = new Passwords({ cost: { logN: 4, r: 8, p: 1 } });
const { hash, needsRehash } = Passwords.prototype;

// Checking a password costs what its hash says. An unknown name still costs what a real hash does.
Object.assign(Passwords.prototype, {
  hash: hash.bind(cheap),
  needsRehash: needsRehash.bind(cheap),
});
