/**
 * Loaded before the server (`deno run --preload`): accounts keep the hashes of passwords that the benchmark gave them.
 *
 * These are cheap to check, so that two thousand accounts are online in a second. The server as it is would replace each
 * after its first login by one that takes a tenth of a second to compute, beside what is measured.
 *
 * @module
 */

import { Passwords } from "../../server/accounts/passwords.ts";

Passwords.prototype.needsRehash = () => false;
