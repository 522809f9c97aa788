import { assertEquals } from "@std/assert";

import { LineEditor } from "../../../client/terminal/line_editor.ts";
import { isNo, isYes, Question } from "../../../client/terminal/question.ts";
import { SecretLine } from "../../../client/terminal/secret_line.ts";

Deno.test("an answer is shown as it is typed, a secret is not", () => {
  const plain = new Question("Name: ", new LineEditor());
  const secret = new Question("Password: ", new SecretLine());
  for (const { field } of [plain, secret]) field.insert("eve");
  assertEquals([plain.isSecret, secret.isSecret], [false, true]);
  assertEquals(plain.input, { prompt: "Name: ", text: "eve", cursor: 3 });
  assertEquals(secret.input, { prompt: "Password: ", text: "", cursor: 0 });
});

Deno.test("the first answer counts, also if it is none", async () => {
  const question = new Question("Name: ", new LineEditor());
  question.resolve(undefined);
  question.resolve("eve");
  assertEquals(await question.answer, undefined);
});

Deno.test("only yes means yes, and only no or nothing means no", () => {
  const answers = ["y", "Y", " yes", "да", "Д", "", "n", "НЕТ ", "no, y", "yesterday", "дальше"];
  assertEquals(answers.filter(isYes), ["y", "Y", " yes", "да", "Д"]);
  assertEquals(answers.filter(isNo), ["", "n", "НЕТ "]);
  assertEquals([isYes(undefined), isNo(undefined)], [false, true]);
});
