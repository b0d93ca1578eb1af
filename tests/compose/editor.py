"""Use VS Code in the browser like a candidate."""

from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.compose.people import TRIES

# For one attempt: a page stays half loaded if the machine's networks change while it loads.
ONE_TRY_MS = 45_000


def open_editor(page: Page) -> Page:
    """Open the editor from the candidate's page, which signs in, and wait for its files."""
    with page.context.expect_page() as opened:
        page.locator("#open-workspace").click()
    editor = opened.value
    left = TRIES
    while True:
        left -= 1
        try:
            expect(editor.locator(".monaco-workbench")).to_be_visible(timeout=ONE_TRY_MS)
            listed(editor, "README.md").wait_for(timeout=ONE_TRY_MS)
            return editor
        except (AssertionError, TimeoutError):
            if not left:
                raise
            editor.reload()


def listed(editor: Page, name: str) -> Locator:
    """Return the file's entry in the explorer."""
    return editor.locator(".explorer-folders-view").get_by_text(name, exact=True).first


def run_in_terminal(editor: Page, command: str, *, makes: str) -> None:
    """Type the command, and retry until the file that it creates is listed.

    An editor that is still loading swallows keystrokes, so part of the command must not create it.
    """
    terminal = editor.locator(".terminal-wrapper.active .xterm-helper-textarea")
    left = TRIES
    while True:
        left -= 1
        try:
            if not terminal.count():
                editor.keyboard.press("Control+Backquote")
            terminal.wait_for(state="attached", timeout=ONE_TRY_MS)
            terminal.press_sequentially(f"{command}\n", delay=20)
            listed(editor, makes).wait_for(timeout=15_000)
            return
        except TimeoutError:
            if not left:
                raise
            if terminal.count():
                # Discard a half-typed command.
                terminal.press("Control+c")
