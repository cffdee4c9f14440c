/** Names that ICU gives zones whose cities the IANA database has renamed since, and their names of today. */
const renamed: Readonly<Record<string, string>> = {
  "Africa/Asmera": "Africa/Asmara",
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "America/Catamarca": "America/Argentina/Catamarca",
  "America/Coral_Harbour": "America/Atikokan",
  "America/Cordoba": "America/Argentina/Cordoba",
  "America/Godthab": "America/Nuuk",
  "America/Indianapolis": "America/Indiana/Indianapolis",
  "America/Jujuy": "America/Argentina/Jujuy",
  "America/Louisville": "America/Kentucky/Louisville",
  "America/Mendoza": "America/Argentina/Mendoza",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "Europe/Kiev": "Europe/Kyiv",
  "Pacific/Enderbury": "Pacific/Kanton",
  "Pacific/Ponape": "Pacific/Pohnpei",
  "Pacific/Truk": "Pacific/Chuuk",
};

/** Names that are no city's and that every system has. */
const noCity =
  /^(UTC|GMT|[CEMW]ET|[EM]ST|HST|(EST5E|CST6C|MST7M|PST8P)DT|Etc\/(UTC|UCT|Universal|Zulu|Greenwich|GMT([+-]?\d\d?)?))$/;

/** How machines spell a time zone that Node knows in whatever case; undefined for none. */
export function timeZoneName(name: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(name)) return undefined;
  const today = timeZoneToday(name);
  if (today === undefined || noCity.test(name)) return today && name;
  const cities = Intl.supportedValuesOf("timeZone").flatMap((zone) => [zone, renamed[zone] ?? zone]);
  const same = cities.find((city) => city.toLowerCase() === name.toLowerCase());
  // Of other old names, like US/Pacific, nothing tells how they are spelled but that each part begins in upper case.
  return same ?? (/^[A-Z]\w*([/+-][A-Z0-9]\w*)*$/.test(name) ? name : today);
}

/** The name of today for a zone; undefined where Node knows no such zone. */
function timeZoneToday(name: string): string | undefined {
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return renamed[timeZone] ?? timeZone;
  } catch {
    return undefined;
  }
}

/** The name of today for an old one like US/Pacific, which a system may have left out; undefined for every other name. */
export function nameInPlaceOf(name: string): string | undefined {
  const today = timeZoneToday(name);
  if (today === undefined || today === name || noCity.test(name)) return undefined;
  const isCity = Intl.supportedValuesOf("timeZone").some((zone) => (renamed[zone] ?? zone) === name);
  return isCity ? undefined : today;
}
