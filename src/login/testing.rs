//! The ports as tests of logins need them, and a [`World`] that holds one of each.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use super::{ConsoleLogin, IdentityCenterLogin, LogIn, Logins};
use crate::client_settings::ClientSettings;
use crate::credentials::{
    Authorization, DeviceAuthorization, Expiration, Grant, LoginSession, Registration, Secret,
    SessionCredentials, SignInAnswer, SignInClient, SignInProof, SignInToken, SsoLogin, SsoToken,
    TokenProof,
};
use crate::env::Env;
use crate::ports::testing::{FakePerson, no_command};
use crate::ports::{
    AuthorizationAnswer, AwsCliCache, Browser, CallError, Callback, CallbackError, CheckAssertion,
    Clock, ListenError, NotOpened, Oidc, SharedToken, SignIn, SourceOf,
};
use crate::vault::{UnlockerKind, Vault};

/// Who logged in at the console.
pub(crate) const ANN: &str = "arn:aws:iam::111111111111:user/ann";

/// All that logins need. The vault is in memory, the person is not there, it is noon.
pub(crate) struct World {
    pub(crate) vault: Vault,
    pub(crate) oidc: FakeOidc,
    pub(crate) sign_in: FakeSignIn,
    pub(crate) tokens: FakeCache<SharedToken>,
    pub(crate) sign_ins: FakeCache<SignInToken>,
    pub(crate) person: Rc<FakePerson>,
    pub(crate) clock: FakeClock,
    pub(crate) browser: FakeBrowser,
    pub(crate) settings: ClientSettings,
}

impl World {
    /// `minutes` after noon.
    pub(crate) fn at(minutes: i64) -> Self {
        Self::with_person(minutes, FakePerson::default())
    }

    /// At noon, with a person who presses Enter.
    pub(crate) fn with_a_person() -> Self {
        Self::with_person(0, FakePerson::agreeing())
    }

    /// The same, with this person.
    pub(crate) fn with_person(minutes: i64, person: FakePerson) -> Self {
        let person = Rc::new(person);
        let vault = Vault::new(&Env::default(), UnlockerKind::Memory, person.clone(), no_command())
            .unwrap();
        Self {
            vault,
            oidc: FakeOidc::default(),
            sign_in: FakeSignIn::default(),
            tokens: FakeCache::default(),
            sign_ins: FakeCache::default(),
            person,
            clock: FakeClock::at(minutes),
            browser: FakeBrowser::allowing(),
            settings: ClientSettings::default(),
        }
    }

    pub(crate) fn logins(&self) -> Logins<'_> {
        Logins {
            vault: &self.vault,
            oidc: &self.oidc,
            sign_in: &self.sign_in,
            shared_tokens: &self.tokens,
            shared_sign_ins: &self.sign_ins,
            person: &*self.person,
            clock: &self.clock,
            settings: &self.settings,
        }
    }

    pub(crate) fn log_in(&self) -> LogIn<'_> {
        LogIn { logins: self.logins(), browser: &self.browser }
    }

    /// What the person was asked and told.
    pub(crate) fn said(&self) -> String {
        self.person.said.borrow().join("\n")
    }
}

pub(crate) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap()
}

pub(crate) fn login() -> SsoLogin {
    SsoLogin {
        session: Some("corp".into()),
        start_url: "https://corp.awsapps.com/start".into(),
        region: "eu-west-1".into(),
        scopes: vec![SsoLogin::DEFAULT_SCOPE.into()],
    }
}

/// A token `name` until `minutes` after noon, with a refresh token unless the name ends in `!`.
pub(crate) fn token(name: &str, minutes: i64) -> SsoToken {
    SsoToken {
        access_token: Secret::new(name),
        expires_at: noon() + TimeDelta::minutes(minutes),
        refresh_token: (!name.ends_with('!')).then(|| Secret::new(format!("refresh-{name}"))),
    }
}

/// A login of noon at IAM Identity Center that gave this token.
pub(crate) fn identity_center_login(token: SsoToken, shared: bool) -> IdentityCenterLogin {
    IdentityCenterLogin {
        login: login(),
        access: Some((token.access_token, token.expires_at)),
        refresh_token: token.refresh_token,
        registration: Some(FakeOidc::registration()),
        logged_in_at: noon(),
        refreshed_at: noon(),
        shared,
    }
}

