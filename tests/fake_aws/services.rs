//! Which service a request is for, what is recorded of it, and which fault befalls it.

use std::time::Duration;

use super::answer::{Answer, Refusal};
use super::fault::Fault;
use super::json::Body;
use super::request::Request;
use super::sigv4::Signed;
use super::state::{Call, State};
use super::{
    codecommit, consent, console, container, ecr, github, iam_api, metadata, oidc, portal, s3,
    signin, sts,
};

/// What happens on the wire.
pub(crate) struct Delivery {
    pub(crate) delay: Duration,
    pub(crate) what: What,
}

/// What happens on the wire.
pub(crate) enum What {
    Answer(Answer),
    /// Half of an answer, then the end of the connection
    Half(Answer),
    Reset,
    Nothing,
    Bytes {
        first: &'static [u8],
        again: &'static [u8],
    },
}

/// Carries a request out, unless a fault is due, and records it.
pub(crate) fn deliver(state: &mut State, request: &Request) -> Delivery {
    let (service, operation) = route(state, request);
    let mut call = call(state, service, request, &operation);
    let mut delay = state.latency;
    let what = match state.faults.take(&operation) {
        None if state.instance.loses(request) && operation == "ImdsToken" => What::Nothing,
        None => What::Answer(answer(state, service, request)),
        Some(Fault::Delay(duration)) => {
            delay += duration;
            What::Answer(answer(state, service, request))
        }
        Some(Fault::Refuse { status, code, message }) => {
            let refusal = Refusal::new(status, code, message);
            What::Answer(refuse(state, service, request, &refusal))
        }
        Some(Fault::Garbage) => What::Answer(Answer::garbage(&operation)),
        Some(Fault::Truncate) => What::Half(answer(state, service, request)),
        Some(Fault::LoseAnswer) => {
            answer(state, service, request);
            What::Reset
        }
        Some(Fault::Reset) => What::Reset,
        Some(Fault::Hang) => What::Nothing,
        Some(Fault::Bytes { first, again }) => What::Bytes { first, again },
    };
    call.outcome = match &what {
        What::Answer(answer) => answer.outcome.clone(),
        What::Half(_) => "truncated".into(),
        What::Reset => "reset".into(),
        What::Nothing => "hang".into(),
        What::Bytes { .. } => "bytes".into(),
    };
    state.calls.push(call);
    Delivery { delay, what }
}

/// Who answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    Sts,
    Iam,
    Container,
    Portal,
    Oidc,
    SignIn,
    Console,
    Browser,
    OwnDomain,
    S3,
    Metadata,
    CodeCommit,
    Ecr,
    Github,
    Nobody,
}

/// The paths that are always the same, their services and what is recorded.
const ROUTES: [(&str, Service, &str); 20] = [
    (github::PATH, Service::Github, "GithubToken"),
    (portal::CREDENTIALS, Service::Portal, "GetRoleCredentials"),
    (portal::ACCOUNTS, Service::Portal, "ListAccounts"),
    (portal::ROLES, Service::Portal, "ListAccountRoles"),
    (portal::LOGOUT, Service::Portal, "Logout"),
    (oidc::REGISTER, Service::Oidc, "RegisterClient"),
    (oidc::DEVICE_AUTHORIZATION, Service::Oidc, "StartDeviceAuthorization"),
    (oidc::TOKEN, Service::Oidc, "CreateToken"),
    (oidc::AUTHORIZE, Service::Oidc, "Authorize"),
    (oidc::DEVICE, Service::Oidc, "VerifyDevice"),
    (signin::AUTHORIZE, Service::SignIn, "Authorize"),
    (signin::TOKEN, Service::SignIn, "CreateOAuth2Token"),
    (signin::CONFIRMATION, Service::SignIn, "ConfirmSession"),
    (console::FEDERATION, Service::Console, ""),
    (console::HOME, Service::Console, ""),
    (console::SIGN_OUT, Service::Console, ""),
    (consent::ALLOW, Service::Browser, "Allow"),
    (consent::DENY, Service::Browser, "Deny"),
    ("/start", Service::OwnDomain, "OwnDomain"),
    ("/", Service::Sts, ""),
];

