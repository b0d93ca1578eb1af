"""The challenge library in two browsers of staff: uploads, two who edit at once, and a dry run."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from tests.e2e.conftest import Platform, Staff, expect_live, never_reloaded, zipped
from tests.interviews.challenges.zips import explorer


def upload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/zip", "buffer": content}


def second_window(staff: Staff, new_context: Callable[..., BrowserContext]) -> Page:
    state = staff.page.context.storage_state()
    return new_context(storage_state=state).new_page()


def create(page: Page, platform: Platform, name: str, content: bytes) -> None:
    page.goto(f"{platform.origin}/new-challenge/")
    page.get_by_label("Name", exact=True).first.fill(name)
    page.get_by_label("Zip or files").set_input_files(upload("task.zip", content))
    page.get_by_role("button", name="Create challenge").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_refused_upload_loses_nothing_and_the_next_one_is_taken(
    staff: Staff, platform: Platform
) -> None:
    page = staff.page
    page.goto(f"{platform.origin}/challenges/")
    page.get_by_role("link", name="New challenge").click()
    page.get_by_label("Name", exact=True).first.fill("Пример «7»")
    page.get_by_label("Description").fill("What it is about.")
    page.get_by_label("Memory").fill("100")
    page.get_by_label("Zip or files").set_input_files(
        upload("bad.zip", zipped({"README.md": "# Hi", "../outside": "x"}))
    )
    page.get_by_role("button", name="Create challenge").click()
    said = page.get_by_text("../outside leads out of the folder.")
    expect(said.first).to_be_visible()
    expect(page.get_by_label("Name", exact=True).first).to_have_value("Пример «7»")
    expect(page.get_by_label("Description")).to_have_value("What it is about.")

    page.get_by_label("Zip or files").set_input_files(
        upload("good.zip", zipped({"README.md": "# Привет\n\n<script>x</script>", "src/a.py": "1"}))
    )
    page.get_by_role("button", name="Create challenge").click()
    # Only the second answer has this mistake alone.
    expect(said).to_have_count(0)
    expect(page.get_by_text("Enter 512 or more.", exact=True)).to_be_visible()
    # What was chosen is still chosen.
    page.get_by_label("Memory").fill("1024")
    page.get_by_role("button", name="Create challenge").click()
    expect(page.get_by_role("heading", name="Пример «7»")).to_be_visible()
    assert re.search(r"/challenges/challenge-[0-9a-f]{6}/$", page.url)
    expect(page.locator(".prose h3")).to_have_text("Привет")
    expect(page.locator(".prose")).to_contain_text("<script>x</script>")
    # Before its scripts are there, the link leads to the same file by itself.
    expect_live(page)
    page.get_by_role("link", name="a.py").click()
    expect(page.locator("#file pre")).to_have_text("1")
    expect(page.locator("#file-title")).to_be_focused()


def test_names_of_a_zip_are_chosen_before_it_is_sent(staff: Staff, platform: Platform) -> None:
    page = staff.page
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.url) if request.method == "POST" else None
    )
    page.goto(f"{platform.origin}/new-challenge/")
    page.get_by_label("Name", exact=True).first.fill("Names")
    archive = page.get_by_label("Zip or files")
    archive.set_input_files(upload("a.zip", explorer("cp932", "README.md", "解答.py").getvalue()))
    expect(page.get_by_role("radio", name="Japanese (cp932)")).to_be_checked()
    # Another archive has names of its own.
    archive.set_input_files(upload("b.zip", explorer("cp866", "README.md", "ТЗ.txt").getvalue()))
    page.get_by_role("radio", name="Cyrillic (cp866) ТЗ.txt").check()
    expect(page.get_by_text("解答.py")).to_have_count(0)
    sent.clear()
    page.get_by_role("button", name="Create challenge").click()
    expect(page.get_by_text("File names were read as Cyrillic (cp866).")).to_be_visible()
    expect(page.get_by_role("link", name="ТЗ.txt")).to_be_visible()
    assert sent == [f"{platform.origin}/new-challenge/"]


def test_folder_is_uploaded_with_its_paths(
    staff: Staff, platform: Platform, tmp_path: Path
) -> None:
    folder = tmp_path / "task"
    (folder / "src/deep").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git/config").write_text("x")
    (folder / "README.md").write_text("# From a folder\n")
    (folder / "src/deep/a.py").write_text("print(1)\n")
    page = staff.page
    page.goto(f"{platform.origin}/new-challenge/")
    page.get_by_label("Name", exact=True).first.fill("From a folder")
    page.get_by_label("Folder").set_input_files(folder)
    expect(page.get_by_text("Left out: task/.git/.")).to_be_visible()
    page.get_by_role("button", name="Create challenge").click()
    expect(page.locator(".prose h3")).to_have_text("From a folder")
    assert sorted(
        page.locator("[data-file]").evaluate_all("all => all.map(e => e.dataset.file)")
    ) == [
        "README.md",
        "src/deep/a.py",
    ]


def test_two_who_edit_at_once_lose_nothing(
    staff: Staff, platform: Platform, new_context: Callable[..., BrowserContext]
) -> None:
    mine, theirs = staff.page, second_window(staff, new_context)
    create(mine, platform, "Edited by two", zipped({"README.md": "# One\n", "a.txt": "a\n"}))
    address = mine.url
    for page in (mine, theirs):
        page.goto(f"{address}edit/")
    theirs.get_by_label("Description").fill("Theirs.")
    theirs.get_by_role("button", name="Save new version").click()
    expect(theirs.get_by_text("Theirs.")).to_be_visible()
    expect_live(theirs)
    theirs.evaluate("window.neverReloaded = true")

    mine.get_by_label("Language").fill("Mine")
    mine.get_by_role("button", name="Edit a.txt").click()
    mine.get_by_label("Text of a.txt").fill("mine\n")
    mine.get_by_label("Delete a.txt").check()
    mine.get_by_label("Delete a.txt").uncheck()
    mine.get_by_role("button", name="Save new version").click()
    said = mine.get_by_role("alert").filter(has_text="admin saved version 2")
    expect(said).to_contain_text("Changed: description.")
    expect(mine.get_by_label("Language")).to_have_value("Mine")
    expect(mine.get_by_label("Text of a.txt")).to_have_value("mine\n")
    mine.get_by_role("button", name="Save mine on top").click()
    expect(mine.locator(".versions a")).to_have_text(["Version 3", "Version 2", "Version 1"])

    # The other window hears of it, and still shows the version that it showed.
    expect(theirs.locator(".versions a")).to_have_text(["Version 3", "Version 2", "Version 1"])
    expect(theirs.get_by_text("The current version is 3")).to_be_visible()
    assert never_reloaded(theirs)


def test_dry_run_says_how_long_it_took_and_an_archived_challenge_is_not_offered(
    staff: Staff, platform: Platform, new_context: Callable[..., BrowserContext]
) -> None:
    page, other = staff.page, second_window(staff, new_context)
    create(page, platform, "Tried out", zipped({"README.md": "# Try\n"}))
    address = page.url
    other.goto(address)
    expect_live(other)
    other.evaluate("window.neverReloaded = true")
    page.get_by_role("button", name="Start dry run").click()
    expect(page.get_by_role("heading", name="Dry run of Tried out")).to_be_visible()
    expect(other.get_by_role("list", name="Dry runs in progress")).to_be_visible()
    expect(other.get_by_text(re.compile(r"Ready in \d+ s"))).to_be_visible()
    assert never_reloaded(other)

    other.get_by_role("button", name="Archive").click()
    other.get_by_role("dialog").get_by_role("button", name="Archive").click()
    expect(other.locator(".badge", has_text="Archived")).to_be_visible()
    other.goto(f"{platform.origin}/")
    expect(other.locator("#invite option", has_text="Tried out")).to_have_count(0)
    other.goto(f"{platform.origin}/challenges/?archived=true")
    expect(other.get_by_role("row", name=re.compile("Tried out"))).to_contain_text("Ready in")
    other.get_by_role("link", name="Tried out").click()
    expect_live(other)
    other.get_by_role("button", name="Restore").click()
    other.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(other.locator(".badge", has_text="Active")).to_be_visible()
