"""A reverse proxy that verifies access tokens (RFC 9068, 4) as Authlib does for resource servers, and forwards the rest of a request.

    python proxy.py PORT ISSUER AUDIENCE UPSTREAM

A token needs the scope `mcp:read`. The keys of the issuer are those that its metadata name.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from authlib.oauth2 import OAuth2Error, ResourceProtector
from authlib.oauth2.rfc6750 import InsufficientScopeError
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator

SCOPE = "mcp:read"

port, issuer, audience, upstream = sys.argv[1:]


def document(url):
    with urlopen(url) as response:
        return json.load(response)


class Validator(JWTBearerTokenValidator):
    def get_jwks(self):
        return document(document(f"{self.issuer}/.well-known/openid-configuration")["jwks_uri"])


protector = ResourceProtector()
protector.register_token_validator(Validator(issuer=issuer, resource_server=audience))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        try:
            protector.validate_request([SCOPE], self)
        except InsufficientScopeError as error:
            challenge = f'Bearer error="{error.error}", scope="{SCOPE}"'
            return self.answer(error.status_code, [("WWW-Authenticate", challenge)], b"")
        except OAuth2Error as error:
            return self.answer(error.status_code, [("WWW-Authenticate", f'Bearer error="{error.error}"')], b"")
        request = Request(upstream + self.path, headers={"Accept": self.headers.get("Accept", "*/*")})
        try:
            response = urlopen(request)
        except HTTPError as error:
            response = error
        with response:
            self.answer(response.status, [("Content-Type", response.headers.get("Content-Type", ""))], response.read())

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
