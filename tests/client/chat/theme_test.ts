import { assert, assertEquals, assertNotEquals } from "@std/assert";

import { nameColour, type Theme, themeOf, THEMES } from "../../../client/chat/theme.ts";

type Rgb = readonly [red: number, green: number, blue: number];

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];

/** A colour out of the cube of 256 as terminals show it. */
function rgbOf(colour: number): Rgb {
  const levels = [0, 95, 135, 175, 215, 255];
  const cube = colour - 16;
  assert(cube >= 0 && cube < 216, `${colour}`);
  return [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6]
    .map((step) => levels[step]!) as unknown as Rgb;
}

/** WCAG 2.2, "relative luminance". */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2, "contrast ratio": 1 to 21. */
function contrast(one: Rgb, other: Rgb): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [
    number,
    number,
  ];
  return (light + 0.05) / (dark + 0.05);
}

/** All colours of 256 that a look has. */
function coloursOf({ styles, names }: Theme): number[] {
  return [...Object.values(styles), ...names].flatMap((code) => {
    const [, colour] = /38;5;(\d+)/.exec(code) ?? [];
    return colour === undefined ? [] : [Number(colour)];
  });
}

for (
  const [name, grounds] of [
    ["auto", [[BLACK, 3], [WHITE, 3]]],
    ["dark", [[BLACK, 6], [[0x30, 0x30, 0x30], 4.5]]],
    ["light", [[WHITE, 5], [[0xfd, 0xf6, 0xe3], 4.5]]],
  ] as const
) {
  Deno.test(`every colour of the look ${name} can be read on the backgrounds that it is for`, () => {
    const colours = coloursOf(themeOf(name)!);
    assert(colours.length >= 16);
    for (const [ground, least] of grounds) {
      for (const colour of colours) {
        const ratio = contrast(rgbOf(colour), ground);
        assert(ratio >= least, `${colour} on ${ground}: ${ratio.toFixed(2)}`);
      }
    }
  });
}

Deno.test("a name has one colour in all its spellings, and never that of errors", () => {
  for (const name of THEMES) {
    const theme = themeOf(name);
    if (theme === undefined) continue;
    assertEquals(nameColour("EVE", theme), nameColour("eve", theme));
    assertNotEquals(nameColour("eve", theme), nameColour("bob", theme));
    const colours = new Set(Array.from({ length: 500 }, (_, i) => nameColour(`user${i}`, theme)));
    assertEquals(colours.size, theme.names.length);
    assert(!colours.has(theme.styles.error));
    assert(["31", "91"].every((red) => !colours.has(red)));
  }
});

Deno.test("auto is the terminal's own sixteen where it has no more; none is no look", () => {
  const sixteen = themeOf("16");
  for (const term of ["linux", "vt220", "screen"]) assertEquals(themeOf("auto", term), sixteen);
  for (const term of ["", "xterm", "xterm-256color", "screen-256color", "tmux-256color"]) {
    assertNotEquals(themeOf("auto", term), sixteen);
  }
  assertNotEquals(themeOf("dark", "linux"), sixteen);
  assertEquals(themeOf("none"), undefined);
  assert(coloursOf(sixteen!).length === 0);
});
