"""VS Code in the browser, as a candidate uses it."""

from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.compose.people import TRIES

# For one try: what is half loaded when the machine gets another network stays half loaded.
ONE_TRY_MS = 45_000


def open_editor(page: Page) -> Page:
    """From the candidate's page, with the password that it shows; the files are listed."""
    password = page.locator("#workspace-password").inner_text()
    with page.context.expect_page() as opened:
        page.locator("#open-workspace").click()
    editor = opened.value
    field = editor.locator("input[type=password]")
    left = TRIES
    while True:
        left -= 1
        try:
            expect(field.or_(editor.locator(".monaco-workbench"))).to_be_visible(timeout=ONE_TRY_MS)
            if field.is_visible():
                field.fill(password)
                editor.locator("input[type=submit], button[type=submit]").click()
            listed(editor, "README.md").wait_for(timeout=ONE_TRY_MS)
            return editor
        except (AssertionError, TimeoutError):
            if not left:
                raise
            editor.reload()


def listed(editor: Page, name: str) -> Locator:
    """The file as the explorer shows it."""
    return editor.locator(".explorer-folders-view").get_by_text(name, exact=True).first


def run_in_terminal(editor: Page, command: str, *, makes: str) -> None:
    """Until the file that it makes is listed: an editor that still opens takes keys away, so that
    what is left of the command must not make it."""
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
                # Half a command waits for its other half.
                terminal.press("Control+c")
