/**
 * How the pieces of a line look on a terminal: colours for each kind of background.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";

/** What a piece of text is; `name` gives each name a colour of its own, `own` is for who reads it. */
export type Style =
  | "plain"
  | "mention"
  | "faint"
  | "error"
  | "notice"
  | "strong"
  | "name"
  | "own"
  | "code";

/** The names of the looks; `none` is a look without colours. */
export const THEMES = ["auto", "dark", "light", "16", "none"] as const;

/** One of {@linkcode THEMES}. */
export type ThemeName = typeof THEMES[number];

/** A look: what "select graphic rendition" (ECMA-48, SGR) is given for each style. */
export interface Theme {
  /** Codes for what always looks alike, such as `1;35`. */
  readonly styles: Readonly<Record<Exclude<Style, "plain" | "name">, string>>;
  /** Codes out of which each name has one of its own. */
  readonly names: readonly string[];
  /** Whether an address that is broken into rows is marked as one link; what does not know the marks may show them. */
  readonly hasLinks: boolean;
}

const STYLES = {
  faint: "2",
  error: "31",
  notice: "3;36",
  strong: "1",
  mention: "1;35",
  own: "1;32",
  code: "36",
} as const satisfies Theme["styles"];

/**
 * The looks. The colours of names are out of the 256 that terminals know (`16`: out of the sixteen that a terminal's
 * own settings define), and none of them is the red of errors. Contrast by WCAG 2.2, "contrast ratio":
 *
 * - `auto` is for a background that is not known: at least 3 on black and on white.
 * - `dark`: at least 6 on black and 4.5 on #303030.
 * - `light`: at least 5 on white and 4.5 on #fdf6e3.
 */
const LOOKS: Readonly<Record<Exclude<ThemeName, "none">, Theme>> = {
  auto: {
    styles: STYLES,
    names: of256([28, 31, 33, 62, 64, 67, 97, 99, 130, 133, 136, 166, 168, 163, 29, 69]),
    hasLinks: true,
  },
  dark: {
    styles: {
      ...STYLES,
      error: "38;5;210",
      notice: "3;38;5;116",
      mention: "1;38;5;219",
      own: "1;38;5;156",
      code: "38;5;152",
    },
    names: of256([209, 215, 220, 186, 149, 113, 78, 115, 86, 80, 117, 75, 111, 147, 141, 176, 212]),
    hasLinks: true,
  },
  light: {
    styles: {
      ...STYLES,
      error: "38;5;124",
      notice: "3;38;5;24",
      mention: "1;38;5;90",
      own: "1;38;5;22",
      code: "38;5;23",
    },
    names: of256([94, 58, 22, 23, 24, 25, 26, 19, 61, 57, 56, 92, 128, 90, 127, 125, 89]),
    hasLinks: true,
  },
  "16": {
    styles: STYLES,
    names: ["32", "33", "34", "35", "36", "92", "94", "95", "96"],
    hasLinks: false,
  },
};

/** Terminals with sixteen colours at most. */
const SIXTEEN = /^(?:linux|ansi|cons|vt\d|rxvt$|screen$)/;

/**
 * The look of that name; `undefined` for the one without colours.
 *
 * @param term The kind of terminal (`TERM`), if that is known: `auto` is `16` where there are no more colours.
 */
export function themeOf(name: ThemeName, term = ""): Theme | undefined {
  if (name === "none") return undefined;
  return LOOKS[name === "auto" && SIXTEEN.test(term) ? "16" : name];
}

/** The colour of a name: the same for all its spellings, on every machine (FNV-1a). */
export function nameColour(name: string, { names }: Theme): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(foldName(name))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return names[hash % names.length]!;
}

function of256(colours: readonly number[]): string[] {
  return colours.map((colour) => `38;5;${colour}`);
}
