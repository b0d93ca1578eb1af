"""A fresh process registers every admin class with the site that /admin/ serves."""

import subprocess
import sys

PRINT_REGISTRY = """
import django
django.setup()
from django.contrib import admin
print(*sorted(model._meta.label for model in admin.site._registry))
"""


def test_admin_registers_every_model_in_a_fresh_process() -> None:
    process = subprocess.run(
        [sys.executable, "-c", PRINT_REGISTRY], capture_output=True, text=True, check=True
    )
    assert process.stdout.split() == [
        "auth.Group",
        "auth.User",
        "dashboard.ApiToken",
        "dashboard.AuditEntry",
        "dashboard.ChallengeRecord",
        "dashboard.InterviewRecord",
        "dashboard.OperationRecord",
        "operations.Batch",
        "operations.BatchRow",
        "operations.Delivery",
        "operations.Message",
        "operations.Webhook",
    ]
