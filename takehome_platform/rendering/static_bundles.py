"""Style sheets and scripts that pages load together, each as one file that `collectstatic` makes.

A browser on its first visit waits for each request. With DEBUG nothing is collected, and a page
loads the files one by one, in the same order.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import brotli
import rcssmin
import rjsmin
from django.conf import settings
from django.core.files.base import ContentFile
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

BASE_SHEETS = ("shared/tokens.css", "shared/base.css", "shared/header.css")
# The first has gettext() and the texts of the scripts after it, in the language of the page.
TEXTS = "shared/texts/{}.js"
BASE_SCRIPTS = (
    "django_htmx/htmx-2.min.js",
    TEXTS,
    "shared/announce.js",
    "shared/clock.js",
    "shared/times.js",
    "shared/copy.js",
    "shared/dialog.js",
)
LIST_SCRIPTS = (
    "dashboard/js/interviews/secret.js",
    "dashboard/js/interviews/list_news.js",
    "dashboard/js/interviews/list_rows.js",
    "dashboard/js/interviews/list_filter.js",
    "dashboard/js/interviews/confirm_dialog.js",
    "dashboard/js/interviews/email_preview.js",
    "dashboard/js/interviews/menus.js",
    "dashboard/js/interviews/invitation_form.js",
    "dashboard/js/interviews/operation_logs.js",
    "dashboard/js/paused_starts.js",
)
LIST_UPDATES = "dashboard/js/interviews/list_updates.js"
# In the order in which a browser would load them. Each script is strict and has a scope of its own.
SOURCES: dict[str, tuple[str, ...]] = {
    "base.css": BASE_SHEETS,
    "base.js": BASE_SCRIPTS,
    "candidate.css": (*BASE_SHEETS, "candidate_portal/css/page.css"),
    "candidate.js": (
        *BASE_SCRIPTS,
        "candidate_portal/js/start_countdown.js",
        "shared/stream.js",
        "candidate_portal/js/countdown.js",
        "candidate_portal/js/time_notices.js",
        "shared/coalesce.js",
        "shared/replace_part.js",
        "candidate_portal/js/page.js",
        "candidate_portal/js/words_form.js",
        "candidate_portal/js/problem.js",
        "candidate_portal/js/feedback.js",
        "candidate_portal/js/system_check.js",
        "candidate_portal/js/practice.js",
    ),
    "staff.css": (
        *BASE_SHEETS,
        "dashboard/css/nav.css",
        "dashboard/css/layout.css",
        "dashboard/css/tables.css",
        "dashboard/css/command_menu.css",
    ),
    "staff.js": (
        *BASE_SCRIPTS,
        "dashboard/js/nav.js",
        "dashboard/js/copy_audit.js",
        "dashboard/js/filter_forms.js",
        "dashboard/js/command_menu.js",
    ),
    "staff_live.js": (
        "shared/stream.js",
        "dashboard/js/short_times.js",
        "shared/coalesce.js",
        "shared/replace_part.js",
        "dashboard/js/fragment.js",
        "dashboard/js/notices.js",
    ),
    "take_homes.js": (
        *LIST_SCRIPTS,
        "dashboard/js/interviews/filters.js",
        "dashboard/js/interviews/selection.js",
        LIST_UPDATES,
    ),
    "live_list.js": (*LIST_SCRIPTS, "dashboard/js/interviews/list_sections.js", LIST_UPDATES),
}
LANGUAGES = [language for language, _ in settings.LANGUAGES]


def bundle_name(name: str, language: str | None) -> str:
    """Return the path of a bundle among the static files, in this language if it has texts."""
    folder, (stem, suffix) = "bundles", name.rsplit(".", 1)
    has_texts = TEXTS in SOURCES[name]
    return f"{folder}/{stem}.{language}.{suffix}" if has_texts else f"{folder}/{name}"


def files_of(name: str, language: str | None) -> tuple[str, ...]:
    """Return the paths of the files that a bundle is made of, in this language."""
    return tuple(each.format(language) for each in SOURCES[name])


# The files of each bundle by its path.
BUNDLES = {
    bundle_name(name, language): files_of(name, language)
    for name in SOURCES
    for language in LANGUAGES
}


# The hash that is put into a name.
HASH = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")
# Brotli's best takes two seconds for a megabyte. What is larger is not on our pages.
LARGEST_AT_BEST = 150_000


class QuickCompressor(Compressor):
    """Compresses as well as it can what pages load, and what others have brought in less time."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return bytes(brotli.compress(data, quality=11 if len(data) <= LARGEST_AT_BEST else 5))


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Adds the bundles to what is collected, before names get their hash and files are compressed.

    It reads what `collectstatic` has copied, so a bundle is as new as its files. Comments and
    spaces are left out, which names and rules need none of.
    """

    has_bundles = True

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        if not dry_run:
            for name, sources in BUNDLES.items():
                # A script may end without a semicolon, and a comment without a new line.
                between = b"\n;\n" if name.endswith(".js") else b"\n"
                content = between.join(self._content_of(source) for source in sources)
                self.delete(name)
                self.save(name, ContentFile(content))
                paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)

    def create_compressor(self, **options: Any) -> Compressor:
        # Source maps are for who has a browser's tools open.
        options["extensions"] = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
        return QuickCompressor(**options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        # Pages have no other names than those with a hash.
        yield from super().compress_files(filter(HASH.search, paths))

    def _content_of(self, name: str) -> bytes:
        with self.open(name) as file:
            return minified(name, bytes(file.read()))


def minified(name: str, content: bytes) -> bytes:
    """Return a style sheet or script without what only its readers need."""
    if ".min." in name:
        return content
    minify = rcssmin.cssmin if name.endswith(".css") else rjsmin.jsmin
    return bytes(minify(content))
