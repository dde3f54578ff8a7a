#!/usr/bin/env python3
"""Turns workers-comp-classes.csv into floatrate's record format (JSON Lines)."""

import argparse
import csv
import json
import os
import re
import sys
import tempfile
from decimal import Decimal, ROUND_HALF_UP
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIRST_YEAR = 2019
YEARS = 7
WINDOW_YEARS = 3
EXPECTED_EMPLOYERS = 121
# National base rates of the risk classes 1 to 8, 人社部发〔2015〕71号.
BASE_RATES = {
    1: Decimal("0.002"), 2: Decimal("0.004"), 3: Decimal("0.007"), 4: Decimal("0.009"),
    5: Decimal("0.011"), 6: Decimal("0.013"), 7: Decimal("0.016"), 8: Decimal("0.019"),
}
DEFAULT_CLASS = 4

HELP = f"""\
Turns workers-comp-classes.csv into floatrate's record format, one employer a line.

The file has no premium, no headcount and no number of injuries. What is made of it:

  CL    occupation class   an employer, id NCCI-CL-001 and so on
  YR    year 1 to {YEARS}        the calendar year {FIRST_YEAR} to {FIRST_YEAR + YEARS - 1}
  PR    payroll, dollars   payroll, cents
  LOSS  losses, dollars    where above 0, a claim row with count 0 (a payment; the number
                           of injuries is not known), dated and paid on 30 June
  -     contributions      payroll x base rate of the risk class, half up to the cent,
                           due = paid. These are computed, not observed.

Every employer is in risk class {DEFAULT_CLASS} unless --classes says otherwise.
"""

EXAMPLES = """\
examples:
  to-records.py --output records.jsonl
  to-records.py | floatrate rate --plan cn-510400-2021 --rating-date 2022-01-01
  to-records.py --classes map.csv --output records.jsonl
  to-records.py --check

map.csv, for classes that are not class 4:
  CL,risk_class
  1,6
  2,8

exit status: 0 done, 1 the check failed, 2 wrong usage or input, 3 the output cannot be written
"""


class BadInput(Exception):
    """The input cannot be read as described; the message says where."""


