//! Whether the caller may do what it asks for, and may do it now.

use super::{CallError, CallHandler};
use crate::audit_trail::{AuditError, PolicyRecord};
use crate::auth::Caller;
use crate::host::{ConcurrencyPermit, RateDecision};
use crate::policy::{Arguments, Decision, Target};
use crate::refusal::Refusal;

impl CallHandler {
    /// Whether the caller may know of `target`.
    pub(super) fn sees(&self, target: Target<'_>) -> bool {
        let instance = &self.instance;
        instance.sees(self.cx.caller(), target)
    }

    /// Lets a call through, or refuses it. What is not there and what is not for the caller go the same way
    /// and get the same answer, `absent`. The permits are to be held until the call has ended.
    pub(super) async fn permit(
        &self,
        target: Option<Target<'_>>,
        arguments: Arguments<'_>,
        absent: Refusal,
    ) -> Result<Vec<ConcurrencyPermit>, CallError> {
        let policy = &self.instance.policy;
        let caller = self.cx.caller();
        let Some(target) = target else {
            return Err(self.absent(absent).into());
        };
        let decision = policy.decide(caller, target, arguments);
        self.cx.exchange().note(|record| {
            record.verdict(PolicyRecord {
                decision: decision.as_str(),
                rule: decision.rule_name().cloned(),
                quarantined: !decision.shows() && !policy.names(target),
            });
        });
        match decision {
            Decision::Allow { .. } => self.within_rates(target).await,
            Decision::StepUp { scopes, .. } => {
                Err(Refusal::InsufficientScope(self.instance.identity.challenge(&scopes)).into())
            }
            Decision::Authenticate => Err(self.absent(absent).into()),
            Decision::Deny { .. } if self.sees(target) => {
                Err(Refusal::ArgumentsNotPermitted.into())
            }
            Decision::Deny { .. } => Err(absent.into()),
        }
    }

    /// A caller who could still sign in is asked to, whether or not there is anything.
    pub(super) fn absent(&self, absent: Refusal) -> Refusal {
        let identity = &self.instance.identity;
        match self.cx.caller() {
            Caller::Anonymous if identity.has_issuers() => identity.sign_in(),
            _ => absent,
        }
    }

    /// Lets a destructive tool run only once it is on record that it will, where its calls must be.
    pub(super) async fn intend(&self, target: Target<'_>) -> Result<(), Refusal> {
        if !target.destructive {
            return Ok(());
        }
        let intent = {
            let record = self.cx.exchange().record.borrow();
            record
                .as_ref()
                .and_then(|record| record.intend(target.name))
        };
        match intent {
            None => Ok(()),
            Some(intent) => intent.settle().await.map_err(|AuditError(why)| {
                self.cx
                    .exchange()
                    .note(|record| record.detail(why.to_string()));
                Refusal::AuditUnavailable
            }),
        }
    }

    /// A host that cannot count at the moment lets calls through and says so in the event: that a counter is
    /// away is no reason to be away as well.
    async fn within_rates(&self, target: Target<'_>) -> Result<Vec<ConcurrencyPermit>, CallError> {
        let exchange = self.cx.exchange();
        let rates = self.instance.settings.rate_limits;
        let mut permits = Vec::new();
        if rates.is_empty() {
            return Ok(permits);
        }
        let Some(limiter) = exchange.host.limiter() else {
            return Ok(permits);
        };
        for rate in rates {
            let Some(key) =
                crate::policy::rate::key(rate, target, self.cx.caller(), exchange.address)
            else {
                continue;
            };
            match limiter.count(rate, &key, self.cx.now()).await {
                Ok(RateDecision::Within(permit)) => permits.push(permit),
                Ok(RateDecision::Beyond { retry_after }) => {
                    exchange.note(|record| record.rate(rate.name));
                    return Err(Refusal::RateLimited {
                        rate: rate.name,
                        retry_after: retry_after
                            .as_millis()
                            .div_ceil(1000)
                            .try_into()
                            .unwrap_or(u64::MAX),
                    }
                    .into());
                }
                Err(error) => {
                    exchange.note(|record| record.detail(error.to_string()));
                }
            }
        }
        Ok(permits)
    }
}
