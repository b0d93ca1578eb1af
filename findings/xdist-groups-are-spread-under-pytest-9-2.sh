#!/usr/bin/env bash
# Under pytest 9.2 `--dist loadgroup` spreads the tests of a group over all workers, without a word.
#
# Versions: pytest-xdist 3.8.0, with pytest 9.1.1 and 9.2.0; pip and xdist's own metadata allow both.
# Expected: tests marked `xdist_group("one")` run in one worker, so that what a module starts (a
# browser, a server) is started once.
# Seen: xdist hands a test's group to its scheduler as a suffix of the test's id, by writing a private
# field of the test that pytest 9.2 has no longer. Nothing fails and nothing warns; a suite is only
# slower, and tests that must not run at the same time do. Upstream knows (pytest-xdist issue 1386).
# Output:
#   pytest 9.1.1: 1 workers, 8 of 8 ids with the suffix
#   pytest 9.2.0: 2 workers, 0 of 8 ids with the suffix
# What helps: pytest 9.1 until xdist has another way, and a test that counts the workers of a group.
#
# Prints what was seen, and fails if it is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
cat >"$folder/test_group.py" <<'PY'
import time

import pytest


@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("number", range(8))
def test_marked(number):
    time.sleep(0.1)
PY
cd "$folder"
touch pytest.ini
for version in 9.1.1 9.2.0; do
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "pytest==$version" pytest-xdist==3.8.0
  "$folder/venv/bin/python" -m pytest -p no:cacheprovider -n 2 --dist loadgroup -v >"$version.txt"
  workers=$(grep -E '^\[gw' "$version.txt" | cut -d' ' -f1 | sort -u | wc -l)
  suffixes=$(grep -cE '^\[gw.*@one' "$version.txt" || true)
  echo "pytest $version: $workers workers, $suffixes of 8 ids with the suffix" | tee -a seen.txt
done
diff - seen.txt <<'TXT'
pytest 9.1.1: 1 workers, 8 of 8 ids with the suffix
pytest 9.2.0: 2 workers, 0 of 8 ids with the suffix
TXT
