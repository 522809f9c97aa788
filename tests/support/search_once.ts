/**
 * Keeps a message in the database that it is told, searches for it, and prints what was found and what was logged.
 *
 * @module
 */

import { printLine } from "../../common/output.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import { RecordingLog } from "./recording_log.ts";

const log = new RecordingLog(20);
await using store = openSqliteStore(Deno.args[0]!, { log });
for (const name of ["ann", "bob"]) await store.createAccount(name, name, "hash");
const conversation = (await store.openDirect("ann", "bob"))!;
const [from, to] = ["ann", "bob"];
await store.keepMessage({
  ...{ conversation, seq: store.nextSeq(conversation)!, from, sender: from, to, message: "apple" },
  ...{ time: Date.now() / 1_000, id: undefined, fingerprint: undefined, delivered: 1 },
});
const page = await store.search({
  ...{ asker: to, text: "apple", account: to, other: undefined, rooms: [], from: undefined },
  ...{ after: undefined, limit: 10 },
});
printLine(JSON.stringify({ found: page?.messages.length, warnings: log.records.length }));
