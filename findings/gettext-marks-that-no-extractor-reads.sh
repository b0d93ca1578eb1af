#!/usr/bin/env bash
# Three places where a text is marked for translation, works, and is in no catalog: no tool says so.
#
# Version: Babel 2.19.0 and Django 5.2.19.
# Expected: what calls gettext() when the program runs is found by the extractor, or refused by it.
# Seen, each time without a warning:
#   1. JavaScript: gettext("Saved") inside ${...} of a template literal is not found by Babel (GNU xgettext
#      finds it).
#   2. Python 3.11: the same in the braces of an f-string is not found by Babel.
#   3. A Django template: {% translate 'It isn\'t saved' %} is rendered with its apostrophe, and
#      templatize(), which makemessages and Babel's plug-ins read, cuts the text at it: the catalog gets
#      "It isn\", so that a translation never fits.
# What helps: call gettext() outside of the literal, write the text in double quotes, and compare what
# the templates hold with the catalogs by a test.
#
# Prints what was seen, and fails if it is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check babel==2.19.0 Django==5.2.19

cat >"$folder/look.py" <<'PY'
import io
import sys

import django
from babel.messages.extract import extract
from django.conf import settings
from django.template import engines
from django.utils.translation.template import templatize

settings.configure(
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}], USE_I18N=True
)
django.setup()


def found(method, source):
    return [message for _, message, _, _ in extract(method, io.BytesIO(source.encode()))]


in_code = found("javascript", 'show(gettext("Saved"));')
in_literal = found("javascript", 'show(`${gettext("Saved")} now`);')
print("JavaScript, a call:", in_code, "in a template literal:", in_literal)

in_code_py = found("python", 'show(gettext("Saved"))')
in_f_string = found("python", "show(f\"{gettext('Saved')} now\")")
print("Python, a call:", in_code_py, "in an f-string:", in_f_string)

source = r"{% load i18n %}{% translate 'It isn\'t saved' %}"
page = engines["django"].from_string(source).render()
read = templatize(source)
print("Template, shown:", page, "read by the extractor:", read.strip())

ok = (in_code, in_literal) == (["Saved"], [])
ok = ok and in_code_py == ["Saved"]
# Python 3.12 divides an f-string into tokens, so what is seen there is another thing.
ok = ok and (sys.version_info >= (3, 12) or in_f_string == [])
ok = ok and page == "It isn't saved" and "saved" not in read
sys.exit(not ok)
PY
"$folder/venv/bin/python" "$folder/look.py"
