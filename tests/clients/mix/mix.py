"""Clients of HTTP in Python: python mix.py LIBRARY URL COUNT

Sends COUNT requests of requests.json, good ones and ones that are refused before their body is read, several at once, on
connections that are kept and on new ones. Ends with 1 when a request has lost its answer.
"""

import asyncio
import itertools
import json
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

AT_ONCE = 8
TIMEOUT_SECONDS = 120
# Every so many requests a connection is made for one of them.
FRESH = 5

MIX = json.loads((Path(__file__).parent / "requests.json").read_text())


class Request:
    def __init__(self, number, url, kind, size):
        message = json.loads(json.dumps(MIX["message"]))
        message["params"]["arguments"]["words"] = "x" * size
        self.status = kind["status"]
        self.words = size
        self.method = kind.get("method", "POST")
        self.url = urljoin(url, kind.get("path", url))
        self.headers = MIX["headers"] | kind["headers"]
        self.body = json.dumps(message).encode()
        self.is_fresh = number % FRESH == 0
        self.name = f"request {number}, {size} bytes, to be answered with {self.status}"

    def check(self, status, body):
        """What is wrong with an answer, if anything."""
        if status != self.status:
            return f"{status}: {body[:200]!r}"
        answer = json.loads(body)
        if status == 200:
            words = answer["result"]["structuredContent"]["words"]
            return None if len(words) == self.words else f"{len(words)} words"
        return None if answer["error"]["message"] else "no message"


def requests_of(url, count):
    """Small and large bodies of each kind, one kind after the other."""
    turns = itertools.count()
    number = 0
    while True:
        turn = next(turns)
        for kind in MIX["kinds"]:
            if number == count:
                return
            yield Request(number, url, kind, kind["sizes"][turn % len(kind["sizes"])])
            number += 1


class Lost:
    def __init__(self):
        self.answered = 0
        self.lost = 0
        self.lock = threading.Lock()

    def record(self, request, problem):
        with self.lock:
            if problem is None:
                self.answered += 1
            else:
                self.lost += 1
                print(f"{request.name}: {problem}")


async def at_once(requests, send):
    lost = Lost()

    async def work():
        for request in requests:
            try:
                problem = request.check(*await send(request))
            except Exception as error:
                problem = repr(error)
            lost.record(request, problem)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return lost


async def with_aiohttp(requests):
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as kept:

        async def on(session, request):
            call = session.request(request.method, request.url, headers=request.headers, data=request.body)
            async with call as response:
                return response.status, await response.read()

        async def send(request):
            if not request.is_fresh:
                return await on(kept, request)
            async with aiohttp.ClientSession(timeout=timeout) as session:
                return await on(session, request)

        return await at_once(requests, send)


async def with_httpx(requests):
    import httpx

    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as kept:

        async def on(client, request):
            response = await client.request(request.method, request.url, headers=request.headers, content=request.body)
            return response.status_code, response.content

        async def send(request):
            if not request.is_fresh:
                return await on(kept, request)
            async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
                return await on(client, request)

        return await at_once(requests, send)


def in_threads(requests, sender):
    """`sender` makes, for each thread, what sends its requests."""
    lost = Lost()
    lock = threading.Lock()

    def work():
        send = sender()
        while True:
            with lock:
                request = next(requests, None)
            if request is None:
                return
            try:
                problem = request.check(*send(request))
            except Exception as error:
                problem = repr(error)
            lost.record(request, problem)

    threads = [threading.Thread(target=work) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return lost


def with_requests(wanted):
    import requests

    def on(session, request):
        response = session.request(
            request.method, request.url, headers=request.headers, data=request.body, timeout=TIMEOUT_SECONDS
        )
        return response.status_code, response.content

    def sender():
        kept = requests.Session()

        def send(request):
            if not request.is_fresh:
                return on(kept, request)
            with requests.Session() as session:
                return on(session, request)

        return send

    return in_threads(wanted, sender)


def with_urllib(requests):
    """It keeps no connection."""

    def send(request):
        call = urllib.request.Request(request.url, request.body, request.headers, method=request.method)
        try:
            with urllib.request.urlopen(call, timeout=TIMEOUT_SECONDS) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read()

    return in_threads(requests, lambda: send)


def main(library, url, count):
    requests = requests_of(url, int(count))
    lost = {
        "aiohttp": lambda: asyncio.run(with_aiohttp(requests)),
        "httpx": lambda: asyncio.run(with_httpx(requests)),
        "requests": lambda: with_requests(requests),
        "urllib": lambda: with_urllib(requests),
    }[library]()
    print(f"{library}: {lost.answered} answered, {lost.lost} lost")
    if lost.lost or lost.answered != int(count):
        sys.exit(1)


main(*sys.argv[1:])
