//! The ports as tests need them: a person who says yes or is not there, a clock that moves only
//! when told to, an OIDC service that answers from a list.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use super::sso_token::Kept;
use crate::credentials::{
    Authorization, DeviceAuthorization, Grant, Registration, Secret, SignInAnswer, SignInClient,
    SignInProof, SignInToken, SsoLogin, SsoToken, TokenProof,
};
use crate::env::Env;
use crate::ports::{
    AuthorizationAnswer, Browser, BrowserError, CallError, Callback, Clock, Oidc, SharedSignIns,
    SharedToken, SharedTokens, SignIn,
};
use crate::vault::{UnlockerKind, Vault};

pub(super) use crate::ports::testing::FakePerson;

pub(super) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap()
}

pub(super) fn vault() -> Vault {
    Vault::new(&Env::default(), UnlockerKind::Memory, Rc::new(FakePerson::default())).unwrap()
}

pub(super) fn login() -> SsoLogin {
    SsoLogin {
        session: Some("corp".into()),
        start_url: "https://corp.awsapps.com/start".into(),
        region: "eu-west-1".into(),
        scopes: vec![SsoLogin::DEFAULT_SCOPE.into()],
    }
}

/// A token `name` until `minutes` after noon, with a refresh token unless the name ends in `!`.
pub(super) fn token(name: &str, minutes: i64) -> SsoToken {
    SsoToken {
        access_token: Secret::new(name),
        expires_at: noon() + TimeDelta::minutes(minutes),
        refresh_token: (!name.ends_with('!')).then(|| Secret::new(format!("refresh-{name}"))),
    }
}

/// A login of noon that gave this token.
pub(super) fn kept(token: SsoToken, shared: bool) -> Kept {
    Kept {
        access: Some((token.access_token, token.expires_at)),
        refresh_token: token.refresh_token,
        registration: Some(FakeOidc::registration()),
        logged_in_at: noon(),
        refreshed_at: noon(),
        shared,
    }
}

pub(super) fn refused(code: &str) -> CallError {
    CallError::Refused {
        call: "sso-oidc:CreateToken",
        code: code.into(),
        message: "as AWS says".into(),
        request_id: None,
    }
}

pub(super) fn unreachable_now() -> CallError {
    CallError::Unreachable {
        call: "sso-oidc:CreateToken",
        endpoint: "http://127.0.0.1".into(),
        attempts: 3,
        cause: "no answer in time".into(),
    }
}

/// The time, which sleeping moves.
pub(super) struct FakeClock(Cell<DateTime<Utc>>);

impl FakeClock {
    pub(super) fn at(minutes: i64) -> Self {
        Self(Cell::new(noon() + TimeDelta::minutes(minutes)))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.get()
    }

    fn sleep(&self, duration: Duration) {
        self.0.set(self.0.get() + TimeDelta::from_std(duration).unwrap());
    }
}

/// An OIDC service whose `CreateToken` answers from a list.
#[derive(Default)]
pub(super) struct FakeOidc {
    pub(super) tokens: RefCell<VecDeque<Result<SsoToken, CallError>>>,
    /// What was asked with: `refresh-a`, `code c`, `device d`
    pub(super) asked: RefCell<Vec<String>>,
    /// `expiresIn` of a device code, minutes
    pub(super) device_minutes: i64,
    /// `interval` of a device code, seconds
    pub(super) interval: u64,
}

impl FakeOidc {
    pub(super) fn answering(
        answers: impl IntoIterator<Item = Result<SsoToken, CallError>>,
    ) -> Self {
        Self {
            tokens: RefCell::new(answers.into_iter().collect()),
            asked: RefCell::default(),
            device_minutes: 10,
            interval: 5,
        }
    }

    pub(super) fn registration() -> Registration {
        Registration {
            client_id: "client".into(),
            client_secret: Secret::new("client-secret"),
            expires_at: noon() + TimeDelta::days(90),
        }
    }
}

impl Oidc for FakeOidc {
    fn register(&self, _login: &SsoLogin, grant: Grant) -> Result<Registration, CallError> {
        self.asked.borrow_mut().push(format!("register {grant:?}"));
        Ok(Self::registration())
    }

    fn authorize_url(
        &self,
        _login: &SsoLogin,
        _registration: &Registration,
        authorization: &Authorization,
    ) -> Result<String, CallError> {
        Ok(format!("https://oidc/authorize?redirect_uri={}", authorization.redirect_uri))
    }

    fn start_device_authorization(
        &self,
        _login: &SsoLogin,
        _registration: &Registration,
    ) -> Result<DeviceAuthorization, CallError> {
        Ok(DeviceAuthorization {
            device_code: Secret::new("d"),
            user_code: "ABCD-EFGH".into(),
            verification_uri: "https://device".into(),
            verification_uri_complete: None,
            expires_at: noon() + TimeDelta::minutes(self.device_minutes),
            interval: self.interval,
        })
    }

    fn token(
        &self,
        _login: &SsoLogin,
        _registration: &Registration,
        proof: &TokenProof,
    ) -> Result<SsoToken, CallError> {
        self.asked.borrow_mut().push(match proof {
            TokenProof::Code { code, .. } => format!("code {}", code.expose()),
            TokenProof::Device { device_code } => format!("device {}", device_code.expose()),
            TokenProof::Refresh { refresh_token } => refresh_token.expose().to_owned(),
        });
        self.tokens.borrow_mut().pop_front().expect("an answer is left")
    }
}

