"""Measure how soon a change is on the screens: `python -m bench.live --changes 50`.

The platform as `make run` starts it, a candidate's page and the dashboard in headless Chromium,
and a member of staff who gives the candidate a minute more, again and again: the milliseconds from
the beginning of that action, in a process of its own, until the page has the new length. So the
write to the table and the publishing of the event are in it. 50 changes at most.
"""

import argparse
import statistics
from collections.abc import Callable, Iterator, Mapping

from playwright.sync_api import Page, sync_playwright

from bench.figures import HEADER, Bar, Figure, percentile, row
from bench.stack import PASSWORD, Stack, running
from tests.chromium import FLAGS, find

MAX_CHANGES = 50
"""Together with the first less than an hour, which pages would write in another way."""
PAUSE_MS = 300
"""Between two changes, so that each finds idle pages."""
CHANGE = """
import sys, time
from interviews import queries
from operations.actions import time as time_actions
for line in sys.stdin:
    interview = queries.get_interview(sys.argv[1])
    began = time.time()
    time_actions.extend(interview, 1, by="bench", notify=False)
    print(began * 1000, flush=True)
"""
# Resolves with the time at which the text appears.
AWAIT_TEXT = """text => {
  const { timeOrigin } = performance;
  window.changed = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`never shown: ${text}`)), 20_000);
    const observer = new MutationObserver(() => {
      if (!document.body.textContent.includes(text)) return;
      observer.disconnect();
      resolve(timeOrigin + performance.now());
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}"""
Shown = tuple[Page, Callable[[int], str]]
"""A page, and how it writes that a test of one hour has so many minutes more."""
# Two values: the median and the 99th percentile.
BARS = (Bar(50), Bar(200))


def measure(quick: bool, *, changes: int = MAX_CHANGES) -> Iterator[Figure]:
    changes = 3 if quick else min(changes, MAX_CHANGES)
    with running(engine_seconds=0.0) as stack, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        try:
            [interview] = stack.invite(1)
            candidate, staff = (browser.new_context().new_page() for _ in range(2))
            candidate.goto(f"{stack.origin}/take-home/{interview['passcode']}/")
            _sign_in(staff, stack)
            pages = {
                "candidate's page": (candidate, _on_candidates_page),
                "dashboard": (staff, _on_dashboard),
            }
            delays = _delays(stack, interview["id"], pages, changes)
            for name, found in zip(pages, delays, strict=True):
                note = f"{len(found)} changes, {min(found):.0f} to {max(found):.0f} ms"
                values = (statistics.median(found), percentile(found, 0.99))
                for label, value, bar in zip(("p50", "p99"), values, BARS, strict=True):
                    yield Figure(f"a change on the {name}, {label}", value, "ms", bar, note)
        finally:
            browser.close()


def _delays(
    stack: Stack, interview_id: str, pages: Mapping[str, Shown], changes: int
) -> list[list[float]]:
    staff = stack.python(CHANGE, interview_id)
    assert staff.stdin is not None
    assert staff.stdout is not None
    delays: list[list[float]] = [[] for _ in pages]
    try:
        # The first one imports.
        for number in range(changes + 1):
            minutes = 1 + number
            for page, write in pages.values():
                page.wait_for_timeout(PAUSE_MS)
                page.evaluate(AWAIT_TEXT, write(minutes))
            staff.stdin.write("change\n")
            staff.stdin.flush()
            began = float(staff.stdout.readline())
            for (page, _), found in zip(pages.values(), delays, strict=True):
                shown_at = float(page.evaluate("window.changed"))
                if number:
                    found.append(shown_at - began)
    finally:
        staff.stdin.close()
        staff.wait(30)
    return delays


def _on_candidates_page(minutes: int) -> str:
    return f"You now have 1 hour {minutes} minute{'s' * (minutes != 1)}."


def _on_dashboard(minutes: int) -> str:
    return f"(+{minutes} min)"


def _sign_in(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.origin}/login/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{stack.origin}/")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=MAX_CHANGES)
    print(HEADER)
    for figure in measure(quick=False, changes=parser.parse_args().changes):
        print(row(figure), flush=True)


if __name__ == "__main__":
    main()
