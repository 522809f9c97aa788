/**
 * The sentences about settings, notifications and the like, in Russian.
 *
 * @module
 */

import type { EN_SETTINGS } from "./en_settings.ts";

/** The same sentences, with the same gaps, as in English. */
export const RU_SETTINGS: Readonly<Record<keyof typeof EN_SETTINGS, string>> = {
  namesSeveral: "{names} и {last}",
  namesMany: "{names} и ещё {count}",
  notifyDirect: "{name} пишет вам",
  notifyMention: "{room}: вас упомянули",
  notifyRoom: "{room}: сообщение",
  recordedLate: "пришло позже",
  recordFailed: "Запись разговоров в {dir} не ведётся: {reason}. Разговор продолжается.",
  settingOriginDefault: "по умолчанию",
  settingOriginCommand: "командная строка",
  settingOriginRun: "этот запуск",
  settingUnset: "не задано",
  settingIs: "{key} = {value} ({origin})",
  settingTakes: "{key}: {allowed}",
  settingReset: "{key} — как вначале: {value}.",
  settingUnknown: "Нет настройки «{key}»; «{command}» покажет все.",
  settingUnknownHint: "Нет настройки «{key}». Может быть, «{hint}»?",
  settingWrongValue: "Ничего не изменено: для {key} нужно {allowed}; получено «{value}».",
  settingOnlyFlag: "{key} — только для командной строки.",
  settingNoPassword:
    "Паролю не место в файле настроек: положите его в отдельный файл и назовите этот файл в password-file.",
  settingNextStart: "Действует со следующего запуска.",
  settingNeedsFile:
    "{key} не изменено: оно действует со следующего запуска, а сохранить его не удалось.",
  allowedChoice: "одно из {choices}",
  allowedSwitch: "true или false",
  allowedNumber: "число от {min} до {max}",
  allowedText: "{value} или «-», если не нужно",
  keptIn: "Сохранено в {path}.",
  keptNot: "Только на этот запуск: писать в {path} не разрешено.",
  keptNowhere: "Только на этот запуск.",
  keptFailed: "Только на этот запуск: {path} не записан ({reason}).",
  aliasIs: "{word} = {line}",
  aliasHidden: "«{word}» — команда: сокращение её не заменит.",
  aliasesHidden: "В настройках сокращения с именами команд не действуют: {words}.",
  aliasWord: "Сокращение — одно слово без пробелов и без «/» в начале; получено «{word}».",
  quietOn: "{name} больше не зовёт вас.",
  quietOff: "{name} снова зовёт вас, как сказано в настройках.",
  quietList: "Тихо: {names}.",
  quietNone: "Тихих разговоров нет.",
  quietNobody: "После «{command}» — имя или #комната, затем вкл или выкл; получено «{word}».",
  helpSettings: "показать настройки или изменить одну",
  helpSettingsMore:
    "«настройки» — все и откуда они, «настройки notify» — те, что так начинаются.\n«настройки notify.how bell» меняет сразу, и в файле, если это разрешено; «-» возвращает как было.\n«настройки aliases.gs сообщение #dev доброй ночи» делает «gs» сокращением; слова после него идут следом.",
  helpQuiet: "чтобы разговор не звал вас или звал снова",
  helpQuietMore:
    "«тихо #dev», а ещё раз — вернуть; «тихо #dev вкл» и «выкл» говорят прямо.\nБез имени — список тихих. Остальное о том, как вас зовут: «настройки notify».",
  argumentKey: "КЛЮЧ",
  argumentValue: "ЗНАЧЕНИЕ",
};
