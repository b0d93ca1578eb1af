#!/usr/bin/env bash
# chardet answers with an encoding that is not among its `include_encodings`.
#
# Version: chardet 7.7.0.
# Expected: with include_encodings=["gbk", "cp932"] the answer is one of the two, or none.
# Seen: the names are resolved to the encodings of chardet's own registry first, and the answer has
# the registry's name. Who asked for gbk is told gb18030, and who asked for cp950 is told big5hkscs,
# also with compat_names=False; `answer in asked` is then false, and a table with the asked names as
# keys has no such entry. Output on Python 3.11:
#   asked for ['gbk', 'cp932'], told gb18030
#   asked for ['cp950', 'cp932'], told big5hkscs
# What helps: map the two names back to those that were asked for; each is a superset of it.
#
# Prints what was answered, and fails if it is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check chardet==7.7.0

cat >"$folder/ask.py" <<'PY'
import chardet

told = []
for asked, text in ((["gbk", "cp932"], "实验报告与测试结果"), (["cp950", "cp932"], "期末考試成績單")):
    answer = chardet.detect(
        text.encode(asked[0]),
        include_encodings=asked,
        no_match_encoding=asked[0],
        compat_names=False,
    )["encoding"]
    print(f"asked for {asked}, told {answer}")
    told.append(answer)
raise SystemExit(told != ["gb18030", "big5hkscs"])
PY
"$folder/venv/bin/python" "$folder/ask.py"
