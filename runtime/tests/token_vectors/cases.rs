//! The cases of the file.

use serde_json::json;

use super::craft::{Secret, claims, decode, encode, header, seal, sign, sign_encoded, token};
use super::file::{Changes, Epoch, Expect, Mint, Open, Purpose, Rule, Vectors};
use super::fixtures::{
    FOREIGN, LIFETIME, NEXT, NOW, OLD, SIGN, anonymous_session, cursor, key, principals, requests,
    session, state,
};

pub fn all() -> Vectors {
    let keys = [&NEXT, &SIGN, &OLD];
    let mut vectors = Vectors {
        format: 1,
        audience: "https://mcp.example.com/mcp".to_owned(),
        keyring: keys.map(Secret::entry).join(" "),
        keys: keys.map(key).into(),
        principals: principals(),
        requests: requests(),
        mint: Vec::new(),
        open: Vec::new(),
        changes: Vec::new(),
    };
    vectors.mint = [session(), anonymous_session(), cursor(), state()]
        .map(|case| Mint {
            token: token(&vectors, &case, &SIGN),
            ..case
        })
        .into();
    vectors.open = [
        good(&vectors),
        times(&vectors),
        bindings(&vectors),
        keyrings(&vectors),
        epochs(&vectors),
    ]
    .into_iter()
    .chain([
        encodings(&vectors),
        headers(&vectors),
        signatures(&vectors),
        contents(&vectors),
    ])
    .flatten()
    .collect();
    vectors.changes = [Rule::TextBits, Rule::SegmentBits, Rule::Prefixes]
        .into_iter()
        .flat_map(|rule| {
            ["session", "request state"].map(|of| Changes {
                of: of.to_owned(),
                rule,
            })
        })
        .collect();
    vectors
}

/// A case that opens what was minted, as it was minted.
fn opens(name: &str, mint: &Mint, token: String) -> Open {
    Open {
        name: name.to_owned(),
        purpose: mint.purpose,
        principal: mint.principal.clone(),
        request: mint.request.clone(),
        now: NOW,
        keyring: None,
        epochs: Vec::new(),
        token,
        expect: Expect::Opened {
            content: serde_json::from_str(&mint.content).unwrap(),
            id: mint.random.clone(),
            issued: mint.now,
            expires: mint.now + mint.lifetime,
        },
    }
}

/// A case that differs from one that opens in its token alone.
fn refused(name: &str, mint: &Mint, token: String, reason: &str) -> Open {
    Open {
        expect: Expect::Refused(reason.to_owned()),
        ..opens(name, mint, token)
    }
}

fn good(v: &Vectors) -> Vec<Open> {
    let mut cases: Vec<Open> = v
        .mint
        .iter()
        .map(|mint| opens(&mint.name, mint, mint.token.clone()))
        .collect();
    let every_rule = Mint {
        request: Some("every rule of the canonical form".to_owned()),
        ..state()
    };
    cases.push(opens(
        "canonical form of params",
        &every_rule,
        token(v, &every_rule, &SIGN),
    ));
    let spaced = header(Purpose::Session, SIGN.id).replace(',', " , ");
    let spaced = sign(&spaced, &claims(v, &session(), &SIGN), &SIGN.mac());
    cases.push(opens("white space in the header", &session(), spaced));
    cases
}

fn times(v: &Vectors) -> Vec<Open> {
    let minted = session();
    let at = |name: &str, now: u64| Open {
        now,
        ..opens(name, &minted, token(v, &minted, &SIGN))
    };
    let refused_at = |name: &str, now: u64, reason: &str| Open {
        expect: Expect::Refused(reason.to_owned()),
        ..at(name, now)
    };
    vec![
        at("in its last second", NOW + LIFETIME - 1),
        refused_at("expired", NOW + LIFETIME, "expired"),
        at("minted by a clock 60 s ahead", NOW - 60),
        refused_at("minted by a clock 61 s ahead", NOW - 61, "not_yet_valid"),
    ]
}

