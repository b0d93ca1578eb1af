"""`python -m catalogs`: bring every catalog up to date with the code, and compile it.

Texts that are new stand in the catalogs without a translation, and are listed; Django shows them in
English until they have one. Ends with 1 if there are any.
"""

import sys

from catalogs.extract import SOURCES, extract
from catalogs.files import LANGUAGES, catalog_path, is_translated, read, write, write_compiled
from catalogs.scripts import script_path, write_script


def main() -> int:
    missing = 0
    for language in LANGUAGES:
        for app in SOURCES:
            for scripts in (False, True):
                found = extract(app, scripts=scripts)
                path = catalog_path(app, language, scripts=scripts)
                if not found and not path.exists():
                    continue
                catalog = read(path, language)
                # A guess by likeness would be shown to nobody, as Django leaves out what is fuzzy.
                catalog.update(found, no_fuzzy_matching=True)
                catalog.obsolete.clear()
                write(path, catalog)
                write_compiled(path, catalog)
                without = [
                    message for message in catalog if message.id and not is_translated(message)
                ]
                missing += len(without)
                for message in without:
                    print(f"{path.parent}: {message.id!r} has no translation")
    for language in ("en", *LANGUAGES):
        write_script(language)
        print(f"wrote {script_path(language)}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
