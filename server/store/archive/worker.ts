/**
 * What runs in the archive's own thread: `thread.ts` starts it, under the path of the database as its name.
 *
 * @module
 */

import { toStoreError } from "../sqlite_errors.ts";
import { openDatabase } from "../sqlite_file.ts";
import { Archive } from "./archive.ts";
import { type ErrorScope, sayLastWords } from "./last_words.ts";
import { ARCHIVE_CALLS, type CallMessage, perform, type ReplyMessage } from "./runner.ts";

/** Milliseconds to wait for a lock: the server writes nothing meanwhile, an administrator's command is quicker. */
const LOCK_TIMEOUT_MS = 500;

/** The scope of a worker, as far as it is used. */
interface Scope extends ErrorScope {
  onmessage: ((event: MessageEvent<CallMessage>) => void) | null;
  readonly name: string;
}

const scope = self as unknown as Scope;
sayLastWords(scope);
let opened: { readonly db: ReturnType<typeof openDatabase>; readonly archive: Archive } | undefined;

/** Opens the database at the first call that needs it, so that a failure is the answer to that. */
function open(): Archive {
  if (opened === undefined) {
    const db = openDatabase(scope.name, { create: false, busyTimeoutMs: LOCK_TIMEOUT_MS });
    // What is written here by itself may be lost with the machine's power, since it is done again then: it waits for no
    // disk. The log that it stands in reaches the disk with the server's next commit.
    db.exec("PRAGMA synchronous = NORMAL");
    opened = { db, archive: new Archive(db) };
  }
  return opened.archive;
}

function reply(message: CallMessage): ReplyMessage {
  if (message === "close") {
    opened?.db.close();
    return "closed";
  }
  if (message === "start") return "started";
  try {
    if (message === "open") {
      open();
      return "opened";
    }
    const { call, args } = message;
    if (!ARCHIVE_CALLS.includes(call)) throw new RangeError(`There is no call '${call}'`);
    return perform(open(), call, args);
  } catch (error) {
    return { fault: toStoreError(error).message };
  }
}

scope.onmessage = ({ data }) => scope.postMessage(reply(data));
