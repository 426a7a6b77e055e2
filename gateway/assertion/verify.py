"""Verifies an assertion of the gateway of mcp-edge: who calls, and what for.

    pip install joserfc
    python verify.py request.json

The input is that of vector.json. What is written is the claims, or the reason for which the request must be refused.
"""

import hashlib
import hmac
import json
import sys
import time
import urllib.request
from base64 import urlsafe_b64encode
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

TYPE = "mcp-edge-request+jwt"
ALGORITHMS = ["ES256", "EdDSA", "RS256", "PS256"]
LONGEST = 60
LEEWAY = 5

# The assertions that were used. A service with several processes has them in a store that all share, for LONGEST + LEEWAY
# seconds each.
used = {}


class Refused(Exception):
    pass


def verify(assertion, request, keys, issuer, audience, now=None):
    """Gives the claims of an assertion. `request` has the method, the URL as clients send it, and the bytes of the body."""
    now = int(time.time()) if now is None else now
    try:
        token = jwt.decode(assertion, keys, algorithms=ALGORITHMS)
    except (JoseError, ValueError) as error:
        raise Refused(f"the signature is not good: {error}") from None
    if token.header.get("typ") != TYPE:
        raise Refused(f"typ must be {TYPE}")
    claims = token.claims
    expected = {
        "iss": issuer,
        "aud": audience,
        "htm": request["method"],
        "htu": request["url"].split("#")[0].split("?")[0],
        "query_s256": digest(urlsplit(request["url"]).query.encode()),
        "body_s256": digest(request["body"]),
    }
    for claim, value in expected.items():
        if not hmac.compare_digest(str(claims.get(claim)), value):
            raise Refused(f"{claim} must be {value}")
    begin, end = claims.get("iat"), claims.get("exp")
    if not isinstance(begin, int) or not isinstance(end, int) or not begin < end <= begin + LONGEST:
        raise Refused(f"exp must be at most {LONGEST} s after iat")
    if not begin - LEEWAY <= now < end + LEEWAY:
        raise Refused("exp has passed, or iat is in the future")
    once(claims.get("jti"), now, end)
    return claims


def once(jti, now, end):
    for known in [known for known, until in used.items() if until < now]:
        del used[known]
    if not isinstance(jti, str) or jti in used:
        raise Refused("jti was used before")
    used[jti] = end + LEEWAY


def digest(data):
    return urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def main():
    with open(sys.argv[1]) as file:
        given = json.load(file)
    keys = given.get("keys") or json.load(urllib.request.urlopen(given["keys_url"], timeout=10))
    request = {**given["request"], "body": given["request"]["body"].encode()}
    try:
        claims = verify(
            given["assertion"],
            request,
            KeySet.import_key_set(keys),
            given["issuer"],
            given["audience"],
            given.get("now"),
        )
        print(json.dumps({"claims": claims}))
    except Refused as refused:
        print(json.dumps({"error": str(refused)}))


if __name__ == "__main__":
    main()
