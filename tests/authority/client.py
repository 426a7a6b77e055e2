"""Authenticates a client by its assertion (RFC 7523, 3), as Authlib does for its authorization servers.

It reads the assertion, the client's key, and the audiences of the server, and writes the client's id or the error.
"""

import json
import sys
from types import SimpleNamespace

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion

with open(sys.argv[1]) as file:
    given = json.load(file)


class Server(JWTBearerClientAssertion):
    def get_audiences(self):
        return given["audiences"]

    def validate_jti(self, claims, jti):
        return len(jti) >= 16

    def resolve_client_public_key(self, client):
        return given["key"]


client = SimpleNamespace(id=given["client_id"], check_endpoint_auth_method=lambda method, endpoint: True)
request = SimpleNamespace(
    form={
        "client_assertion_type": JWTBearerClientAssertion.CLIENT_ASSERTION_TYPE,
        "client_assertion": given["assertion"],
    }
)
try:
    found = Server()(lambda name: client if name == client.id else None, request)
    print(json.dumps({"client": found and found.id}))
except InvalidClientError as error:
    print(json.dumps({"error": error.description}))
