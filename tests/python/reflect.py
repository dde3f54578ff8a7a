"""Talking to floatrate without generated code: message classes from the server's own descriptors (gRPC server
reflection), and what every client needs: a channel, deadlines, the details of a refusal. Needs grpcio and protobuf.
"""

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf import any_pb2, duration_pb2, empty_pb2, struct_pb2, timestamp_pb2, wrappers_pb2

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


def refusal(why):
    """Domain, reason and details, by their names, of a call that the service refused; the reason is empty where the
    library failed the call by itself."""
    trailers = {key: value for key, value in why.trailing_metadata() or ()}
    if "grpc-status-details-bin" not in trailers:
        return "", "", {}
    messages = status_messages()
    status = messages["Status"].FromString(trailers["grpc-status-details-bin"])
    expect(status.code == why.code().value[0], f"the details' code is {status.code}, the call's {why.code()}")
    details = {any.type_url.rpartition("/")[2]: any.value for any in status.details}
    info = messages["ErrorInfo"].FromString(details.get("google.rpc.ErrorInfo", b""))
    return info.domain, info.reason, details


def connection_arguments(parser):
    """The arguments that `connect` reads."""
    parser.add_argument("--target", required=True, help="host:port of gRPC")
    parser.add_argument("--service-config", metavar="FILE", help="a gRPC service config, such as the retry policy of docs/integration.md")
    parser.add_argument("--timeout", type=float, default=300, help="deadline of each call, in seconds")
    parser.add_argument("--tls-ca", help="authority of the server's certificate, PEM; without it, no TLS")
    parser.add_argument("--tls-certificate", help="the client's certificate chain, PEM")
    parser.add_argument("--tls-key", help="its private key, PEM")
    parser.add_argument("--tls-name", help="name in the server's certificate, where it is not the target's")


def checked(parser):
    """The parsed arguments."""
    arguments = parser.parse_args()
    tls = [arguments.tls_ca, arguments.tls_certificate, arguments.tls_key]
    if any(tls) and not all(tls):
        parser.error("--tls-ca, --tls-certificate and --tls-key are given together or not at all")
    return arguments


def connect(arguments, more=()):
    """A channel to the target; `more` are options of the library."""
    options = [("grpc.max_receive_message_length", MESSAGE_BYTES), ("grpc.max_send_message_length", MESSAGE_BYTES)]
    # Proxies of the environment are for the internet.
    options.append(("grpc.enable_http_proxy", 0))
    options.extend(more)
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
