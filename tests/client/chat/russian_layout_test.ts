import { assertEquals } from "@std/assert";

import { fromRussianLayout } from "../../../client/chat/russian_layout.ts";
import { unknownCommand } from "../../../client/chat/commands/help.ts";
import { paint } from "../../../client/chat/styled_line.ts";
import { speakerOf } from "../../../client/texts/texts.ts";

Deno.test("keys of the Russian layout are those of the Latin one, and others stay", () => {
  assertEquals(fromRussianLayout("йцукенгшщзхъ"), "qwertyuiop[]");
  assertEquals(fromRussianLayout("фывапролджэ"), "asdfghjkl;'");
  assertEquals(fromRussianLayout("ячсмитьбю.ё"), "zxcvbnm,./`");
  assertEquals(fromRussianLayout("Ощшт #dev 1"), "join #dev 1");
});

Deno.test("a command that was typed with the Russian layout on is suggested, also with a slip in it", () => {
  const said = (word: string): string => paint(unknownCommand(word, speakerOf("ru")));
  for (
    const [word, hint] of [["ощшт", "join"], [".ощшт", "join"], ["Рудз", "help"], ["ощш", "join"]]
  ) {
    assertEquals(
      said(word!),
      `Нет команды «${word}». Может быть, «${hint}»? Ничего не отправлено.`,
    );
  }
  assertEquals(said("войтт"), "Нет команды «войтт». Может быть, «войти»? Ничего не отправлено.");
});