pub(crate) fn ann() -> LoginSession {
    LoginSession::new(ANN)
}

/// Credentials `name` until `minutes` after noon.
pub(crate) fn credentials(name: &str, minutes: i64) -> SessionCredentials {
    SessionCredentials {
        access_key_id: name.into(),
        secret_access_key: Secret::new("s"),
        session_token: Some(Secret::new("t")),
        expiration: Expiration::At(noon() + TimeDelta::minutes(minutes)),
        account_id: None,
    }
}

/// AWS sign-in's answer with credentials `name` until `minutes` after noon.
pub(crate) fn answer(name: &str, minutes: i64) -> SignInAnswer {
    SignInAnswer {
        credentials: credentials(name, minutes),
        refresh_token: Secret::new(format!("refresh-{name}")),
        id_token: None,
        session: None,
    }
}

/// The same as a login has it.
pub(crate) fn sign_in_token(name: &str, minutes: i64) -> SignInToken {
    let credentials = SessionCredentials {
        account_id: Some("111111111111".into()),
        ..credentials(name, minutes)
    };
    SignInToken {
        client_id: SignInClient::SameDevice.id().into(),
        region: Some("eu-west-1".into()),
        credentials: Some(credentials),
        refresh_token: Some(Secret::new(format!("refresh-{name}"))),
        id_token: Some(Secret::new("id")),
        dpop_key: Secret::new("key"),
    }
}

/// A login of noon at the console that gave this token.
pub(crate) fn console_login(token: SignInToken, shared: bool) -> ConsoleLogin {
    ConsoleLogin {
        session: ann(),
        token,
        url: "https://eu-west-1".into(),
        region: "eu-west-1".into(),
        logged_in_at: noon(),
        refreshed_at: noon(),
        shared,
    }
}

pub(crate) fn refused(code: &str) -> CallError {
    CallError::Refused {
        call: "sso-oidc:CreateToken",
        code: code.into(),
        message: "as AWS says".into(),
        request_id: None,
    }
}

pub(crate) fn unreachable_now() -> CallError {
    CallError::Unreachable {
        call: "sso-oidc:CreateToken",
        endpoint: "http://127.0.0.1".into(),
        attempts: 3,
        cause: "no answer in time".into(),
    }
}

/// The time, which sleeping moves.
pub(crate) struct FakeClock(Cell<DateTime<Utc>>);

impl FakeClock {
    pub(crate) fn at(minutes: i64) -> Self {
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
pub(crate) struct FakeOidc {
    pub(crate) tokens: RefCell<VecDeque<Result<SsoToken, CallError>>>,
    /// What was asked with: `refresh-a`, `code c`, `device d`
    pub(crate) asked: RefCell<Vec<String>>,
    /// `expiresIn` of a device code, minutes
    pub(crate) device_minutes: i64,
    /// `interval` of a device code, seconds
    pub(crate) interval: u64,
}

impl Default for FakeOidc {
    fn default() -> Self {
        Self {
            tokens: RefCell::default(),
            asked: RefCell::default(),
            device_minutes: 10,
            interval: 5,
        }
    }
}

impl FakeOidc {
    pub(crate) fn registration() -> Registration {
        Registration {
            client_id: "client".into(),
            client_secret: Secret::new("client-secret"),
            expires_at: noon() + TimeDelta::days(90),
        }
    }
}

impl Oidc for FakeOidc {
    fn start_url(&self, login: &SsoLogin) -> Result<String, CallError> {
        Ok(login.start_url.clone())
    }

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
            TokenProof::Code(allowed) => format!("code {}", allowed.code.expose()),
            TokenProof::Device(code) => format!("device {}", code.expose()),
            TokenProof::Refresh(token) => token.expose().to_owned(),
        });
        self.tokens.borrow_mut().pop_front().expect("an answer is left")
    }
}

/// AWS sign-in that answers from a list.
#[derive(Default)]
pub(crate) struct FakeSignIn {
    pub(crate) answers: RefCell<VecDeque<Result<SignInAnswer, CallError>>>,
    /// What was asked with: `refresh-a`, `code c for URL`
    pub(crate) asked: RefCell<Vec<String>>,
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
        proof: &SignInProof,
    ) -> Result<SignInAnswer, CallError> {
        assert_eq!((region, key.expose()), ("eu-west-1", "key"));
        assert!(client_id.starts_with("arn:aws:signin:::devtools/"), "{client_id}");
        self.asked.borrow_mut().push(match proof {
            SignInProof::Code(allowed) => {
                format!("code {} for {}", allowed.code.expose(), allowed.redirect_uri)
            }
            SignInProof::Refresh(token) => token.expose().to_owned(),
        });
        self.answers.borrow_mut().pop_front().expect("an answer is left")
    }
}

