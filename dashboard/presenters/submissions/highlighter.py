"""Highlight one text, in a process of its own that `highlighting` ends after a time.

Lexers are regular expressions, and a hostile text can keep one busy for ever: no thread could be
ended then. The process has no environment, reads standard input and writes standard output.
"""

import sys


def main() -> int:
    """Read a file's name, a NUL and its text; write HTML, or exit with 1 if no lexer knows it."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (3, 3))
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    except (ImportError, ValueError, OSError):
        pass  # The time limit holds all the same.
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_for_filename, guess_lexer
    from pygments.util import ClassNotFound

    name, _, text = sys.stdin.buffer.read().decode().partition("\0")
    options = {"stripnl": False, "ensurenl": False}
    try:
        lexer = get_lexer_for_filename(name, text, **options)
    except ClassNotFound:
        if not text.startswith("#!"):
            return 1
        lexer = guess_lexer(text.partition("\n")[0], **options)
    if lexer.name == "Text only":
        return 1
    html = highlight(text, lexer, HtmlFormatter(nowrap=True, classprefix="hl-"))
    sys.stdout.buffer.write(html.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
