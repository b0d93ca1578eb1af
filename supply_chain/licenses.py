"""`python -m supply_chain.licenses`: the licence of each installed package of requirements.lock.

Read from the metadata that the packages were published with, without a network.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
UNKNOWN = "unknown"
# Permissive licences, and weak copyleft, which covers the package itself and nothing else. The
# names of both kinds: SPDX expressions, and the classifiers of older packages.
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache Software License",
        "Apache-2.0",
        "BSD License",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "ISC License (ISCL)",
        "LGPL-3.0-only",
        "GNU Lesser General Public License v3 (LGPLv3)",
        "MIT",
        "MIT License",
        "MIT-0",
        "MPL-2.0",
        "Mozilla Public License 2.0 (MPL 2.0)",
        "PSF-2.0",
        "Python Software Foundation License",
        "TCL",
        "Unlicense",
        "Zlib",
        "ZPL-2.1",
    }
)


def pinned_names() -> list[str]:
    """The packages that the image installs; one may have several versions, by Python."""
    return list(dict.fromkeys(PIN.findall(LOCK.read_text())))


def license_of(package: Distribution) -> str:
    """The licence as an SPDX expression, or else the names of its classifiers, with "AND"."""
    metadata = package.metadata
    if expressions := metadata.get_all("License-Expression"):
        return str(expressions[0])
    classifiers = metadata.get_all("Classifier") or []
    names = [
        each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License :: OSI")
    ]
    if names:
        return " AND ".join(names)
    # One line is a name; more are the text of the licence.
    text = "".join(metadata.get_all("License") or []).strip()
    return text if text and "\n" not in text else UNKNOWN


def is_allowed(expression: str) -> bool:
    """True if one of the alternatives ("OR") has only allowed licences ("AND").

    An expression with parentheses is refused, for somebody to read it.
    """
    return any(
        all(name in ALLOWED for name in alternative.split(" AND "))
        for alternative in expression.split(" OR ")
    )


def licenses() -> Iterator[tuple[str, str, str]]:
    """The name, version and licence of each installed package of the lock file."""
    for name in pinned_names():
        try:
            package = distribution(name)
        except PackageNotFoundError:
            # It is for another platform.
            continue
        yield name, package.version, license_of(package)


def main() -> int:
    refused = 0
    for name, version, found in licenses():
        note = "" if is_allowed(found) else "  NOT ALLOWED"
        refused += bool(note)
        print(f"{name} {version}: {found}{note}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