/// A cache of the AWS CLI with room for one login.
pub(crate) struct FakeCache<T> {
    pub(crate) holds: RefCell<Option<T>>,
    /// What cannot be done with it: "read", "write", "remove"
    pub(crate) broken: Cell<&'static str>,
}

impl<T> Default for FakeCache<T> {
    fn default() -> Self {
        Self { holds: RefCell::new(None), broken: Cell::new("") }
    }
}

impl<T: Clone> FakeCache<T> {
    fn try_to(&self, what: &str) -> Result<&RefCell<Option<T>>, CallError> {
        match self.broken.get() == what {
            true => Err(CallError::Source {
                of: SourceOf::AwsCliFile,
                origin: "FILE".into(),
                cause: "is broken".into(),
            }),
            false => Ok(&self.holds),
        }
    }
}

/// A cache is one of a kind of name.
pub(crate) trait CachedToken: Clone {
    type Name;
}

impl CachedToken for SharedToken {
    type Name = SsoLogin;
}

impl CachedToken for SignInToken {
    type Name = LoginSession;
}

impl<T: CachedToken> AwsCliCache for FakeCache<T> {
    type Name = T::Name;
    type Token = T;

    fn place(&self, _name: &T::Name) -> String {
        "FILE".into()
    }

    fn read(&self, _name: &T::Name) -> Result<Option<T>, CallError> {
        Ok(self.try_to("read")?.borrow().clone())
    }

    fn has(&self, _name: &T::Name) -> bool {
        self.holds.borrow().is_some() || self.broken.get() == "read"
    }

    fn write(&self, _name: &T::Name, token: &T) -> Result<(), CallError> {
        *self.try_to("write")?.borrow_mut() = Some(token.clone());
        Ok(())
    }

    fn remove(&self, _name: &T::Name) -> Result<bool, CallError> {
        Ok(self.try_to("remove")?.borrow_mut().take().is_some())
    }
}

/// A browser that comes back at once.
pub(crate) struct FakeBrowser {
    pub(crate) out_of_reach: Option<&'static str>,
    pub(crate) answer: fn() -> Result<AuthorizationAnswer, CallbackError>,
    pub(crate) opened: RefCell<Vec<String>>,
}

impl FakeBrowser {
    pub(crate) fn answering(answer: fn() -> Result<AuthorizationAnswer, CallbackError>) -> Self {
        Self { out_of_reach: None, answer, opened: RefCell::default() }
    }

    pub(crate) fn allowing() -> Self {
        Self::answering(|| Ok(AuthorizationAnswer::Code(Secret::new("c"))))
    }
}

impl Browser for FakeBrowser {
    fn listen_for_assertion(
        &self,
        port: u16,
        _: &str,
        _: CheckAssertion,
    ) -> Result<Box<dyn Callback>, ListenError> {
        self.listen(Some(port), "")
    }

    fn is_out_of_reach(&self) -> Option<String> {
        self.out_of_reach.map(str::to_owned)
    }

    fn open(&self, url: &str) -> Result<(), NotOpened> {
        self.opened.borrow_mut().push(url.to_owned());
        Ok(())
    }

    fn listen(&self, _port: Option<u16>, _state: &str) -> Result<Box<dyn Callback>, ListenError> {
        Ok(Box::new(FakeCallback(self.answer)))
    }

    fn answer_in(&self, _brought: &Secret, _state: &str) -> Result<AuthorizationAnswer, String> {
        (self.answer)().map_err(|error| error.to_string())
    }
}

struct FakeCallback(fn() -> Result<AuthorizationAnswer, CallbackError>);

impl Callback for FakeCallback {
    fn redirect_uri(&self) -> String {
        "http://127.0.0.1:1/oauth/callback".into()
    }

    fn lead_to(&self, url: &str) -> String {
        format!("http://127.0.0.1:1/?{url}")
    }

    fn wait(&self, _limit: Duration, _asks: bool) -> Result<AuthorizationAnswer, CallbackError> {
        (self.0)()
    }
}