fn bindings(v: &Vectors) -> Vec<Open> {
    let (session, state) = (session(), state());
    let by = |principal: &str| Open {
        principal: principal.to_owned(),
        ..refused(
            &format!("presented by {principal}"),
            &session,
            token(v, &session, &SIGN),
            "wrong_principal",
        )
    };
    let with = |name: &str, request: Option<&str>| Open {
        request: request.map(str::to_owned),
        ..refused(name, &state, token(v, &state, &SIGN), "wrong_request")
    };
    let elsewhere = claims(v, &session, &SIGN).replace("example.com/mcp", "example.com/other");
    let elsewhere = sign(&header(Purpose::Session, SIGN.id), &elsewhere, &SIGN.mac());
    vec![
        by("bob"),
        by("anonymous"),
        by("alice at another issuer"),
        by("alice in another tenant"),
        by("alice in no tenant"),
        by("alice through another client"),
        with("another argument", Some("simulate with another argument")),
        with("another method", Some("a prompt of the same name")),
        with("no request", None),
        Open {
            request: Some("simulate".to_owned()),
            ..refused(
                "bound to no request",
                &session,
                token(v, &session, &SIGN),
                "wrong_request",
            )
        },
        refused("another server", &session, elsewhere, "wrong_server"),
        Open {
            purpose: Purpose::Session,
            ..refused(
                "cursor as session",
                &cursor(),
                token(v, &cursor(), &SIGN),
                "wrong_purpose",
            )
        },
        Open {
            purpose: Purpose::RequestState,
            ..refused(
                "session as request state",
                &session,
                token(v, &session, &SIGN),
                "wrong_purpose",
            )
        },
    ]
}

fn keyrings(v: &Vectors) -> Vec<Open> {
    let minted = session();
    let without_old = [&NEXT, &SIGN].map(Secret::entry).join(" ");
    let old = token(v, &minted, &OLD);
    vec![
        opens(
            "signed with the next key",
            &minted,
            token(v, &minted, &NEXT),
        ),
        opens("signed with the old key", &minted, old.clone()),
        Open {
            keyring: Some(without_old),
            ..refused("retired key", &minted, old, "unknown_key")
        },
        refused(
            "unknown key",
            &minted,
            token(v, &minted, &FOREIGN),
            "unknown_key",
        ),
    ]
}

fn epochs(v: &Vectors) -> Vec<Open> {
    let minted = session();
    let all = |before: u64| Epoch {
        tenant: None,
        principal: None,
        before,
    };
    let tenant = |name: &str, before: u64| Epoch {
        tenant: Some(name.to_owned()),
        ..all(before)
    };
    let principal = |name: &str, before: u64| Epoch {
        principal: Some(name.to_owned()),
        ..all(before)
    };
    let opens = |name: &str, epochs: Vec<Epoch>| Open {
        epochs,
        ..opens(name, &minted, token(v, &minted, &SIGN))
    };
    let revoked = |name: &str, epoch: Epoch| Open {
        expect: Expect::Refused("revoked".to_owned()),
        ..opens(name, vec![epoch])
    };
    vec![
        opens(
            "minted at the epochs",
            vec![all(NOW), tenant("red", NOW), principal("alice", NOW)],
        ),
        opens(
            "epochs of others",
            vec![tenant("blue", NOW + 1), principal("bob", NOW + 1)],
        ),
        revoked("minted before the epoch of all", all(NOW + 1)),
        revoked("minted before the tenant's epoch", tenant("red", NOW + 1)),
        revoked(
            "minted before the principal's epoch",
            principal("alice", NOW + 1),
        ),
    ]
}

