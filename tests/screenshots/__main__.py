"""`python -m tests.screenshots [FOLDER]`: start a platform, and take a picture of each page.

Each page and state is taken at two widths, light and dark, in each language, into
FOLDER/LANGUAGE-WIDTH-SCHEME/NAME.png; the two of the README into docs/images.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from takehome_platform.local_stack.config import ROOT
from tests import chromium
from tests.e2e.conftest import running_platform
from tests.screenshots.candidate_pages import candidate_pages
from tests.screenshots.pictures import Api, Screenshots
from tests.screenshots.review_pages import review_pages
from tests.screenshots.staff_pages import policy_pages, staff_pages, two_step_pages


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist" / "screenshots")
    shutil.rmtree(folder, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory() as data,
        running_platform(Path(data)) as platform,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        shots = Screenshots(browser, platform, folder)
        session = shots.sign_in()
        context = browser.new_context(storage_state=session)
        api = Api(context, platform.origin)
        ids = candidate_pages(shots, api)
        staff_pages(shots, api, session, ids)
        policy_pages(shots, api, session)

        def api_of(state: Any) -> Api:
            return Api(browser.new_context(storage_state=state), platform.origin)

        review_pages(shots, session, api_of, ids[0], "room-booking")
        two_step_pages(shots, session)
        browser.close()
    sys.stdout.write(f"{shots.taken} pictures in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
