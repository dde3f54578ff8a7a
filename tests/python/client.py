#!/usr/bin/env python3
"""A client of floatrate that knows nothing of it beforehand.

It asks the server for its descriptors (gRPC server reflection), builds the message classes from them, and calls all
three rating methods. Needs grpcio and protobuf, no generated code:

    python3 client.py --target 127.0.0.1:50051 --records records.jsonl --results results.jsonl

`results.jsonl` is what `floatrate rate` made of `records.jsonl`; every result_digest must be the same, in the same
order. Ends with status 0 where everything agrees, with 1 and the first difference where something does not.

    python3 client.py --target 127.0.0.1:50051 --rate "$(cat request.json)"

sends one request of RateEmployer instead, and prints the answer.
"""

import argparse
import json
import sys

import grpc
from google.protobuf import json_format

from reflect import Difference, Reflection, Service, checked, connect, connection_arguments, expect
from reflect import health_messages, refusal, status_messages

RATING = "floatrate.v1.RatingService"
PLANS = "floatrate.v1.PlanService"
# What reflection may list: the services of the contract and those of the protocol itself. Nothing else.
REQUIRED = {RATING, PLANS} | {f"floatrate.v1.{name}Service" for name in ("Employer", "Determination", "Collection", "Cycle")}
PUBLIC = REQUIRED | {
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
}
BATCH = 1000


def as_message(record):
    """A line of the JSON format as the JSON of its message: only facts are written differently there."""

    def value(given):
        if isinstance(given, bool):
            return {"boolean": given}
        if isinstance(given, list):
            return {"spans": {"spans": [{**{k: v for k, v in s.items() if k != "value"}, **value(s["value"])} for s in given]}}
        return {"decimal": given if isinstance(given, str) else str(given)}

    message = dict(record)
    if "facts" in record:
        message["facts"] = {name: value(given) for name, given in record["facts"].items()}
    return message


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def same(where, index, outcome, expected):
    """Whether an item's outcome is the result that the command line gave."""
    set_field = outcome.WhichOneof("outcome")
    expect(set_field == "result", f"{where}: employer {index}: no result but {set_field}: {outcome}")
    same_result(where, index, outcome.result, expected)


def same_result(where, index, result, expected):
    for field in ("employer_id", "result_digest"):
        got, wanted = getattr(result, field), expected[field]
        expect(got == wanted, f"{where}: employer {index}: {field} is {got}, the command line's is {wanted}")


def check_reflection(channel, timeout):
    for version in ("v1", "v1alpha"):
        listed = Reflection(channel, version, timeout).services()
        expect(listed <= PUBLIC, f"reflection {version} lists what is not public: {sorted(listed - PUBLIC)}")
        expect(REQUIRED <= listed, f"reflection {version} does not list {sorted(REQUIRED - listed)}")
        print(f"reflection {version}: {', '.join(sorted(listed))}")


def check_health(channel, timeout):
    messages = health_messages()
    call = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=messages["HealthCheckRequest"].SerializeToString,
        response_deserializer=messages["HealthCheckResponse"].FromString,
    )
    for service in ["", *sorted(REQUIRED)]:
        status = call(messages["HealthCheckRequest"](service=service), timeout=timeout).status
        expect(status == 1, f"health of {service or 'the server'} is {status}, not 1 (SERVING)")
    print("health: serving")


def check_refusal(service, request, timeout):
    """One record with two mistakes: both are named, by their paths in the request."""
    request.record.employer.insured_since = "2023-02-30"
    request.record.periods[0].payroll = -1
    wanted = ["record.employer.insured_since", "record.periods[0].payroll"]
    try:
        service.RateEmployer(request, timeout=timeout)
        raise Difference("a record with two mistakes was rated")
    except grpc.RpcError as why:
        expect(why.code() == grpc.StatusCode.INVALID_ARGUMENT, f"a bad record gives {why.code()}: {why.details()}")
        domain, reason, details = refusal(why)
    expect(details, "a refusal without details")
    for name in ("google.rpc.BadRequest", "google.rpc.ErrorInfo", "google.rpc.LocalizedMessage"):
        expect(name in details, f"a refusal without {name}; there are {sorted(details)}")
    bad = status_messages()["BadRequest"].FromString(details["google.rpc.BadRequest"])
    paths = sorted(violation.field for violation in bad.field_violations)
    expect(paths == wanted, f"the violations are at {paths}, not at {wanted}")
    expect((domain, reason) == ("floatrate", "INVALID_RECORD"), f"ErrorInfo is {domain} {reason}")
    print(f"refusal: {reason} at {', '.join(paths)}")


