//! AWS and the sources of credentials as tests of the minter need them.

use std::cell::RefCell;
use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::mint::{MintError, Minter};
use crate::client_settings::ClientSettings;
use crate::credentials::arn::role_name;
use crate::credentials::{
    AssumeRole, AssumeRoleWithWebIdentity, ContainerEndpoint, GetRoleCredentials, GetSessionToken,
    InstanceMetadata, Keys, LiveCredentials, MfaCode, Secret, SessionCredentials, SessionKey,
    SsoLogin, StsAnswer, StsCall, TokenFile, TokenOrigin, TokenUsage,
};
use crate::env::Env;
use crate::login::testing;
use crate::ports::testing::FakePerson;
use crate::ports::{CallError, CallerIdentity, SourceOf, Sources, Sso, Sts};
use crate::profile::Profiles;
use crate::resolve::{Plan, Request, SessionRules, chain, plan};

pub(super) type Answer = Result<SessionCredentials, CallError>;

/// All that a minter needs. The vault is in memory, it is noon.
pub(super) struct World {
    pub(super) base: testing::World,
    pub(super) aws: FakeAws,
}

impl World {
    /// Nobody is there.
    pub(super) fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::with_person(FakePerson::default(), answers)
    }

    /// A person types these lines.
    pub(super) fn typing(lines: &[&str], answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::with_person(FakePerson::typing(lines), answers)
    }

    fn with_person(person: FakePerson, answers: impl IntoIterator<Item = Answer>) -> Self {
        let base = testing::World::with_person(0, person);
        let answers = RefCell::new(answers.into_iter().collect());
        Self { base, aws: FakeAws { answers, ..FakeAws::default() } }
    }

    pub(super) fn minter(&self) -> Minter<'_> {
        Minter {
            vault: &self.base.vault,
            sts: &self.aws,
            sso: &self.aws,
            logins: self.base.logins(),
            sources: &self.aws,
            person: &*self.base.person,
            clock: &self.base.clock,
            above: Vec::new(),
        }
    }

    pub(super) fn mint(
        &self,
        plan: &Plan,
        code: &mut Option<MfaCode>,
    ) -> Result<LiveCredentials, MintError> {
        self.minter().mint(plan, code)
    }

    /// The access key that the plan gives without a code, or what is wrong.
    pub(super) fn key_of(&self, plan: &Plan) -> String {
        match self.mint(plan, &mut None) {
            Ok(live) => live.access_key_id().to_owned(),
            Err(error) => error.to_string(),
        }
    }

    /// What AWS and the sources were asked since the last time.
    pub(super) fn asked(&self) -> Vec<String> {
        self.aws.asked.take()
    }

    /// What the person was asked and told.
    pub(super) fn said(&self) -> String {
        self.base.said()
    }
}

/// The plan of the profile `p`, beside which there is `keys` with long-term keys.
pub(super) fn plan_of(config: &str, rules: SessionRules) -> Plan {
    let config = format!("[profile p]\n{config}");
    let keys = "[keys]\naws_access_key_id = AKIA\naws_secret_access_key = s\n";
    let profiles = Profiles::from_texts(&config, keys).unwrap();
    let env = Env::from_pairs([("USER", "ann")]);
    let chain = chain(&profiles, &env, &Request::of_profile("p")).unwrap();
    plan(chain, None, rules, ClientSettings::default(), &env).unwrap()
}

pub(super) fn code(digits: &str) -> Option<MfaCode> {
    Some(MfaCode::parse(digits).unwrap())
}

/// STS, IAM Identity Center and the local sources, which answer from one list.
#[derive(Default)]
pub(super) struct FakeAws {
    answers: RefCell<VecDeque<Answer>>,
    /// What `mfa_process` prints, in turn
    pub(super) codes: RefCell<VecDeque<&'static str>>,
    /// What was asked: `AssumeRole r by AKIA`, `GetSessionToken by AKIA with 123456`
    asked: RefCell<Vec<String>>,
}

impl FakeAws {
    fn answer(&self, call: String) -> Answer {
        self.asked.borrow_mut().push(call);
        self.answers.borrow_mut().pop_front().expect("an answer is left")
    }

