#!/usr/bin/env python3
"""A collection system that follows floatrate's feed of published rates.

    python3 feed.py --target 127.0.0.1:50051 --consumer tax-210100 --out changes.jsonl

Every change is carried out once and in order, here by a line in a file, whatever happens to the connection, to the
server or to this program: it goes on from what it has carried out, and what is sent twice it knows by its position.
After each message it acknowledges what it has carried out, and refuses with a reason what it cannot carry out. Needs
grpcio and protobuf, no generated code. With --until N it ends when position N is acknowledged.
"""

import argparse
import json
import os
import random
import sys
import threading
import time

import grpc
from google.protobuf import json_format

from reflect import Reflection, Service, checked, connect, connection_arguments, refusal

COLLECTION = "floatrate.v1.CollectionService"
# A message comes at least every 15 s. Three times that without one: nobody is there any more.
SILENCE_SECONDS = 45
# How long to wait after a failed try: doubled each time, and never the same for all clients.
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.2, 10
CHANNEL = [
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 1000 * LONGEST_WAIT_SECONDS),
    ("grpc.keepalive_time_ms", 30_000),
]
# What passes. UNKNOWN and CANCELLED come from the library or the watchdog; floatrate sends them to nobody who waits.
PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.CANCELLED,
}


class Books:
    """What this system has carried out. A real one keeps the position in the same transaction as the rates."""

    def __init__(self, path):
        self.position = 0
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                for line in file:
                    self.position = json.loads(line)["position"]
        self.file = open(path, "a", encoding="utf-8")

    def carry_out(self, change):
        """Carries a change out; the reason where that cannot be done, for an officer to read."""
        if not change.employer_id:
            return "no employer is named"
        print(json_format.MessageToJson(change, preserving_proto_field_name=True, indent=None), file=self.file, flush=True)
        return ""


class Silence:
    """Ends a watch on which nothing comes any more: a connection may die without a word."""

    def __init__(self, watch):
        self.watch, self.timer = watch, None
        self.heard()

    def heard(self):
        self.stop()
        self.timer = threading.Timer(SILENCE_SECONDS, self.watch.cancel)
        self.timer.daemon = True
        self.timer.start()

    def stop(self):
        if self.timer:
            self.timer.cancel()


def follow_once(service, consumer, books, until, timeout):
    """Follows the feed until it breaks, or until a position."""
    requests = service.requests
    watch = service.WatchRateChanges(requests["WatchRateChanges"](consumer=consumer, cursor=books.position))
    silence = Silence(watch)
    try:
        for message in watch:
            silence.heard()
            refused = []
            for change in message.changes:
                if change.position <= books.position:
                    continue  # Carried out before.
                reason = books.carry_out(change)
                if reason:
                    refused.append({"position": change.position, "reason": reason})
                books.position = change.position
            # Also past changes of regions that are not ours: they are not sent, and the cursor counts them.
            books.position = max(books.position, message.cursor)
            if message.changes:
                answer = service.AcknowledgeRateChanges(
                    requests["AcknowledgeRateChanges"](consumer=consumer, cursor=books.position, refused=refused),
                    timeout=timeout,
                )
                print(f"acknowledged {answer.cursor}, refused and open {answer.open_refusals}", flush=True)
            if until and books.position >= until:
                watch.cancel()
                return
    finally:
        silence.stop()


def follow(arguments):
    """Follows the feed for good: what passes is tried again, what does not is told."""
    books = Books(arguments.out)
    wait = FIRST_WAIT_SECONDS
    channel = connect(arguments, CHANNEL)
    service = None
    while not (arguments.until and books.position >= arguments.until):
        before = books.position
        try:
            if service is None:
                service = Service(channel, Reflection(channel, "v1", arguments.timeout).pool([COLLECTION]), COLLECTION)
            follow_once(service, arguments.consumer, books, arguments.until, arguments.timeout)
        except grpc.RpcError as why:
            _, reason, _ = refusal(why)
            print(f"broke after {books.position}: {why.code().name} {reason or why.details()}", flush=True)
            if why.code() not in PASSING:
                raise
        if books.position > before:
            wait = FIRST_WAIT_SECONDS
        time.sleep(wait * random.uniform(0.5, 1))
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)
    channel.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    connection_arguments(parser)
    parser.add_argument("--consumer", required=True, help="name under which the service keeps this client's cursor")
    parser.add_argument("--out", required=True, help="file of the changes, JSON Lines")
    parser.add_argument("--until", type=int, default=0, metavar="N", help="end when position N is acknowledged")
    arguments = checked(parser)
    try:
        follow(arguments)
    except grpc.RpcError as why:
        print(f"call failed: {why.code()}: {why.details()}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
