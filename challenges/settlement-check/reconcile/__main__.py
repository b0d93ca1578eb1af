"""python3 -m reconcile ORDERS.csv PAYMENTS.jsonl"""

import argparse
import sys

from reconcile.matching import reconcile
from reconcile.readers import read_orders, read_payments
from reconcile.report import as_text


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="reconcile", description=__doc__)
    parser.add_argument("orders")
    parser.add_argument("payments")
    options = parser.parse_args(arguments)
    with open(options.orders, encoding="utf-8", newline="") as file:
        orders = read_orders(file)
    with open(options.payments, encoding="utf-8") as file:
        payments, bad_lines = read_payments(file)
    print(as_text(reconcile(orders, payments)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
