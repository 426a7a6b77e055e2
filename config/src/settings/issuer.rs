//! What `[issuers.NAME]` holds.

use super::{DefaultValue, Key, Table};
use crate::choice::ALGORITHMS;
use crate::item::TextKind;
use crate::kind::Kind;

/// `[issuers.NAME]`
pub const ISSUER: Table = Table {
    entry: "Issuer",
    example: "[issuers.okta]",
    keys: &[
        Key {
            path: "preset",
            field: "development",
            kind: Kind::Preset,
            default: DefaultValue::Otherwise("Without it, only what stands here holds."),
            help: "The product that the issuer is. It fills every setting that does not stand here.",
        },
        Key {
            path: "issuer",
            field: "url",
            kind: Kind::Text(TextKind::IssuerUrl),
            default: DefaultValue::Otherwise("Needed, unless the preset has it."),
            help: "The issuer's URL, exactly as its tokens have it in `iss`. `{tenant}` in it stands for any \
                   of `tenants`.",
        },
        Key {
            path: "aliases",
            field: "aliases",
            kind: Kind::Words(TextKind::IssuerAlias),
            default: DefaultValue::Value("[]"),
            help: "What its tokens may say in `iss` instead, byte for byte. Rules, events and sessions know the caller by \
                   `issuer` in either case.",
        },
        Key {
            path: "audiences",
            field: "audiences",
            kind: Kind::Texts(TextKind::Audience),
            default: DefaultValue::Value("[]"),
            help: "What a token's `aud` must contain one of, byte for byte. Empty: `server.url`.",
        },
        Key {
            path: "algorithms",
            field: "algorithms",
            kind: Kind::Choices(ALGORITHMS),
            default: DefaultValue::Otherwise("Needed, unless the preset has it."),
            help: "The signature algorithms that its tokens may use. Only those listed anywhere are compiled into \
                   the server.",
        },
        Key {
            path: "types",
            field: "types",
            kind: Kind::Words(TextKind::Type),
            default: DefaultValue::Value("[\"at+jwt\"]"),
            help: "What a token's header may say in `typ`; an empty text allows it to say nothing. Capital letters \
                   and a leading `application/` make no difference.",
        },
        Key {
            path: "jwks",
            field: "jwks",
            kind: Kind::Keys,
            default: DefaultValue::Value("\"discovery\""),
            help: "Where its public keys come from: `\"discovery\"` asks the issuer's metadata, `{ url = \"…\" }` \
                   is a JSON Web Key Set, in which `{issuer}` at the beginning stands for the issuer's URL, and \
                   `{ set = '…' }` holds one.",
        },
        Key {
            path: "tenant",
            field: "tenant",
            kind: Kind::Tenant,
            default: DefaultValue::Otherwise("Without it, the issuer has no tenants."),
            help: "The tenant that its tokens belong to, or `{ claim = \"tid\" }`: the claim that names it.",
        },
        Key {
            path: "tenants",
            field: "tenants",
            kind: Kind::Words(TextKind::Tenant),
            default: DefaultValue::Value("[]"),
            help: "The tenants whose tokens are accepted. Empty or `*`: all of them.",
        },
        Key {
            path: "header",
            field: "header",
            kind: Kind::Word(TextKind::Header),
            default: DefaultValue::Nothing,
            help: "The header in which a proxy in front hands over the token, instead of `Authorization: Bearer`.",
        },
        Key {
            path: "claims.subject",
            field: "subject",
            kind: Kind::Words(TextKind::Claim),
            default: DefaultValue::Value("[\"sub\"]"),
            help: "The claim that says who it is. Of several, as everywhere among the claims, the first that is \
                   there counts; a name that begins with `/` is a JSON pointer.",
        },
        Key {
            path: "claims.scopes",
            field: "scopes",
            kind: Kind::Words(TextKind::Claim),
            default: DefaultValue::Value("[\"scope\"]"),
            help: "The claim with what was granted: a text with spaces between, or a list.",
        },
        Key {
            path: "claims.roles",
            field: "roles",
            kind: Kind::Words(TextKind::Claim),
            default: DefaultValue::Value("[\"roles\"]"),
            help: "The claim with the roles.",
        },
        Key {
            path: "claims.groups",
            field: "groups",
            kind: Kind::Words(TextKind::Claim),
            default: DefaultValue::Value("[\"groups\"]"),
            help: "The claim with the groups.",
        },
        Key {
            path: "claims.client",
            field: "client",
            kind: Kind::Words(TextKind::Claim),
            default: DefaultValue::Value("[\"client_id\"]"),
            help: "The claim that names the client which acts for the subject.",
        },
        Key {
            path: "claims.actor",
            field: "actor",
            kind: Kind::Words(TextKind::Claim),
            default: DefaultValue::Value("[\"act\"]"),
            help: "The claim that names the actor, where that is another party than the subject.",
        },
    ],
};
