import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

from reconcile.__main__ import main

DATA = Path(__file__).resolve().parent.parent / "data"


def run(*arguments):
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = main([str(argument) for argument in arguments])
    return code, output.getvalue()


class Command(unittest.TestCase):
    def test_prints_json_for_the_sample_night(self):
        code, text = run(DATA / "orders.csv", DATA / "payments.jsonl", "--format", "json")
        document = json.loads(text)
        states = {result["order"]: result["state"] for result in document["results"]}
        self.assertEqual(
            states,
            {
                "A-100": "settled",
                "A-101": "settled",
                "A-102": "settled",
                "A-103": "settled",
                "A-104": "settled",
                "A-105": "settled",
                "A-106": "refunded",
                "A-107": "underpaid",
                "A-108": "currency_mismatch",
                "A-109": "unpaid",
                "A-110": "overpaid",
                "A-111": "unpaid",
                "B-007": "unknown_order",
            },
        )
        self.assertEqual(document["bad_lines"], [17])
        self.assertEqual(
            document["daily_totals"]["2024-03-30"], {"EUR": 125564, "USD": 820}
        )
        self.assertEqual(code, 1)

    def test_succeeds_when_every_order_is_settled(self):
        with tempfile.TemporaryDirectory() as folder:
            orders, payments = Path(folder, "orders.csv"), Path(folder, "payments.jsonl")
            orders.write_text(
                "order_id,placed_at,currency,total\nA-1,2024-03-31T00:30:00+02:00,EUR,20.50\n"
            )
            payments.write_text(
                '{"id": "p-1", "order": "A-1", "type": "charge", "amount_minor": 2050, '
                '"currency": "EUR", "at": "2024-03-30T22:31:05Z"}\n'
            )
            code, text = run(orders, payments)
        self.assertEqual(text, "A-1        settled            20.50 EUR of 20.50 EUR\n")
        self.assertEqual(code, 0)
