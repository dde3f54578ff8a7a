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
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf import any_pb2, duration_pb2, empty_pb2, struct_pb2, timestamp_pb2, wrappers_pb2

RATING = "floatrate.v1.RatingService"
PLANS = "floatrate.v1.PlanService"
# What reflection may list: the services of the contract and those of the protocol itself. Nothing else.
REQUIRED = {RATING, PLANS}
PUBLIC = REQUIRED | {
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
}
BATCH = 1000
MESSAGE_BYTES = 16 << 20
WELL_KNOWN = {
    module.DESCRIPTOR.name: module.DESCRIPTOR
    for module in (any_pb2, duration_pb2, empty_pb2, struct_pb2, timestamp_pb2, wrappers_pb2)
}


class Difference(Exception):
    """Something is not as it must be."""


def expect(condition, message):
    if not condition:
        raise Difference(message)


def message_class(descriptor):
    """The class of a message; the function has another name before protobuf 4.22."""
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(descriptor.file.pool).GetPrototype(descriptor)


# Descriptors by hand: only what a program must know before it can ask.

_TYPES = {
    "string": descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
    "bytes": descriptor_pb2.FieldDescriptorProto.TYPE_BYTES,
    "int32": descriptor_pb2.FieldDescriptorProto.TYPE_INT32,
}


def handmade(package, messages, dependencies=()):
    """A pool with one file: {message: [(number, field, type, repeated)]}; other types are messages."""
    name = package.replace(".", "/") + "/handmade.proto"
    file = descriptor_pb2.FileDescriptorProto(name=name, package=package, syntax="proto3")
    pool = descriptor_pool.DescriptorPool()
    for dependency in dependencies:
        pool.AddSerializedFile(dependency.serialized_pb)
        file.dependency.append(dependency.name)
    for message, fields in messages.items():
        made = file.message_type.add(name=message)
        for number, field, kind, repeated in fields:
            proto = descriptor_pb2.FieldDescriptorProto
            label = proto.LABEL_REPEATED if repeated else proto.LABEL_OPTIONAL
            one = made.field.add(name=field, number=number, label=label)
            if kind in _TYPES:
                one.type = _TYPES[kind]
            else:
                one.type, one.type_name = proto.TYPE_MESSAGE, kind
    pool.AddSerializedFile(file.SerializeToString())
    return {m: message_class(pool.FindMessageTypeByName(f"{package}.{m}")) for m in messages}


def reflection_messages(version):
    package = f"grpc.reflection.{version}"
    return handmade(
        package,
        {
            "ServerReflectionRequest": [
                (3, "file_by_filename", "string", False),
                (4, "file_containing_symbol", "string", False),
                (7, "list_services", "string", False),
            ],
            "FileDescriptorResponse": [(1, "file_descriptor_proto", "bytes", True)],
            "ServiceResponse": [(1, "name", "string", False)],
            "ListServiceResponse": [(1, "service", f".{package}.ServiceResponse", True)],
            "ErrorResponse": [(1, "error_code", "int32", False), (2, "error_message", "string", False)],
            "ServerReflectionResponse": [
                (4, "file_descriptor_response", f".{package}.FileDescriptorResponse", False),
                (6, "list_services_response", f".{package}.ListServiceResponse", False),
                (7, "error_response", f".{package}.ErrorResponse", False),
            ],
        },
    )


def health_messages():
    return handmade(
        "grpc.health.v1",
        # An enumeration and an int32 are the same bytes; 1 is SERVING.
        {"HealthCheckRequest": [(1, "service", "string", False)], "HealthCheckResponse": [(1, "status", "int32", False)]},
    )


def status_messages():
    return handmade(
        "google.rpc",
        {
            "Status": [
                (1, "code", "int32", False),
                (2, "message", "string", False),
                (3, "details", ".google.protobuf.Any", True),
            ],
            "FieldViolation": [
                (1, "field", "string", False),
                (2, "description", "string", False),
                (3, "reason", "string", False),
            ],
            "BadRequest": [(1, "field_violations", ".google.rpc.FieldViolation", True)],
            "ErrorInfo": [(1, "reason", "string", False), (2, "domain", "string", False)],
        },
        [any_pb2.DESCRIPTOR],
    )


