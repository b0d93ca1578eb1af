"""Style sheets and scripts that pages load together, each as one file that `collectstatic` makes.

A browser on its first visit waits for each request. With DEBUG nothing is collected, and a page
loads the files one by one, in the same order.
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# By the bundle's name, in the order in which a browser would load them. Each script is strict and
# has a scope of its own.
BUNDLES: dict[str, tuple[str, ...]] = {
    "bundles/base.css": ("shared/tokens.css", "shared/base.css", "shared/header.css"),
    **{
        f"bundles/base.{language}.js": (
            "django_htmx/htmx-2.min.js",
            # gettext() and the texts of the scripts after it.
            f"shared/texts/{language}.js",
            "shared/announce.js",
            "shared/clock.js",
            "shared/times.js",
            "shared/copy.js",
            "shared/dialog.js",
        )
        for language, _ in settings.LANGUAGES
    },
    "bundles/candidate.js": (
        "shared/stream.js",
        "candidate_portal/js/countdown.js",
        "candidate_portal/js/time_notices.js",
        "shared/coalesce.js",
        "shared/replace_part.js",
        "candidate_portal/js/page.js",
        "candidate_portal/js/words_form.js",
        "candidate_portal/js/problem.js",
        "candidate_portal/js/feedback.js",
    ),
    "bundles/candidate_before_start.js": (
        "candidate_portal/js/system_check.js",
        "candidate_portal/js/practice.js",
    ),
    "bundles/staff.css": (
        "dashboard/css/nav.css",
        "dashboard/css/layout.css",
        "dashboard/css/tables.css",
        "dashboard/css/command_menu.css",
    ),
    "bundles/staff.js": (
        "dashboard/js/nav.js",
        "dashboard/js/copy_audit.js",
        "dashboard/js/filter_forms.js",
        "dashboard/js/command_menu.js",
    ),
    "bundles/staff_live.js": (
        "shared/stream.js",
        "dashboard/js/short_times.js",
        "shared/coalesce.js",
        "shared/replace_part.js",
        "dashboard/js/fragment.js",
        "dashboard/js/notices.js",
    ),
    "bundles/list.js": (
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
    ),
    "bundles/take_homes.js": (
        "dashboard/js/interviews/filters.js",
        "dashboard/js/interviews/selection.js",
    ),
}


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Adds the bundles to what is collected, before names get their hash and files are compressed.

    It reads what `collectstatic` has copied, so a bundle is as new as its files.
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

    def _content_of(self, name: str) -> bytes:
        with self.open(name) as file:
            return bytes(file.read())
