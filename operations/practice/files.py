"""The small project in a practice workspace, in its candidate's language."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from interviews.challenges.starting_files import StartingFiles
from interviews.models import Interview

COMMAND = "hello.sh"


def practice_files(practice: Interview) -> StartingFiles:
    """Return the files. The command needs nothing but a POSIX shell."""
    with translation.override(practice.practice_language or settings.LANGUAGE_CODE):
        texts = {
            "README.md": _readme(),
            "hello.txt": pgettext("practice", "World") + "\n",
            COMMAND: _command(),
        }
    return StartingFiles({path: text.encode() for path, text in texts.items()}, {COMMAND})


def _readme() -> str:
    title = _("Practice workspace")
    about = _(
        "Your test or interview is not in here, and its clock doesn't run. Nobody looks at this "
        "workspace, and nothing in it is kept. Try what you like:"
    )
    edit = _(
        "Open hello.txt in the list of files, change the name in it, and wait a few seconds. Your "
        "changes are saved automatically."
    )
    terminal = _(
        "Open a terminal. In VS Code: menu, Terminal, New Terminal. In JupyterLab: File, New, "
        "Terminal."
    )
    run = _("Run this command there:")
    greets = _("It greets the name in hello.txt.")
    paste = _(
        "Copy a line from another window and paste it here, with Ctrl+C and Ctrl+V (⌘C and ⌘V on "
        "a Mac). If your browser asks whether it may use the clipboard, allow it."
    )
    back = _(
        "That's all. Go back to the page that you came from: press End practice there, or start "
        "whenever you're ready."
    )
    return f"""\
# {title}

{about}

1. {edit}
2. {terminal}
3. {run}

       sh {COMMAND}

   {greets}
4. {paste}

{back}
"""


def _command() -> str:
    comment, hello = _("Greets the name in hello.txt."), pgettext("practice", "Hello")
    return f"""\
#!/bin/sh
# {comment}
name=$(cat "$(dirname "$0")/hello.txt")
echo "{hello}, $name!"
"""