/// AWS sign-in that answers from a list, and the AWS CLI's cache with room for one sign-in.
#[derive(Default)]
pub(super) struct FakeSignIn {
    pub(super) answers: RefCell<VecDeque<Result<SignInAnswer, CallError>>>,
    /// What was asked with: `refresh-a`, `code c for URL`
    pub(super) asked: RefCell<Vec<String>>,
    pub(super) cache: RefCell<Option<SignInToken>>,
    pub(super) cache_is_broken: bool,
}

impl SignIn for FakeSignIn {
    fn new_key(&self) -> Secret {
        Secret::new("key")
    }

    fn endpoint_url(&self, region: &str) -> Result<String, CallError> {
        Ok(format!("https://{region}"))
    }

    fn authorize_url(
        &self,
        region: &str,
        client: SignInClient,
        authorization: &Authorization,
    ) -> Result<String, CallError> {
        Ok(format!("https://{region}/{client:?}?redirect_uri={}", authorization.redirect_uri))
    }

    fn token(
        &self,
        region: &str,
        client_id: &str,
        key: &Secret,
        proof: &SignInProof<'_>,
    ) -> Result<SignInAnswer, CallError> {
        assert_eq!((region, key.expose()), ("eu-west-1", "key"));
        assert!(client_id.starts_with("arn:aws:signin:::devtools/"), "{client_id}");
        self.asked.borrow_mut().push(match proof {
            SignInProof::Code { code, redirect_uri, .. } => {
                format!("code {} for {redirect_uri}", code.expose())
            }
            SignInProof::Refresh { refresh_token } => refresh_token.expose().to_owned(),
        });
        self.answers.borrow_mut().pop_front().expect("an answer is left")
    }
}

impl SharedSignIns for FakeSignIn {
    fn place(&self, _session: &str) -> String {
        "FILE".into()
    }

    fn read(&self, _session: &str) -> Result<Option<SignInToken>, CallError> {
        match self.cache_is_broken {
            true => Err(CallError::Source { origin: "FILE".into(), cause: "is broken".into() }),
            false => Ok(self.cache.borrow().clone()),
        }
    }

    fn write(&self, _session: &str, token: &SignInToken) -> Result<(), CallError> {
        *self.cache.borrow_mut() = Some(token.clone());
        Ok(())
    }

    fn remove(&self, _session: &str) -> Result<bool, CallError> {
        Ok(self.cache.borrow_mut().take().is_some())
    }
}

/// The AWS CLI's cache, with room for one token.
#[derive(Default)]
pub(super) struct FakeCache(pub(super) RefCell<Option<SharedToken>>);

impl FakeCache {
    pub(super) fn holds(&self) -> Option<String> {
        Some(self.0.borrow().as_ref()?.token.access_token.expose().to_owned())
    }
}

impl SharedTokens for FakeCache {
    fn read(&self, _login: &SsoLogin) -> Result<Option<SharedToken>, CallError> {
        Ok(self.0.borrow().clone())
    }

    fn has(&self, _login: &SsoLogin) -> bool {
        self.0.borrow().is_some()
    }

    fn write(&self, _login: &SsoLogin, token: &SharedToken) -> Result<PathBuf, CallError> {
        *self.0.borrow_mut() = Some(token.clone());
        Ok(PathBuf::from("cache"))
    }

    fn remove(&self, _login: &SsoLogin) -> Result<bool, CallError> {
        Ok(self.0.borrow_mut().take().is_some())
    }
}

/// A browser that comes back at once.
pub(super) struct FakeBrowser {
    pub(super) out_of_reach: Option<&'static str>,
    pub(super) answer: fn() -> Result<AuthorizationAnswer, BrowserError>,
    pub(super) opened: RefCell<Vec<String>>,
}

impl FakeBrowser {
    pub(super) fn answering(answer: fn() -> Result<AuthorizationAnswer, BrowserError>) -> Self {
        Self { out_of_reach: None, answer, opened: RefCell::default() }
    }

    pub(super) fn allowing() -> Self {
        Self::answering(|| Ok(AuthorizationAnswer::Code(Secret::new("c"))))
    }
}

impl Browser for FakeBrowser {
    fn is_out_of_reach(&self) -> Option<String> {
        self.out_of_reach.map(str::to_owned)
    }

    fn open(&self, url: &str) -> Result<(), BrowserError> {
        self.opened.borrow_mut().push(url.to_owned());
        Ok(())
    }

    fn listen(&self, _port: Option<u16>, _state: &str) -> Result<Box<dyn Callback>, BrowserError> {
        Ok(Box::new(FakeCallback(self.answer)))
    }

    fn answer_in(&self, _brought: &Secret, _state: &str) -> Result<AuthorizationAnswer, String> {
        (self.answer)().map_err(|error| error.to_string())
    }
}

struct FakeCallback(fn() -> Result<AuthorizationAnswer, BrowserError>);

impl Callback for FakeCallback {
    fn redirect_uri(&self) -> String {
        "http://127.0.0.1:1/oauth/callback".into()
    }

    fn wait(&self, _limit: Duration) -> Result<AuthorizationAnswer, BrowserError> {
        (self.0)()
    }
}