    fn signed(&self, call: &str, keys: &Keys, code: Option<MfaCode>) -> Answer {
        let code = code.map(|code| format!(" with {}", code.expose())).unwrap_or_default();
        self.answer(format!("{call} by {}{code}", keys.access_key_id()))
    }
}

impl Sts for FakeAws {
    fn get_session_token(&self, keys: &Keys, _: &GetSessionToken, code: Option<MfaCode>) -> Answer {
        self.signed("GetSessionToken", keys, code)
    }

    fn assume_role(&self, keys: &Keys, request: &AssumeRole, code: Option<MfaCode>) -> Answer {
        self.signed(&format!("AssumeRole {}", role_name(&request.role_arn).unwrap()), keys, code)
    }

    fn assume_role_with_web_identity(
        &self,
        request: &AssumeRoleWithWebIdentity,
        token: Secret,
    ) -> Answer {
        self.answer(format!(
            "AssumeRoleWithWebIdentity {} by {}",
            role_name(&request.role_arn).unwrap(),
            token.expose()
        ))
    }

    fn ask(
        &self,
        _: Option<&Keys>,
        call: &StsCall,
        code: Option<MfaCode>,
    ) -> Result<StsAnswer, CallError> {
        let code = code.map(|code| format!(" {}", code.expose())).unwrap_or_default();
        let session = self.answer(format!("{}{code}", call.name))?;
        Ok(StsAnswer { members: Vec::new(), session: Some(session), usage: TokenUsage::default() })
    }

    fn get_caller_identity(&self, keys: &Keys) -> Result<CallerIdentity, CallError> {
        let (account, user_id) = ("111111111111".to_owned(), keys.access_key_id().to_owned());
        Ok(CallerIdentity { account, arn: "arn".to_owned(), user_id })
    }
}

impl Sso for FakeAws {
    fn role_credentials(&self, token: &Secret, request: &GetRoleCredentials) -> Answer {
        self.answer(format!("GetRoleCredentials {} by {}", request.role_name, token.expose()))
    }

    fn logout(&self, _: &SsoLogin, _: &Secret) -> Result<(), CallError> {
        Ok(())
    }
}

impl Sources for FakeAws {
    fn process(&self, command: &str, _: &[SessionKey]) -> Answer {
        self.answer(format!("process {command}"))
    }

    fn web_identity_token(
        &self,
        origin: &TokenOrigin,
        _: &[SessionKey],
    ) -> Result<Secret, CallError> {
        Ok(Secret::new(match origin {
            TokenOrigin::File(TokenFile { path, .. }) => format!("token of {}", path.display()),
            TokenOrigin::Github(_) => "token of github".to_owned(),
            TokenOrigin::Variable { name, .. } => format!("token of {name}"),
            TokenOrigin::Command { line, .. } => format!("token of {line}"),
        }))
    }

    fn saml_assertion(&self, _: &str, _: &str, _: &[SessionKey]) -> Result<Secret, CallError> {
        const ROLE: &str = "https://aws.amazon.com/SAML/Attributes/Role";
        const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
        const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
        let arn = "arn:aws:iam::111122223333";
        Ok(Secret::new(STANDARD.encode(format!(
            "<p:Response xmlns:p=\"{PROTOCOL}\" xmlns:a=\"{ASSERTION}\"><a:Assertion>\
             <a:Attribute Name=\"{ROLE}\"><a:AttributeValue>{arn}:role/r,{arn}:saml-provider/p\
             </a:AttributeValue></a:Attribute></a:Assertion></p:Response>"
        ))))
    }

    fn container(&self, endpoint: &ContainerEndpoint) -> Answer {
        self.answer(format!("container {}", endpoint.uri))
    }

    fn instance(&self, _: &InstanceMetadata) -> Answer {
        self.answer("instance".to_owned())
    }

    fn mfa_code(&self, command: &str) -> Result<MfaCode, CallError> {
        match self.codes.borrow_mut().pop_front() {
            Some(digits) => Ok(MfaCode::parse(digits).unwrap()),
            None => Err(CallError::Source {
                of: SourceOf::Command,
                origin: command.into(),
                cause: "is broken".into(),
            }),
        }
    }
}
