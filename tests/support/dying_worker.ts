/**
 * A thread that dies in the middle of a transaction on the database that it is named after, as quietly as the archive's.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

import { type ErrorScope, sayLastWords } from "../../server/store/archive/last_words.ts";

interface Scope extends ErrorScope {
  readonly name: string;
  onmessage: (event: MessageEvent) => void;
}

const scope = self as unknown as Scope;
sayLastWords(scope);

scope.onmessage = ({ data }) => {
  const db = new DatabaseSync(scope.name);
  db.exec("BEGIN IMMEDIATE; DELETE FROM names");
  const error = new Error("A secret that stands in an error");
  if (data.call === "emptyLog") Promise.reject(error); // nobody waits for this one
  else throw error;
};