fn encodings(v: &Vectors) -> Vec<Open> {
    let minted = session();
    let good = token(v, &minted, &SIGN);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (head, body) = signed.split_once('.').unwrap();
    // 43 characters spell 258 bits and a signature has 256: the last two must be zero.
    let trailing = format!("{signed}.{}", with_trailing_bit(signature));
    let mut unaligned = claims(v, &minted, &SIGN);
    while unaligned.len().is_multiple_of(3) {
        unaligned.push(' ');
    }
    let spare = format!(
        "{head}.{}",
        with_trailing_bit(&encode(unaligned.as_bytes()))
    );
    let malformed = |name: &str, token: String| refused(name, &minted, token, "malformed");
    let larger = Mint {
        content: json!({"revision": "2025-11-25", "capabilities": {"experimental": {"x": "x".repeat(3000)}}}).to_string(),
        ..session()
    };
    vec![
        malformed("empty", String::new()),
        malformed("no signature", signed.to_owned()),
        malformed("empty signature", format!("{signed}.")),
        malformed("no claims", sign_encoded(&format!("{head}."), &SIGN.mac())),
        malformed("four segments", format!("{good}.{signature}")),
        malformed("last character cut", good[..good.len() - 1].to_owned()),
        malformed("padded signature", format!("{good}=")),
        malformed("padded header", format!("{head}=.{body}.{signature}")),
        malformed("non-zero bits after the signature", trailing),
        malformed("white space before", format!(" {good}")),
        malformed("line end after", format!("{good}\n")),
        malformed(
            "padded claims",
            sign_encoded(&format!("{signed}="), &SIGN.mac()),
        ),
        malformed(
            "non-zero bits after the claims",
            sign_encoded(&spare, &SIGN.mac()),
        ),
        refused(
            "longer than its purpose allows",
            &larger,
            token(v, &larger, &SIGN),
            "too_large",
        ),
    ]
}

/// The same text with the lowest bit of its last character set.
fn with_trailing_bit(text: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = text.split_at(text.len() - 1);
    let position = ALPHABET.find(last).unwrap() | 1;
    format!("{rest}{}", &ALPHABET[position..=position])
}

