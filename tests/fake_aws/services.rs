//! Which service a request is for, what is recorded of it, and which fault befalls it.

use std::time::Duration;

use super::answer::{Answer, Refusal};
use super::fault::Fault;
use super::request::Request;
use super::sigv4::Signed;
use super::state::{Call, State};
use super::{container, metadata, portal, sts};

/// What happens on the wire.
pub(crate) struct Delivery {
    /// How long until then
    pub(crate) delay: Duration,
    /// What then
    pub(crate) what: What,
}

/// What happens on the wire.
pub(crate) enum What {
    /// An answer
    Answer(Answer),
    /// Half of an answer, then the end of the connection
    Half(Answer),
    /// A reset
    Reset,
    /// Nothing
    Nothing,
}

/// Carries a request out, unless a fault is due, and records it.
pub(crate) fn deliver(state: &mut State, request: &Request) -> Delivery {
    let operation = operation(state, request);
    let mut call = call(state, request, &operation);
    let mut delay = state.latency;
    let what = match state.take_fault(&operation) {
        None if state.instance.loses(request) && operation == "ImdsToken" => What::Nothing,
        None => What::Answer(answer(state, request)),
        Some(Fault::Delay(duration)) => {
            delay += duration;
            What::Answer(answer(state, request))
        }
        Some(Fault::Refuse { status, code, message }) if request.path == "/" => {
            let refusal = Refusal::new(status, code, message);
            What::Answer(Answer::refused(&refusal, &state.random.request_id()))
        }
        Some(Fault::Refuse { status, code, message }) if request.path == portal::PATH => {
            What::Answer(portal::refused(status, code, message))
        }
        Some(Fault::Refuse { status, code, .. }) => What::Answer(Answer::page(status, code)),
        Some(Fault::Garbage) => What::Answer(Answer::garbage(&operation)),
        Some(Fault::Truncate) => What::Half(answer(state, request)),
        Some(Fault::LoseAnswer) => {
            answer(state, request);
            What::Reset
        }
        Some(Fault::Reset) => What::Reset,
        Some(Fault::Hang) => What::Nothing,
    };
    call.outcome = match &what {
        What::Answer(answer) => answer.outcome.clone(),
        What::Half(_) => "truncated".into(),
        What::Reset => "reset".into(),
        What::Nothing => "hang".into(),
    };
    state.record(call);
    Delivery { delay, what }
}

fn operation(state: &State, request: &Request) -> String {
    if request.path == "/" {
        return request.parameters().remove("Action").unwrap_or_default();
    }
    if request.path == state.container.path {
        return "ContainerCredentials".into();
    }
    if request.path == portal::PATH {
        return "GetRoleCredentials".into();
    }
    metadata::operation(&request.path).into()
}

fn answer(state: &mut State, request: &Request) -> Answer {
    match request.path.as_str() {
        "/" => sts::answer(state, request),
        path if path == state.container.path => container::answer(state, request),
        portal::PATH => portal::answer(state, request),
        path if path.starts_with("/latest/") => metadata::answer(state, request),
        _ => Answer::page(404, "Not Found"),
    }
}

fn call(state: &State, request: &Request, operation: &str) -> Call {
    const LEFT_OUT: [&str; 6] = [
        "Action",
        "Version",
        "TokenCode",
        "WebIdentityToken",
        "X-Amz-Signature",
        "X-Amz-Security-Token",
    ];
    let mut parameters = request.parameters();
    parameters.retain(|name, _| !LEFT_OUT.contains(&name.as_str()));
    let signed = Signed::of(request).ok();
    Call {
        operation: operation.to_owned(),
        access_key_id: signed.as_ref().map(|signed| signed.key_id.clone()),
        region: signed.map(|signed| signed.region),
        parameters,
        host: request.header("host").unwrap_or_default().to_owned(),
        tls: request.tls,
        time: state.now(),
        outcome: String::new(),
    }
}
