"""The form of a webhook, and its addresses."""

FORM = {
    "name": "ATS",
    "url": "https://hooks.example.com/in",
    "types": ["take-home", "regular"],
    "which": "all",
}


def address(webhook, *parts):
    return "/".join(["/webhooks", str(webhook.pk), *parts, ""])
