//! Who may call a server at all, in one sentence for its operators.

use std::fmt;

use crate::config::{Effect, Settings, TextSetting};

/// Who may call a server, as the settings of one environment decide it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccessMode {
    /// Anyone, on every host: the server is open and `access.public` is set.
    Anyone,
    /// Anyone who reaches a loopback address: the server is open and `access.public` is not set.
    Local,
    /// Callers for whom the live policy allows something.
    Live {
        /// The issuers whose tokens are accepted.
        issuers: Vec<TextSetting>,
    },
    /// No caller: no rule allows anything to a caller that can exist.
    None,
    /// Callers for whom a rule allows something.
    Ruled {
        /// The issuers whose tokens are accepted.
        issuers: Vec<TextSetting>,
        /// Whether a rule allows something to callers without a token.
        anonymous: bool,
    },
}

impl AccessMode {
    /// Who may call a server with these settings.
    pub fn of(settings: &Settings) -> Self {
        if settings.is_open() {
            return match settings.access.public {
                true => Self::Anyone,
                false => Self::Local,
            };
        }
        let issuers = || settings.issuers.iter().map(|issuer| issuer.url).collect();
        if settings.live.enabled.is_some() {
            return Self::Live { issuers: issuers() };
        }
        let allowing = || (settings.policy.iter()).filter(|rule| rule.effect == Effect::Allow);
        let anonymous = allowing().any(|rule| rule.anonymous);
        // Without an issuer, no caller but an anonymous one can exist.
        let known = !settings.issuers.is_empty() && allowing().next().is_some();
        if !anonymous && !known {
            return Self::None;
        }
        Self::Ruled {
            issuers: issuers(),
            anonymous,
        }
    }
}

impl fmt::Display for AccessMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("anyone"),
            Self::Local => f.write_str(
                "anyone, on a loopback address only (no issuer, no policy rule, and access.public is not set)",
            ),
            Self::None => f.write_str("no caller: no policy rule allows anything; add [[policy]]"),
            Self::Live { issuers } => {
                write_issuers(issuers, f)?;
                f.write_str(match issuers.is_empty() {
                    true => "anyone, for what the live policy allows",
                    false => ", for what the live policy allows",
                })
            }
            Self::Ruled { issuers, anonymous } => {
                write_issuers(issuers, f)?;
                match (issuers.is_empty(), anonymous) {
                    (true, _) => f.write_str("anyone, for what anonymous rules allow"),
                    (false, true) => f.write_str(
                        "; anyone, for what anonymous rules allow",
                    ),
                    (false, false) => Ok(()),
                }
            }
        }
    }
}

fn write_issuers(issuers: &[TextSetting], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (place, issuer) in issuers.iter().enumerate() {
        f.write_str(if place == 0 {
            "callers with a token of "
        } else {
            " or "
        })?;
        match issuer {
            TextSetting::Literal(url) => f.write_str(url)?,
            TextSetting::Variable(name) => write!(f, "the issuer in the variable {name}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Access, Issuer, LivePolicyReader, Rule};

    const ISSUER: Issuer = Issuer {
        url: TextSetting::Literal("https://login.example.com"),
        ..Issuer::DEFAULT
    };
    const OTHER: Issuer = Issuer {
        url: TextSetting::Variable("ISSUER"),
        ..Issuer::DEFAULT
    };
    const ALLOW: Rule = Rule {
        tools: &["*"],
        ..Rule::DEFAULT
    };
    const ANONYMOUS: Rule = Rule {
        anonymous: true,
        ..ALLOW
    };
    const DENY: Rule = Rule {
        effect: Effect::Deny,
        ..ALLOW
    };

    fn sentence(issuers: &'static [Issuer], policy: &'static [Rule], public: bool) -> String {
        let settings = Settings {
            issuers,
            policy,
            access: Access {
                public,
                ..Settings::DEFAULT.access
            },
            ..Settings::DEFAULT
        };
        AccessMode::of(&settings).to_string()
    }

    #[test]
    fn the_sentence_names_who_may_call() {
        let none = "no caller: no policy rule allows anything; add [[policy]]";
        let anonymous = "anyone, for what anonymous rules allow";
        for (issuers, policy, public, expected) in [
            (&[][..], &[][..], true, "anyone".to_owned()),
            (&[ISSUER], &[], false, none.to_owned()),
            // Being public allows nothing that no rule allows.
            (&[ISSUER], &[DENY], true, none.to_owned()),
            // Without an issuer there are no other callers than anonymous ones.
            (&[], &[ALLOW], true, none.to_owned()),
            (&[], &[DENY, ANONYMOUS], false, anonymous.to_owned()),
            (
                &[ISSUER, OTHER],
                &[ALLOW],
                false,
                "callers with a token of https://login.example.com or the issuer in the variable ISSUER".to_owned(),
            ),
            (
                &[ISSUER],
                &[ANONYMOUS],
                false,
                format!("callers with a token of https://login.example.com; {anonymous}"),
            ),
        ] {
            assert_eq!(sentence(issuers, policy, public), expected);
        }
        let mut live = Settings {
            issuers: &[ISSUER],
            ..Settings::DEFAULT
        };
        live.live.enabled = Some(LivePolicyReader::SIGNED);
        assert_eq!(
            AccessMode::of(&live).to_string(),
            "callers with a token of https://login.example.com, for what the live policy allows"
        );
        assert!(sentence(&[], &[], false).starts_with("anyone, on a loopback address only"));
    }
}