fn route(state: &State, request: &Request) -> (Service, String) {
    let path = request.path.as_str();
    if path == state.container.path {
        return (Service::Container, "ContainerCredentials".into());
    }
    if let Some(operation) = s3::operation(state, request) {
        return (Service::S3, operation.to_owned());
    }
    if let Some(operation) = ecr::operation(request).filter(|_| path == "/") {
        return (Service::Ecr, operation.to_owned());
    }
    match ROUTES.iter().find(|(known, ..)| *known == path) {
        Some((_, Service::Sts, _)) => {
            let mut parameters = request.parameters();
            let is_iam =
                parameters.get("Version").is_some_and(|version| version == iam_api::VERSION);
            let service = if is_iam { Service::Iam } else { Service::Sts };
            (service, parameters.remove("Action").unwrap_or_default())
        }
        Some((_, Service::Console, _)) => (Service::Console, console::operation(request)),
        Some((_, service, operation)) => (*service, (*operation).to_owned()),
        None if path.starts_with(codecommit::REPOSITORIES) => {
            (Service::CodeCommit, "GitPull".into())
        }
        None if path.starts_with("/latest/") => {
            (Service::Metadata, metadata::operation(path).into())
        }
        None => (Service::Nobody, metadata::operation(path).into()),
    }
}

fn answer(state: &mut State, service: Service, request: &Request) -> Answer {
    match service {
        Service::Sts => sts::answer(state, request),
        Service::Iam => iam_api::answer(state, request),
        Service::Container => container::answer(state, request),
        Service::Portal => portal::answer(state, request),
        Service::Oidc => oidc::answer(state, request),
        Service::SignIn => signin::answer(state, request),
        Service::Console => console::answer(state, request),
        Service::Browser => consent::answer(state, request),
        Service::OwnDomain => Answer::redirect(state.own_domain.clone(), "OK"),
        Service::S3 => s3::answer(state, request),
        Service::Metadata => metadata::answer(state, request),
        Service::CodeCommit => codecommit::answer(state, request),
        Service::Ecr => ecr::answer(state, request),
        Service::Github => github::answer(state, request),
        Service::Nobody => Answer::page(404, "Not Found"),
    }
}

/// A refusal in the service's own shape; a page where a browser asks.
fn refuse(state: &mut State, service: Service, request: &Request, refusal: &Refusal) -> Answer {
    match service {
        Service::Sts => sts::refuse(state, refusal),
        Service::Iam => iam_api::refuse(state, refusal),
        Service::Portal => portal::refuse(refusal),
        Service::Ecr => ecr::refuse(refusal),
        Service::S3 => s3::refuse(refusal),
        Service::Console => console::refuse(refusal),
        Service::Oidc if request.method == "POST" => oidc::refuse(refusal),
        Service::SignIn if request.method == "POST" => signin::refuse(refusal),
        _ => Answer::page(refusal.status, refusal.code),
    }
}

fn call(state: &State, service: Service, request: &Request, operation: &str) -> Call {
    const LEFT_OUT: &str = "Action Version TokenCode AuthenticationCode1 AuthenticationCode2 WebIdentityToken SAMLAssertion X-Amz-Signature \
        X-Amz-Security-Token clientSecret code codeVerifier deviceCode refreshToken request state \
        userCode user_code Session SigninToken";
    let is_json = matches!(service, Service::Oidc | Service::SignIn) && request.method == "POST";
    let mut parameters = if is_json {
        Body::of(request).map(|body| body.parameters()).unwrap_or_default()
    } else {
        request.parameters()
    };
    parameters.retain(|name, _| !LEFT_OUT.split(' ').any(|left_out| left_out == name));
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
