"""One order file: its good rows, and its bad ones with the reason."""

import csv
from datetime import date


def read(path):
    """([row], [(line, order, reason)]) of the file; a good row has a date and two numbers."""
    good, bad = [], []
    with open(path, newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                row["day"] = date.fromisoformat(row["day"])
                row["quantity"] = int(row["quantity"])
                row["price"] = float(row["price"])
            except ValueError as problem:
                bad.append((line, row["order"], str(problem)))
            else:
                good.append(row)
    return good, bad
