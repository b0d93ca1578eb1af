"""The screens of the candidate's page: which status has which, their headings and steps."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from interviews.lifecycle import PROVISIONING, Status

# The provisioning steps that the candidate sees, in order, by the status in which each is current.
STEPS = {
    Status.ACTIVATED: gettext_lazy("Queued"),
    Status.INITIALIZING: gettext_lazy("Preparing your workspace"),
    Status.CONFIGURING: gettext_lazy("Starting the editor"),
    Status.ACTIVE: gettext_lazy("Ready"),
}
FAILED_STEPS = {"provision": STEPS[Status.INITIALIZING], "configure": STEPS[Status.CONFIGURING]}
TEMPLATES = {
    Status.AVAILABLE: "available",
    Status.ACTIVE: "active",
    Status.ERROR: "error",
    Status.DESTROYING: "destroying",
    Status.COMPLETED: "completed",
    Status.EXPIRED: "expired",
    **dict.fromkeys(PROVISIONING, "provisioning"),
    **dict.fromkeys((Status.REVOKED, Status.CANCELLED, Status.SCHEDULED), "withdrawn"),
}
# Live interviews differ: the candidate cannot start or end them.
LIVE_TEMPLATES = TEMPLATES | {
    Status.SCHEDULED: "scheduled",
    Status.AVAILABLE: "scheduled",
    Status.EXPIRED: "withdrawn",
}
END_STEPS = (
    gettext_lazy("Saving your files"),
    gettext_lazy("Closing the workspace"),
    gettext_lazy("Done"),
)
# The headings, which a screen reader announces when the page changes.
HEADLINES = {
    "provisioning": gettext_lazy("Getting your workspace ready"),
    "active": gettext_lazy("Your workspace is ready"),
    "error": gettext_lazy("Your workspace couldn't be started"),
    "destroying": gettext_lazy("Saving your files"),
    "completed": gettext_lazy("Your test is over"),
    "expired": gettext_lazy("This invitation has expired"),
    "withdrawn": gettext_lazy("This test was withdrawn"),
}

LIVE_HEADLINES = HEADLINES | {
    "scheduled": gettext_lazy("Your interview is scheduled"),
    "completed": gettext_lazy("Your interview is over"),
    "withdrawn": gettext_lazy("This interview was cancelled"),
}


@dataclass(frozen=True)
class Step:
    name: str
    is_done: bool
    is_current: bool
