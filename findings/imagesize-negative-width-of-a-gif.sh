#!/usr/bin/env bash
# imagesize says that a GIF of 40,000 pixels is less than nothing wide.
#
# Versions: imagesize 2.0.1, Pillow 12.0.0.
# Expected: GIF89a stores the width and the height of its screen as two unsigned numbers of 16 bits,
# up to 65,535, and a reader of sizes says them.
# Seen: imagesize reads them as signed. A GIF that Pillow writes and reads has a negative width
# from 32,768 pixels on, and no error: a ratio of the sides, or a column of a table, gets a sign. A
# PNG of the same size is right.
# Output:
#   GIF: Pillow (40000, 2), imagesize (-25536, 2)
#   PNG: Pillow (40000, 2), imagesize (40000, 2)
# What helps: take a width modulo 65,536 where the file is a GIF, or read the four bytes oneself.
#
# Prints what was read, and fails if it is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check imagesize==2.0.1 pillow==12.0.0

cat >"$folder/sizes.py" <<'PY'
import sys
from pathlib import Path

import imagesize
from PIL import Image

SIZE = (40_000, 2)
seen = {}
for kind in ("GIF", "PNG"):
    path = Path(sys.argv[1]) / f"wide.{kind.lower()}"
    Image.new("P", SIZE).save(path)
    with Image.open(path) as image:
        image.load()
        seen[kind] = (image.size, tuple(imagesize.get(path)))
    print(f"{kind}: Pillow {seen[kind][0]}, imagesize {seen[kind][1]}")
sys.exit(seen != {"GIF": (SIZE, (SIZE[0] - 65_536, 2)), "PNG": (SIZE, SIZE)})
PY
"$folder/venv/bin/python" "$folder/sizes.py" "$folder"
