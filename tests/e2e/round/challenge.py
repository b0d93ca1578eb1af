"""The challenge of the round, and what its three candidates submit. Plain `sh`, which every image
of workspaces has."""

import io
import zipfile

NAME = "Count the words"
# By the name of its check, which has one test of that name: the text, and how many words it has.
TEXTS = {
    "An empty text": ("", 0),
    "One word": ("word", 1),
    "A sentence": ("to be or not", 4),
    "Many spaces": ("  so   many   spaces  ", 3),
    "Several lines": ("one\ntwo\nthree four", 4),
}
# The time limit of each check, in seconds: one of the hostile submission's uses all of it.
SECONDS = 8

README = """# Count the words

`sh count.sh TEXT` prints how many words the text has. It prints 0 for every text so far.
"""
STARTING = "echo 0\n"
# It passes all five.
GOOD = """# The shell splits the text into words by itself.
set -f
set -- $1
echo $#
"""
# It passes three: each space is taken for the start of a word, and no end of a line is.
FAIR = """# Words are what is between two spaces.
[ -n "$1" ] || { echo 0; exit; }
spaces=$(printf %s "$1" | tr -dc ' ' | wc -c)
echo $((spaces + 1))
"""
# The line of FAIR and of GOOD that a reviewer points at.
LINE = 3
# Each text gets another attack. `kill 0` reaches the check's own script and its command.
HOSTILE = """report() {
  printf '<testsuite><testcase classname="count" name="%s"/></testsuite>' "$1" >"$CHECK_REPORT"
  kill -KILL 0
}
case $1 in
  '') report 'An empty text' ;;
  word) for n in 1 2 3 4 5 6 7 8; do sleep 600 & done; sleep 600 ;;
  to*) while :; do echo 'on and on and on and on and on and on and on'; done >&2 ;;
  *many*) read answer; echo "${answer:-nothing was typed}" ;;
  *) report 'Another one' ;;
esac
"""
# What the hidden script is replaced by, if its own does not take its place.
FORGED_CHECK = """printf '<testsuite><testcase classname="count" name="%s"/></testsuite>' "$1" \
>"$CHECK_REPORT"
"""

# The submission is a program of its own here, and so can't change this script while it runs.
CHECK = """counted=$(sh count.sh "$2" </dev/null | tr -cd 0-9)
if [ "$counted" = "$3" ]; then
  failure= code=0
else
  failure="<failure>counted ${counted:-nothing}, not $3</failure>" code=1
fi
printf '<testsuite><testcase classname="count" name="%s">%s</testcase></testsuite>' \
  "$1" "$failure" >"$CHECK_REPORT"
exit $code
"""


def _toml_check(name: str, text: str, words: int) -> str:
    quoted = text.replace("\n", "\\n")
    return f"""[[checks]]
name = "{name}"
command = "sh check.sh '{name}' '{quoted}' {words}"
folder = "hidden"
seconds = {SECONDS}
"""


def archive() -> bytes:
    """The challenge as a zip, to be uploaded."""
    checks = "\n".join(_toml_check(name, *text) for name, text in TEXTS.items())
    files = {
        "README.md": README,
        "count.sh": STARTING,
        ".checks/checks.toml": checks,
        ".checks/hidden/check.sh": CHECK,
        ".checks/solution/count.sh": GOOD,
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return made.getvalue()
