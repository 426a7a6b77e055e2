//! The keys of `[issuers.NAME]`.

/// Calls `$callback!` with the [rows](crate::rows!) of `[issuers.NAME]`.
#[macro_export]
#[rustfmt::skip]
macro_rules! issuer {
    ($callback:ident) => { $crate::rows! { $callback
        /// `[issuers.NAME]`: an authorization server whose access tokens are accepted (RFC 9068).
        Issuer as "[issuers.okta]";
        fixed {
            /// The name that rules and events use.
            name: &'static str = "";

            /// The scheme that verifies its tokens.
            scheme: Scheme = Scheme::JWT;
        }
        keys {
            /// The preset of a product. It sets every key that is not set here. A server with a public URL refuses
            /// `development`.
            development as "preset": Preset or "Without it, only the keys here apply.";

            /// The issuer's URL, exactly as its tokens have it in `iss`. `{tenant}` in it stands for any of `tenants`.
            url as "issuer": Text(IssuerUrl) or "Required, unless the preset sets it.";

            /// Other values of `iss` in its tokens, byte for byte. Rules, events and sessions use `issuer` in either case.
            aliases: Words(IssuerAlias) = [];

            /// The audiences of which a token's `aud` must contain one, byte for byte. Empty: `server.url`.
            audiences: Texts(Audience) = [];

            /// The signature algorithms (RFC 7518) that its tokens may use. Only algorithms that are listed in `mcp.toml` are
            /// compiled into the server.
            algorithms: Choices(Algorithm) or "Required, unless the preset sets it.";

            /// The media types that a token's header may have in `typ`. An empty text allows a token without `typ`. Case and a
            /// leading `application/` are ignored.
            types: Words(Type) = ["at+jwt"];

            /// The source of its public keys. `"discovery"` fetches the issuer's metadata (OpenID Connect Discovery 1.0, RFC
            /// 8414). `{ url = "…" }` is the URL of a JSON Web Key Set; `{issuer}` at its beginning stands for the issuer's
            /// URL. `{ set = '…' }` contains the set.
            jwks: Keys = "discovery";

            /// The tenant that its tokens belong to, or the claim that names it: `{ claim = "tid" }`.
            tenant: Tenant or "Without it, the issuer has no tenants.";

            /// The tenants whose tokens are accepted. Empty or `*`: all of them.
            tenants: Words(Tenant) = [];

            /// The header in which a proxy in front of the server sends the token, instead of `Authorization: Bearer`.
            header: Word(Header);
        }
        sections {
            /// The claims of an issuer's tokens. Of several names the first that a token has is used. A name that begins with
            /// `/` is a JSON pointer (RFC 6901) into the claims.
            claims: Claims {
                /// The claim with the subject. Of several names, as for all claims, the first that a token has is used. A name
                /// that begins with `/` is a JSON pointer (RFC 6901).
                subject: Words(Claim) = ["sub"];

                /// The claim with the granted scopes: a text with spaces between, or a list.
                scopes: Words(Claim) = ["scope"];

                /// The claim with the roles.
                roles: Words(Claim) = ["roles"];

                /// The claim with the groups.
                groups: Words(Claim) = ["groups"];

                /// The claim with the client that acts for the subject.
                client: Words(Claim) = ["client_id"];

                /// The claim with the actor, if that is not the subject (RFC 8693, section 4.1).
                actor: Words(Claim) = ["act"];
            }
        }
    } };
}
