//! The keys of `[issuers.NAME]`.

/// Calls `$callback!` with the keys of `[issuers.NAME]`.
#[macro_export]
macro_rules! issuer {
    ($callback:path $(, $with:tt)?) => { $callback! { $($with)?
        /// `[issuers.NAME]`: an authorization server whose access tokens are accepted (RFC 9068).
        Issuer as "[issuers.okta]";
        fixed {
            /// The name that rules and events call it by.
            name: &'static str = "";

            /// How its tokens are verified.
            scheme: Scheme = Scheme::JWT;
        }
        keys {
            /// The product that the issuer is. It fills every setting that does not stand here.
            development as "preset": Preset or "Without it, only what stands here holds.";

            /// The issuer's URL, exactly as its tokens have it in `iss`. `{tenant}` in it stands for any of `tenants`.
            url as "issuer": Text(IssuerUrl) or "Needed, unless the preset has it.";

            /// What its tokens may say in `iss` instead, byte for byte. Rules, events and sessions know the caller by `issuer`
            /// in either case.
            aliases: Words(IssuerAlias) = [];

            /// What a token's `aud` must contain one of, byte for byte. Empty: `server.url`.
            audiences: Texts(Audience) = [];

            /// The signature algorithms that its tokens may use. Only those listed anywhere are compiled into the server.
            algorithms: Choices(Algorithm) or "Needed, unless the preset has it.";

            /// What a token's header may say in `typ`; an empty text allows it to say nothing. Capital letters and a leading
            /// `application/` make no difference.
            types: Words(Type) = ["at+jwt"];

            /// Where its public keys come from: `"discovery"` asks the issuer's metadata, `{ url = "…" }` is a JSON Web Key
            /// Set, in which `{issuer}` at the beginning stands for the issuer's URL, and `{ set = '…' }` holds one.
            jwks: Keys = "discovery";

            /// The tenant that its tokens belong to, or `{ claim = "tid" }`: the claim that names it.
            tenant: Tenant or "Without it, the issuer has no tenants.";

            /// The tenants whose tokens are accepted. Empty or `*`: all of them.
            tenants: Words(Tenant) = [];

            /// The header in which a proxy in front hands over the token, instead of `Authorization: Bearer`.
            header: Word(Header);
        }
        sections {
            /// Which claims of an issuer's tokens say what; the first that is there counts. A name that begins with `/` is
            /// a JSON pointer (RFC 6901) into the claims.
            claims: Claims {
                /// The claim that says who it is. Of several, as everywhere among the claims, the first that is there counts; a
                /// name that begins with `/` is a JSON pointer.
                subject: Words(Claim) = ["sub"];

                /// The claim with what was granted: a text with spaces between, or a list.
                scopes: Words(Claim) = ["scope"];

                /// The claim with the roles.
                roles: Words(Claim) = ["roles"];

                /// The claim with the groups.
                groups: Words(Claim) = ["groups"];

                /// The claim that names the client which acts for the subject.
                client: Words(Claim) = ["client_id"];

                /// The claim that names the actor, where that is another party than the subject.
                actor: Words(Claim) = ["act"];
            }
        }
    } };
}
