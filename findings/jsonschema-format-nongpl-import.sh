#!/usr/bin/env bash
# `import jsonschema` builds 39 parsers when the extra `format-nongpl` is installed.
#
# Versions: jsonschema 4.26.0, rfc3987-syntax 1.1.0, lark 1.3.1.
# Expected: the optional format checkers cost nothing until a FormatChecker is used.
# Seen: jsonschema/_format.py imports rfc3987_syntax, which builds one lark.Lark after the other, one
# for each rule of RFC 3987, while it is imported. `import jsonschema` alone then takes ten to twenty
# times as much processor time. Whoever installs JupyterLab has the extra: jupyter-events requires
# jsonschema[format-nongpl], so every program of the same environment pays for it, whether it
# validates formats or not. Output on Python 3.11:
#   without the extra: 0 parsers built, 58 ms of processor time
#   with format-nongpl: 39 parsers built, 1147 ms of processor time
# What helps: import jsonschema where it is used, or validate with jsonschema-rs.
#
# Prints what was counted, and fails if it is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/plain"
python3 -m venv "$folder/extra"
"$folder/plain/bin/pip" install --quiet --disable-pip-version-check jsonschema==4.26.0 lark==1.3.1
"$folder/extra/bin/pip" install --quiet --disable-pip-version-check \
  'jsonschema[format-nongpl]==4.26.0' rfc3987-syntax==1.1.0 lark==1.3.1

cat >"$folder/count.py" <<'PY'
import time

import lark

built = []
original = lark.Lark.__init__


def counted(self, *arguments, **options):
    built.append(options.get("start"))
    original(self, *arguments, **options)


lark.Lark.__init__ = counted
began = time.process_time()
import jsonschema  # noqa: E402, F401

print(len(built), round(1000 * (time.process_time() - began)))
PY
read -r plain plain_ms < <("$folder/plain/bin/python" "$folder/count.py")
read -r extra extra_ms < <("$folder/extra/bin/python" "$folder/count.py")
echo "without the extra: $plain parsers built, $plain_ms ms of processor time"
echo "with format-nongpl: $extra parsers built, $extra_ms ms of processor time"
[[ $plain == 0 && $extra == 39 ]]
