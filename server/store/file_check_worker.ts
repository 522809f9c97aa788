/**
 * What runs in the thread of `file_check.ts`, which starts it under the path of the database as its name.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

import { type ErrorScope, sayLastWords } from "./archive/last_words.ts";
import { checkOwner } from "./schema.ts";
import { checkIntegrity } from "./sqlite_file.ts";

const scope = self as unknown as ErrorScope & { readonly name: string };
sayLastWords(scope);
using db = new DatabaseSync(scope.name, { readOnly: true });
checkOwner(db);
checkIntegrity(db);
scope.postMessage("sound");
