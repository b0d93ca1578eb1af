"""python3 -m reconcile ORDERS.csv PAYMENTS.jsonl [--format json]"""

import argparse
import json
import sys
from dataclasses import asdict

from reconcile.matching import reconcile
from reconcile.readers import read_orders, read_payments
from reconcile.report import as_text, daily_totals


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="reconcile", description=__doc__)
    parser.add_argument("orders")
    parser.add_argument("payments")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    options = parser.parse_args(arguments)
    with open(options.orders, encoding="utf-8", newline="") as file:
        orders = read_orders(file)
    with open(options.payments, encoding="utf-8") as file:
        payments, bad_lines = read_payments(file)
    results = reconcile(orders, payments)
    if options.format == "json":
        document = {
            "results": [asdict(result) for result in results],
            "daily_totals": daily_totals(payments),
            "bad_lines": bad_lines,
        }
        print(json.dumps(document, indent=2))
    else:
        print(as_text(results))
    is_clean = not bad_lines and all(each.state in ("settled", "refunded") for each in results)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