def check(arguments):
    records, results = lines(arguments.records), lines(arguments.results)
    expect(records, f"{arguments.records} is empty")
    expect(len(records) == len(results), f"{len(records)} records, but {len(results)} results")
    timeout = arguments.timeout
    with connect(arguments) as channel:
        check_reflection(channel, timeout)
        check_health(channel, timeout)
        service = Service(channel, Reflection(channel, "v1", timeout).pool([RATING]), RATING)
        requests = service.requests
        plan, date = results[0]["plan"], results[0]["rating_date"]
        messages = [as_message(record) for record in records]

        request = requests["RateEmployer"](plan=plan, rating_date=date)
        json_format.ParseDict(messages[0], request.record)
        answer, call = service.RateEmployer.with_call(request, timeout=timeout, metadata=[("x-request-id", "python-1")])
        same_result("RateEmployer", 0, answer.result, results[0])
        given = dict(call.initial_metadata()).get("x-request-id") or dict(call.trailing_metadata()).get("x-request-id")
        expect(given == "python-1", f"the request id comes back as {given}")
        print("RateEmployer: 1 result agrees")

        request = requests["BatchRateEmployers"](plan=plan, rating_date=date)
        for message in messages[:BATCH]:
            json_format.ParseDict(message, request.records.add())
        items = service.BatchRateEmployers(request, timeout=timeout).items
        expect(len(items) == len(request.records), f"BatchRateEmployers: {len(items)} items for {len(request.records)} records")
        for index, (item, expected) in enumerate(zip(items, results)):
            same("BatchRateEmployers", index, item, expected)
        print(f"BatchRateEmployers: {len(items)} results agree")

        def stream():
            yield requests["StreamRateEmployers"](header={"plan": plan, "rating_date": date})
            for number, message in enumerate(messages, 1):
                yield json_format.ParseDict({"item": {"number": number, "record": message}}, requests["StreamRateEmployers"]())

        count = 0
        for answer in service.StreamRateEmployers(stream(), timeout=timeout):
            expect(count < len(results), f"StreamRateEmployers: more than {len(results)} answers")
            expect(answer.number == count + 1, f"StreamRateEmployers: number {answer.number} in place {count + 1}")
            same("StreamRateEmployers", count, answer, results[count])
            count += 1
        expect(count == len(results), f"StreamRateEmployers: {count} answers for {len(results)} records")
        print(f"StreamRateEmployers: {count} results agree, in order")

        request = requests["RateEmployer"](plan=plan, rating_date=date)
        json_format.ParseDict(messages[0], request.record)
        check_refusal(service, request, timeout)


def rate(arguments):
    """Sends one request, given as JSON, and prints the answer as JSON with the names of the proto files."""
    with connect(arguments) as channel:
        service = Service(channel, Reflection(channel, "v1", arguments.timeout).pool([RATING]), RATING)
        request = json_format.Parse(arguments.rate, service.requests["RateEmployer"]())
        answer = service.RateEmployer(request, timeout=arguments.timeout)
        print(json_format.MessageToJson(answer, preserving_proto_field_name=True, ensure_ascii=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    connection_arguments(parser)
    parser.add_argument("--rate", metavar="JSON", help="send this RateEmployerRequest, print the answer, and check nothing")
    parser.add_argument("--records", help="records, JSON Lines")
    parser.add_argument("--results", help="the command line's results of these records, JSON Lines")
    arguments = checked(parser)
    if not arguments.rate and not (arguments.records and arguments.results):
        parser.error("give --rate, or --records and --results")
    try:
        if arguments.rate:
            rate(arguments)
        else:
            check(arguments)
    except Difference as why:
        print(f"difference: {why}", file=sys.stderr)
        return 1
    except grpc.RpcError as why:
        print(f"call failed: {why.code()}: {why.details()}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
