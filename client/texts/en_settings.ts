/**
 * The sentences about settings, notifications and the like, in English.
 *
 * @module
 */

/** A part of the table that the other languages follow. */
export const EN_SETTINGS = {
  namesSeveral: "{names} and {last}",
  namesMany: "{names} and {count} {count:other|others}",
  notifyDirect: "{name} wrote",
  notifyMention: "{room}: mention",
  notifyRoom: "{room}: a message",
  recordedLate: "came later",
  recordFailed: "The transcript in {dir} is not written: {reason}. The chat goes on.",
  settingOriginDefault: "default",
  settingOriginCommand: "command line",
  settingOriginRun: "this run",
  settingUnset: "not set",
  settingIs: "{key} = {value} ({origin})",
  settingTakes: "{key}: {allowed}",
  settingReset: "{key} is as at first: {value}.",
  settingUnknown: "There is no setting '{key}'; '{command}' lists all.",
  settingUnknownHint: "There is no setting '{key}'. Did you mean '{hint}'?",
  settingWrongValue: "Nothing was changed: {key} takes {allowed}; received '{value}'.",
  settingOnlyFlag: "{key} is for the command line only.",
  settingNoPassword:
    "A password does not belong in a file of settings: put it into a file of its own, and name that with password-file.",
  settingNextStart: "It holds from the next start on.",
  settingNeedsFile: "{key} is not changed: that holds from the next start on, and is not kept.",
  allowedChoice: "one of {choices}",
  allowedSwitch: "true or false",
  allowedNumber: "a number from {min} to {max}",
  allowedText: "{value}, or '-' for none",
  keptIn: "Kept in {path}.",
  keptNot: "For this run only: {path} must not be written.",
  keptNowhere: "For this run only.",
  keptFailed: "For this run only: {path} was not written ({reason}).",
  aliasIs: "{word} = {line}",
  aliasHidden: "'{word}' is a command: an alias cannot take its place.",
  aliasesHidden: "In the settings, aliases with the names of commands do nothing: {words}.",
  aliasWord: "An alias is one word without a space or '/' at its beginning; received '{word}'.",
  quietOn: "{name} calls you no more.",
  quietOff: "{name} calls you again, as the settings say.",
  quietList: "Quiet: {names}.",
  quietNone: "No conversation is quiet.",
  quietNobody: "'{command}' needs a name or a #room, and then on or off; received '{word}'.",
  helpSettings: "show the settings, or change one",
  helpSettingsMore:
    "'settings' shows all and where they are from, 'settings notify' those that begin so.\n'settings notify.how bell' changes one at once, and in the file where that is permitted; '-' takes it back.\n'settings aliases.gs message #dev good night' makes 'gs' a word for that; further words go behind it.",
  helpQuiet: "let a conversation call you no more, or again",
  helpQuietMore:
    "'quiet #dev' and once more takes it back; 'quiet #dev on' and 'off' say which.\nWithout a name it lists what is quiet. See 'settings notify' for all else about calling.",
  argumentKey: "KEY",
  argumentValue: "VALUE",
} as const satisfies Record<string, string>;
