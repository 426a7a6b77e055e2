//! The person at the client, who sees the progress and answers the questions in order.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rmcp::model::{
    ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationCapability, ErrorData, FormElicitationCapability, Implementation, JsonObject,
    ProgressNotificationParam, ProtocolVersion,
};
use rmcp::service::{NotificationContext, RequestContext};
use rmcp::{ClientHandler, RoleClient};
use serde_json::Value;

use crate::conversation::{Conversation, Step};

pub(crate) struct Person {
    revision: ProtocolVersion,
    answers: Mutex<VecDeque<JsonObject>>,
    asked: Mutex<Vec<Vec<String>>>,
    steps: Mutex<Vec<Step>>,
}

impl Person {
    pub(crate) fn new(conversation: &Conversation, revision: ProtocolVersion) -> Self {
        Self {
            revision,
            answers: Mutex::new(conversation.ask.answers.clone().into()),
            asked: Mutex::default(),
            steps: Mutex::default(),
        }
    }

    pub(crate) fn is_legacy(&self) -> bool {
        self.revision.has_initialize()
    }

    /// The fields of every form so far.
    pub(crate) fn asked(&self) -> Vec<Vec<String>> {
        lock(&self.asked).clone()
    }

    /// The progress since the last time this was asked.
    pub(crate) fn take_steps(&self) -> Vec<Step> {
        std::mem::take(&mut lock(&self.steps))
    }
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let elicitation = ElicitationCapability::new().with_form(FormElicitationCapability::new());
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation = Some(elicitation);
        ClientConfig::new(capabilities, Implementation::new("rmcp", "1.0.0"))
            .with_protocol_version(self.revision.clone())
    }

    async fn create_elicitation(
        &self,
        question: ElicitRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams {
            requested_schema, ..
        } = question
        else {
            return Err(ErrorData::invalid_params("only forms are expected", None));
        };
        lock(&self.asked).push(requested_schema.properties.into_keys().collect());
        let answer = lock(&self.answers)
            .pop_front()
            .ok_or_else(|| ErrorData::invalid_params("that was one question too many", None))?;
        Ok(ElicitResult::new(ElicitationAction::Accept).with_content(Value::Object(answer)))
    }

    async fn on_progress(
        &self,
        step: ProgressNotificationParam,
        _context: NotificationContext<RoleClient>,
    ) {
        lock(&self.steps).push(Step {
            progress: step.progress,
            total: step.total,
            message: step.message,
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