fn headers(v: &Vectors) -> Vec<Open> {
    let minted = session();
    let claims = claims(v, &minted, &SIGN);
    let good = header(Purpose::Session, SIGN.id);
    let with = |name: &str, header: &str, reason: &str| {
        refused(name, &minted, sign(header, &claims, &SIGN.mac()), reason)
    };
    let unsigned = good.replace("HS256", "none");
    let unsigned = format!(
        "{}.{}.",
        encode(unsigned.as_bytes()),
        encode(claims.as_bytes())
    );
    vec![
        refused("alg none, unsigned", &minted, unsigned, "wrong_algorithm"),
        with(
            "alg none, signed",
            &good.replace("HS256", "none"),
            "wrong_algorithm",
        ),
        with(
            "alg RS256",
            &good.replace("HS256", "RS256"),
            "wrong_algorithm",
        ),
        with(
            "alg in lower case",
            &good.replace("HS256", "hs256"),
            "wrong_algorithm",
        ),
        with(
            "duplicate alg",
            &good.replace("{", r#"{"alg":"none","#),
            "malformed",
        ),
        with(
            "duplicate kid",
            &good.replace("{", r#"{"kid":"k3","#),
            "malformed",
        ),
        with(
            "no alg",
            &good.replace(r#""alg":"HS256","#, ""),
            "malformed",
        ),
        with(
            "no typ",
            &good.replace(r#""typ":"mcp-session+jwt","#, ""),
            "malformed",
        ),
        with("no kid", &good.replace(r#","kid":"k2""#, ""), "malformed"),
        with(
            "kid is a number",
            &good.replace(r#""k2""#, "2"),
            "malformed",
        ),
        with(
            "critical extension",
            &good.replace("{", r#"{"crit":["b64"],"b64":true,"#),
            "malformed",
        ),
        with(
            "embedded key",
            &good.replace("{", r#"{"jwk":{"kty":"oct","k":"AAAA"},"#),
            "malformed",
        ),
        with(
            "escaped character",
            &good.replace("k2", "k\\u0032"),
            "malformed",
        ),
        with(
            "array for an object",
            r#"["HS256","mcp-session+jwt","k2"]"#,
            "malformed",
        ),
        with(
            "text after the object",
            &format!("{good} {good}"),
            "malformed",
        ),
        with("not JSON", "header", "malformed"),
    ]
}

fn signatures(v: &Vectors) -> Vec<Open> {
    let minted = session();
    let (good, other) = (
        token(v, &minted, &SIGN),
        token(v, &anonymous_session(), &SIGN),
    );
    let (signed, _) = good.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    let header = header(Purpose::Session, SIGN.id);
    let with_key = |name: &str, key: &[u8]| {
        refused(
            name,
            &minted,
            sign(&header, &claims(v, &minted, &SIGN), key),
            "bad_signature",
        )
    };
    vec![
        refused(
            "another token's signature",
            &minted,
            format!("{signed}.{signature}"),
            "bad_signature",
        ),
        with_key("another key under this key's name", &FOREIGN.mac()),
        with_key(
            "the secret itself, not the key derived from it",
            &SIGN.bytes(),
        ),
        with_key("the seal's key", &SIGN.seal()),
    ]
}

/// Signed as they should be, and wrong all the same: only a holder of the keyring can make these.
fn contents(v: &Vectors) -> Vec<Open> {
    let (session, state) = (session(), state());
    let signed = |name: &str, mint: &Mint, claims: &str, reason: &str| {
        refused(
            name,
            mint,
            sign(&header(mint.purpose, SIGN.id), claims, &SIGN.mac()),
            reason,
        )
    };
    let good = claims(v, &session, &SIGN);
    let malformed = |name: &str, claims: &str| signed(name, &session, claims, "malformed");
    let sealed = |name: &str, sealed: &str, reason: &str| {
        let visible = Mint {
            purpose: Purpose::Session,
            content: json!(sealed).to_string(),
            ..state.clone()
        };
        signed(name, &state, &claims(v, &visible, &SIGN), reason)
    };
    let nonce = decode(&state.random);
    let under = |header: &str, nonce: &[u8]| seal(&state.content, header, &SIGN, nonce);
    let own = header(Purpose::RequestState, SIGN.id);
    vec![
        malformed(
            "unknown claim",
            &good.replace("{\"aud\"", "{\"nbf\":0,\"aud\""),
        ),
        malformed(
            "duplicate claim",
            &good.replace("{\"aud\"", "{\"exp\":9999999999,\"aud\""),
        ),
        malformed(
            "no expiry",
            &good.replace(&format!("\"exp\":{},", NOW + LIFETIME), ""),
        ),
        malformed(
            "expiry is a string",
            &good.replace(&(NOW + LIFETIME).to_string(), "\"9999999999\""),
        ),
        malformed("negative time", &good.replace("\"iat\":", "\"iat\":-")),
        malformed(
            "fractional time",
            &good.replace(&NOW.to_string(), "1790000000.5"),
        ),
        malformed("short jti", &good.replace(&session.random, "oaGh")),
        malformed("claims are not JSON", "claims"),
        signed(
            "content of another form",
            &session,
            &good.replace("\"revision\"", "\"version\""),
            "unreadable_content",
        ),
        sealed(
            "sealed content cut",
            &under(&own, &nonce)[..60],
            "decryption_failed",
        ),
        sealed(
            "sealed content that is not base64url",
            "not base64url",
            "decryption_failed",
        ),
        sealed(
            "sealed for another purpose",
            &under(&header(Purpose::Session, SIGN.id), &nonce),
            "decryption_failed",
        ),
        sealed(
            "sealed with another nonce",
            &under(&own, &[0; 24]),
            "decryption_failed",
        ),
        sealed(
            "sealed content of another form",
            &seal("[]", &own, &SIGN, &nonce),
            "unreadable_content",
        ),
    ]
}