def read_rows(path, columns):
    """Rows of a CSV file as (place, row), refusing a file without the columns."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            missing = [name for name in columns if name not in (rows.fieldnames or [])]
            if missing:
                raise BadInput(f"{path}: no column {', '.join(missing)}; expected {','.join(columns)}")
            return [(f"{path}, line {rows.line_num}", row) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: {error}") from error


def whole(place, name, text, low, high):
    """A whole number in a range."""
    if not re.fullmatch(r"[0-9]{1,9}", text or "") or not low <= int(text) <= high:
        raise BadInput(f"{place}: {name} is {text!r}, expected a whole number {low} to {high}")
    return int(text)


def cents(place, name, text):
    """Dollars as text to whole cents."""
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]+)?", text or ""):
        raise BadInput(f"{place}: {name} is {text!r}, expected dollars such as 21798086.0")
    amount = Decimal(text) * 100
    if amount != amount.to_integral_value():
        raise BadInput(f"{place}: {name} is {text!r}, more than two digits after the point")
    return int(amount)


def read_classes(path):
    """Risk class by CL."""
    classes = {}
    for place, row in read_rows(path, ["CL", "risk_class"]):
        number = whole(place, "CL", row["CL"], 1, 999)
        if number in classes:
            raise BadInput(f"{place}: CL {number} is there twice")
        classes[number] = whole(place, "risk_class", row["risk_class"], 1, 8)
    return classes


def read_experience(path):
    """{CL: {YR: (payroll, losses)}} in cents, every class with every year once."""
    experience = {}
    for place, row in read_rows(path, ["CL", "YR", "PR", "LOSS"]):
        number = whole(place, "CL", row["CL"], 1, 999)
        year = whole(place, "YR", row["YR"], 1, YEARS)
        years = experience.setdefault(number, {})
        if year in years:
            raise BadInput(f"{place}: CL {number} has year {year} twice")
        years[year] = (cents(place, "PR", row["PR"]), cents(place, "LOSS", row["LOSS"]))
    for number, years in experience.items():
        if len(years) != YEARS:
            raise BadInput(f"{path}: CL {number} has {len(years)} of {YEARS} years")
    return experience


def record(number, years, risk_class):
    """One employer in the shape and key order of the record format."""
    periods, claims = [], []
    for year, (payroll, losses) in sorted(years.items()):
        calendar = FIRST_YEAR + year - 1
        due = int((payroll * BASE_RATES[risk_class]).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        periods.append({
            "start": f"{calendar}-01-01", "end": f"{calendar}-12-31", "payroll": payroll,
            "contributions_due": due, "contributions_paid": due, "months_insured": 12,
        })
        if losses > 0:
            claims.append({
                "id": f"{number}-{calendar}", "date": f"{calendar}-06-30", "cause": "work_accident",
                "outcome": "disability_7", "count": 0, "paid_on": f"{calendar}-06-30",
                "benefits_paid": losses, "reserve": 0,
            })
    employer = {
        "id": f"NCCI-CL-{number:03}", "name": f"NCCI occupation class {number}",
        "risk_class": risk_class, "insured_since": "2010-01-01",
    }
    return {"employer": employer, "periods": periods, "claims": claims, "facts": {}}


def check(records, out):
    """Prints counts; whether they are those of the published file."""
    periods = [period for r in records for period in r["periods"]]
    windows = [
        [period["contributions_paid"] for period in r["periods"][first:first + WINDOW_YEARS]]
        for r in records for first in range(YEARS - WINDOW_YEARS + 1)
    ]
    counts = [
        ("employers", len(records)),
        ("periods", len(periods)),
        ("periods with payroll 0", sum(period["payroll"] == 0 for period in periods)),
        ("claims", sum(len(r["claims"]) for r in records)),
        (f"windows of {WINDOW_YEARS} years", len(windows)),
        ("windows without contributions (review)", sum(not any(window) for window in windows)),
    ]
    for name, count in counts:
        print(f"{count:6} {name}", file=out)
    return len(records) == EXPECTED_EMPLOYERS and len(periods) == EXPECTED_EMPLOYERS * YEARS


def write(lines, output):
    """To standard output, or to a file that appears when it is complete."""
    if output is None:
        sys.stdout.writelines(lines)
        sys.stdout.flush()
        return
    output = Path(output)
    handle, partial = tempfile.mkstemp(prefix=f".{output.name}.", suffix=".partial", dir=output.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(lines)
        os.chmod(partial, 0o644)
        os.replace(partial, output)
    except BaseException:
        os.unlink(partial)
        raise


def main():
    """Returns the exit status."""
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    parser = argparse.ArgumentParser(
        description=HELP, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", metavar="FILE", default=HERE / "workers-comp-classes.csv",
                        help="the CSV with CL,YR,PR,LOSS (default: the one beside this script)")
    parser.add_argument("--classes", metavar="FILE", help="CSV with CL,risk_class; others stay in class 4")
    parser.add_argument("--output", metavar="FILE", help="file to write (default: standard output)")
    parser.add_argument("--check", action="store_true",
                        help="print counts instead of records, and fail unless they are the published file's")
    options = parser.parse_args()
    try:
        experience = read_experience(options.input)
        classes = read_classes(options.classes) if options.classes else {}
        unknown = sorted(set(classes) - set(experience))
        if unknown:
            raise BadInput(f"{options.classes}: no CL {unknown[0]} in {options.input}")
    except BadInput as error:
        print(f"to-records.py: {error}", file=sys.stderr)
        return 2
    records = [
        record(number, years, classes.get(number, DEFAULT_CLASS))
        for number, years in sorted(experience.items())
    ]
    if options.check:
        return 0 if check(records, sys.stdout) else 1
    try:
        write((json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in records), options.output)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"to-records.py: cannot write {options.output or 'standard output'}: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
