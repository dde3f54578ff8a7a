#!/usr/bin/env python3
"""Lists floatrate's rate cycles, and says of each that was rated what it does.

    python3 cycles.py --target 127.0.0.1:50051

One line a cycle; below a rated one its money before and after, and what is still open. Amounts come in the minor unit as
text, since the sum over a province may have more digits than a program's number; Python's int takes them all. Needs
grpcio and protobuf, no generated code.
"""

import argparse
import sys

import grpc

from reflect import Reflection, Service, checked, connect, connection_arguments, refusal

CYCLES = "floatrate.v1.CycleService"
METADATA = [("x-floatrate-name", "python"), ("x-floatrate-role", "auditor")]


def pages(service, timeout):
    """Every cycle that the caller may see, page by page."""
    token = ""
    while True:
        request = service.requests["ListCycles"](page_size=1, page_token=token)
        page = service.ListCycles(request, timeout=timeout, metadata=METADATA)
        yield from page.cycles
        token = page.next_page_token
        if not token:
            return


def name(message, field):
    """The name of an enumeration's value."""
    values = message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number
    return values[getattr(message, field)].name.removeprefix("CYCLE_STATE_").lower()


def show(service, cycle, timeout):
    print(f"{cycle.id} {cycle.region} {cycle.plan} {cycle.rating_date} {name(cycle, 'state')}")
    if not cycle.HasField("rated"):
        return
    request = service.requests["GetCycleReport"](id=cycle.id)
    report = service.GetCycleReport(request, timeout=timeout, metadata=METADATA).report
    money = report.totals.sum
    change = int(money.contribution) - int(money.contribution_before)
    print(f"  {money.employers} employers, contributions {money.contribution} ({change:+d})")
    print(f"  up {report.totals.up}, down {report.totals.down}, unchanged {report.totals.unchanged}")
    for state, count in sorted(report.items.items()):
        print(f"  {state} {count}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    connection_arguments(parser)
    arguments = checked(parser)
    try:
        with connect(arguments) as channel:
            service = Service(channel, Reflection(channel, "v1", arguments.timeout).pool([CYCLES]), CYCLES)
            for cycle in pages(service, arguments.timeout):
                show(service, cycle, arguments.timeout)
    except grpc.RpcError as why:
        _, reason, _ = refusal(why)
        print(f"call failed: {why.code()}: {reason or why.details()}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
