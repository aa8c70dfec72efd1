//! The console's federation endpoint: a token for a session, and a browser that signs in with it.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::iam::Identity;
use super::request::{Parameters, Request};
use super::state::State;

/// The federation endpoint
pub(super) const FEDERATION: &str = "/federation";
/// Where a browser signs out
pub(super) const SIGN_OUT: &str = "/oauth";

/// The console's first page
pub(super) const HOME: &str = "/console/home";

/// Below which the pages of consoles are.
const SITES: [&str; 4] =
    [".aws.amazon.com", ".amazonaws.cn", ".amazonaws-us-gov.com", ".amazonaws-eusc.eu"];

/// Who is signed in, and who can be.
#[derive(Debug, Default)]
pub(crate) struct Console {
    tokens: Vec<Token>,
    /// Who signed in, with what: the latest is last
    pub(crate) signed_in: Vec<SignedIn>,
    /// How often a browser signed out
    pub(crate) sign_outs: usize,
}

#[derive(Debug)]
struct Token {
    text: String,
    arn: String,
    /// `SessionDuration`; without it the session's own end counts
    ends_at: DateTime<Utc>,
    made_at: DateTime<Utc>,
    used: bool,
}

/// A browser that is signed in.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    /// Of whoever it is
    pub(crate) arn: String,
    pub(crate) ends_at: DateTime<Utc>,
    pub(crate) destination: String,
    /// `GET` or `POST`
    pub(crate) method: String,
}

impl Console {
    /// Every token that was ever given out.
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.tokens.iter().map(|token| token.text.clone()).collect()
    }
}

/// What a request is called.
pub(super) fn operation(request: &Request) -> String {
    if request.path == HOME {
        return "ConsoleHome".into();
    }
    let action = request.parameters().remove("Action").unwrap_or_default();
    match (&*action, &*request.method) {
        ("getSigninToken", "POST") => "GetSigninToken".into(),
        // The session stands in the address.
        ("getSigninToken", method) => format!("GetSigninToken by {method}"),
        ("login", _) => "ConsoleLogin".into(),
        ("logout", _) => "ConsoleLogout".into(),
        _ => "Federation".into(),
    }
}

pub(super) fn answer(state: &mut State, request: &Request) -> Answer {
    let parameters = request.parameters();
    if request.path == HOME {
        return home(state);
    }
    let action = parameters.get("Action").map(String::as_str);
    let answer = match (&*request.path, action) {
        (FEDERATION, Some("getSigninToken")) => token(state, &parameters)
            .map(|token| Answer::json(200, &json!({ "SigninToken": token }), "OK")),
        (FEDERATION, Some("login")) => sign_in(state, request, &parameters),
        (SIGN_OUT, Some("logout")) => {
            state.console.sign_outs += 1;
            Ok(match parameters.get("redirect_uri") {
                Some(next) => Answer::redirect(next.clone(), "OK"),
                None => Answer::html(200, "<h1>Signed out</h1>", "OK"),
            })
        }
        _ => Err(bad("the action is unknown")),
    };
    answer.unwrap_or_else(|refusal| refuse(&refusal))
}

pub(super) fn refuse(refusal: &Refusal) -> Answer {
    Answer::html(refusal.status, &format!("<h1>{}</h1>", refusal.message), refusal.code)
}

fn bad(message: &str) -> Refusal {
    Refusal::new(400, "BadRequest", message)
}

fn token(state: &mut State, parameters: &Parameters) -> Result<String, Refusal> {
    let session = parameters.get("Session").ok_or_else(|| bad("Session is missing"))?;
    let session: Value = serde_json::from_str(session).map_err(|_| bad("Session is no JSON"))?;
    let session = session.as_object().ok_or_else(|| bad("Session is no object"))?;
    let field = |name: &str| {
        let text = session.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.ok_or_else(|| bad("Session is incomplete"))
    };
    let (id, key, token) = (field("sessionId")?, field("sessionKey")?, field("sessionToken")?);
    if session.len() != 3 {
        return Err(bad("Session has more than its three fields"));
    }
    if parameters.get("SessionType").is_some_and(|kind| kind != "json") {
        return Err(bad("SessionType is not json"));
    }
    let now = state.now();
    let (secret, caller) = state.iam.caller(id, Some(token), now)?;
    if secret != key {
        return Err(Refusal::new(403, "AccessDenied", "The key is wrong"));
    }
    let (context, ends_at) = match (&caller.session, caller.ends_at) {
        (Some(context), Some(ends_at)) => (context, ends_at),
        _ => return Err(bad("AWS signs no access keys in")),
    };
    let takes_duration = match &caller.identity {
        // What GetSessionToken and a sign-in give.
        Identity::User { .. } => return Err(bad("The session is a user's")),
        Identity::Federated { .. } => false,
        Identity::RoleSession { .. } => !context.by_session,
    };
    let lasting = match parameters.get("SessionDuration").map(|text| text.parse::<i64>()) {
        None => None,
        Some(Ok(seconds @ 900..=43_200)) if takes_duration => Some(TimeDelta::seconds(seconds)),
        Some(_) => return Err(bad("SessionDuration")),
    };
    let text = state.random.session_token(0);
    let ends_at = lasting.map_or(ends_at, |lasting| now + lasting);
    let arn = caller.identity.arn();
    let new = Token { text: text.clone(), arn, ends_at, made_at: now, used: false };
    state.console.tokens.push(new);
    Ok(text)
}

fn sign_in(
    state: &mut State,
    request: &Request,
    parameters: &Parameters,
) -> Result<Answer, Refusal> {
    let parameter = |name: &str| parameters.get(name).map_or("", String::as_str);
    if parameter("Issuer").is_empty() {
        return Err(bad("Issuer is missing"));
    }
    let destination = parameter("Destination").to_owned();
    let host =
        destination.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    if !host.is_some_and(|host| SITES.iter().any(|site| host.ends_with(site))) {
        return Err(bad("Destination is no page of a console"));
    }
    let now = state.now();
    let mut tokens = state.console.tokens.iter_mut();
    let token = tokens.find(|token| token.text == parameter("SigninToken"));
    let token = token.filter(|token| !token.used && now - token.made_at < TimeDelta::minutes(15));
    let token = token.ok_or_else(|| bad("SigninToken"))?;
    token.used = true;
    let (arn, ends_at) = (token.arn.clone(), token.ends_at);
    let method = request.method.clone();
    state.console.signed_in.push(SignedIn { arn, ends_at, destination, method });
    // Where the real one leads to the destination, off this machine.
    Ok(Answer::redirect(HOME.to_owned(), "OK"))
}

/// Whoever signed in last.
fn home(state: &State) -> Answer {
    let who = state.console.signed_in.last().map_or("", |signed_in| &signed_in.arn);
    Answer::html(200, &format!("<h1>Console</h1><p id=who>{who}</p>"), "OK")
}