class Reflection:
    """What the server says about itself."""

    def __init__(self, channel, version, timeout):
        self.messages = reflection_messages(version)
        self.method = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
        self.call = channel.stream_stream(
            self.method,
            request_serializer=self.messages["ServerReflectionRequest"].SerializeToString,
            response_deserializer=self.messages["ServerReflectionResponse"].FromString,
        )
        self.timeout = timeout

    def ask(self, **question):
        request = self.messages["ServerReflectionRequest"](**question)
        answers = list(self.call(iter([request]), timeout=self.timeout))
        expect(len(answers) == 1, f"{self.method}: {len(answers)} answers to one question {question}")
        answer = answers[0]
        expect(
            not answer.HasField("error_response"),
            f"{self.method}: {question}: {answer.error_response.error_message}",
        )
        return answer

    def services(self):
        return {s.name for s in self.ask(list_services="*").list_services_response.service}

    def pool(self, symbols):
        """The files that hold symbols, with all that they need."""
        files = {}
        for symbol in symbols:
            self._take(self.ask(file_containing_symbol=symbol), files)
        pool, added = descriptor_pool.DescriptorPool(), set()

        def add(name):
            if name in added:
                return
            added.add(name)
            if name not in files and name in WELL_KNOWN:
                pool.AddSerializedFile(WELL_KNOWN[name].serialized_pb)
                return
            if name not in files:
                self._take(self.ask(file_by_filename=name), files)
            for dependency in files[name].dependency:
                add(dependency)
            pool.AddSerializedFile(files[name].SerializeToString())

        for name in list(files):
            add(name)
        return pool

    @staticmethod
    def _take(answer, files):
        for data in answer.file_descriptor_response.file_descriptor_proto:
            file = descriptor_pb2.FileDescriptorProto.FromString(data)
            files[file.name] = file


class Service:
    """Calls a service by the names of its methods, as its descriptor says."""

    def __init__(self, channel, pool, name):
        descriptor = pool.FindServiceByName(name)
        shapes = descriptor_pb2.ServiceDescriptorProto()
        descriptor.CopyToProto(shapes)
        self.requests = {}
        for method, shape in zip(descriptor.methods, shapes.method):
            request, response = message_class(method.input_type), message_class(method.output_type)
            kind = "_".join("stream" if s else "unary" for s in (shape.client_streaming, shape.server_streaming))
            call = getattr(channel, kind)(
                f"/{name}/{method.name}",
                request_serializer=request.SerializeToString,
                response_deserializer=response.FromString,
            )
            self.requests[method.name] = request
            setattr(self, method.name, call)


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
    for service in ("", RATING, PLANS):
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
        trailers = {key: value for key, value in why.trailing_metadata() or ()}
    expect("grpc-status-details-bin" in trailers, f"a refusal without details; there are {sorted(trailers)}")
    messages = status_messages()
    status = messages["Status"].FromString(trailers["grpc-status-details-bin"])
    expect(status.code == grpc.StatusCode.INVALID_ARGUMENT.value[0], f"the details' code is {status.code}")
    details = {any.type_url.rpartition("/")[2]: any.value for any in status.details}
    for name in ("google.rpc.BadRequest", "google.rpc.ErrorInfo", "google.rpc.LocalizedMessage"):
        expect(name in details, f"a refusal without {name}; there are {sorted(details)}")
    paths = sorted(v.field for v in messages["BadRequest"].FromString(details["google.rpc.BadRequest"]).field_violations)
    expect(paths == wanted, f"the violations are at {paths}, not at {wanted}")
    info = messages["ErrorInfo"].FromString(details["google.rpc.ErrorInfo"])
    expect((info.domain, info.reason) == ("floatrate", "INVALID_RECORD"), f"ErrorInfo is {info.domain} {info.reason}")
    print(f"refusal: {info.reason} at {', '.join(paths)}")


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


def connect(arguments):
    options = [("grpc.max_receive_message_length", MESSAGE_BYTES), ("grpc.max_send_message_length", MESSAGE_BYTES)]
    # Proxies of the environment are for the internet.
    options.append(("grpc.enable_http_proxy", 0))
    if arguments.service_config:
        # Where the library cannot read it, every call of the channel fails.
        with open(arguments.service_config, encoding="utf-8") as file:
            options.append(("grpc.service_config", file.read()))
    if not arguments.tls_ca:
        return grpc.insecure_channel(arguments.target, options)
    files = [arguments.tls_ca, arguments.tls_key, arguments.tls_certificate]
    parts = []
    for path in files:
        with open(path, "rb") as file:
            parts.append(file.read())
    if arguments.tls_name:
        options.append(("grpc.ssl_target_name_override", arguments.tls_name))
    return grpc.secure_channel(arguments.target, grpc.ssl_channel_credentials(*parts), options)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", required=True, help="host:port of gRPC")
    parser.add_argument("--rate", metavar="JSON", help="send this RateEmployerRequest, print the answer, and check nothing")
    parser.add_argument("--records", help="records, JSON Lines")
    parser.add_argument("--results", help="the command line's results of these records, JSON Lines")
    parser.add_argument("--service-config", metavar="FILE", help="a gRPC service config, such as the retry policy of docs/integration.md")
    parser.add_argument("--timeout", type=float, default=300, help="deadline of each call, in seconds")
    parser.add_argument("--tls-ca", help="authority of the server's certificate, PEM; without it, no TLS")
    parser.add_argument("--tls-certificate", help="the client's certificate chain, PEM")
    parser.add_argument("--tls-key", help="its private key, PEM")
    parser.add_argument("--tls-name", help="name in the server's certificate, where it is not the target's")
    arguments = parser.parse_args()
    tls = [arguments.tls_ca, arguments.tls_certificate, arguments.tls_key]
    if any(tls) and not all(tls):
        parser.error("--tls-ca, --tls-certificate and --tls-key are given together or not at all")
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
