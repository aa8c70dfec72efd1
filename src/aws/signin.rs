//! The one call to AWS sign-in. It is not signed: a proof of the private key that the tokens are bound
//! to goes with it ([`super::dpop`]).

use std::cell::RefCell;
use std::sync::Arc;

use aws_sdk_signin::config::{Config, Region};
use aws_sdk_signin::operation::create_o_auth2_token::CreateOAuth2TokenError;
use aws_sdk_signin::types::{CreateOAuth2TokenRequestBody, CreateOAuth2TokenResponseBody};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::error::metadata::ErrorMetadata;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::attempt::{NotTwice, OneUse, Seen, Witness};
use super::authorize_url;
use super::client::{Aws, line, text, word};
use super::dpop::{DpopKey, new_id};
use super::error::{incomplete, is_intolerable, no_answer};
use crate::credentials::{
    Authorization, AuthorizedCode, Expiration, Secret, SessionCredentials, SignInAnswer,
    SignInClient, SignInProof, arn,
};
use crate::ports::{CallError, SignIn, SourceOf};

#[cfg(test)]
mod tests;

const NAME: &str = "signin:CreateOAuth2Token";

impl SignIn for Aws {
    fn new_key(&self) -> Secret {
        DpopKey::generate().to_pem()
    }

    fn endpoint_url(&self, region: &str) -> Result<String, CallError> {
        authorize_url::signin_endpoint(&self.settings, region)
    }

    fn authorize_url(
        &self,
        region: &str,
        client: SignInClient,
        authorization: &Authorization,
    ) -> Result<String, CallError> {
        authorize_url::signin(&self.settings, region, client, authorization)
    }

    fn token(
        &self,
        region: &str,
        client_id: &str,
        key: &Secret,
        proof: &SignInProof,
    ) -> Result<SignInAnswer, CallError> {
        let key = DpopKey::from_pem(key).ok_or_else(|| CallError::Source {
            of: SourceOf::Machine,
            origin: "the key of the sign-in".into(),
            cause: "is not a private key on P-256".into(),
        })?;
        let call = TokenCall {
            aws: self,
            region,
            body: body(client_id, proof),
            key: Arc::new(key),
            seen: RefCell::default(),
        };
        let answer = match call.ask(0) {
            // A proof that is too old or of the future is refused before anything is used up.
            Err(CallError::Refused { code, .. }) if call.may_doubt_proof(&code) => {
                call.ask(call.skew())
            }
            answer => answer,
        };
        let (output, seen) = answer?;
        complete(self, output, &seen)
            .ok_or_else(|| incomplete(NAME, "tokenOutput", &seen, OneUse::Grant))
    }
}

/// One `CreateOAuth2Token` with all its attempts.
struct TokenCall<'a> {
    aws: &'a Aws,
    region: &'a str,
    body: CreateOAuth2TokenRequestBody,
    key: Arc<DpopKey>,
    seen: RefCell<Option<Witness>>,
}

impl TokenCall<'_> {
    /// `skew`: AWS's time less the local time, in seconds.
    fn ask(&self, skew: i64) -> Result<(CreateOAuth2TokenResponseBody, Seen), CallError> {
        let answer = self.aws.call(NAME, OneUse::Grant, |live, witness| {
            self.seen.replace(Some(witness.clone()));
            let (key, clock) = (Arc::clone(&self.key), self.aws.clock.clone());
            let last = witness.clone();
            // For each attempt anew: AWS takes a proof once.
            let prove = move |request: &mut HttpRequest| {
                let skew =
                    last.snapshot().skew.filter(|skew| is_intolerable(*skew)).unwrap_or(skew);
                let issued_at = clock.now().timestamp() + skew;
                let proof = key.proof(request.uri(), issued_at, &new_id());
                request.headers_mut().insert("DPoP", proof);
            };
            let specific = Config::builder()
                .region(Region::new(self.region.to_owned()))
                .retry_classifier(NotTwice(witness.clone()));
            let request = live
                .signin
                .create_o_auth2_token()
                .token_input(self.body.clone())
                .customize()
                .config_override(specific)
                .mutate_request(prove)
                .interceptor(witness);
            async { request.send().await.map_err(|error| error.map_service_error(refusal)) }
        });
        let (output, seen) = answer?;
        match output.token_output {
            Some(output) => Ok((output, seen)),
            None => Err(no_answer(NAME, "the answer is empty".into(), &seen, OneUse::Grant)),
        }
    }

    fn skew(&self) -> i64 {
        self.seen.borrow().as_ref().and_then(|witness| witness.snapshot().skew).unwrap_or_default()
    }

    /// Whether a refusal can be for the time of the proof: AWS has no code for it.
    fn may_doubt_proof(&self, code: &str) -> bool {
        let for_another_reason = matches!(
            code,
            "TOKEN_EXPIRED"
                | "USER_CREDENTIALS_CHANGED"
                | "INSUFFICIENT_PERMISSIONS"
                | "AUTHCODE_EXPIRED"
        );
        !for_another_reason && is_intolerable(self.skew())
    }
}

/// The refusal, with the `error` of the answer for a code.
fn refusal(error: CreateOAuth2TokenError) -> ErrorMetadata {
    let words = error.meta().clone();
    match &error {
        // The SDK writes "no value was set" where the answer has none.
        CreateOAuth2TokenError::AccessDeniedException(denied)
            if !denied.error.as_str().contains(' ') =>
        {
            words.into_builder().code(denied.error.as_str()).build()
        }
        _ => words,
    }
}

fn body(client_id: &str, proof: &SignInProof) -> CreateOAuth2TokenRequestBody {
    let body = CreateOAuth2TokenRequestBody::builder().client_id(client_id);
    let body = match proof {
        SignInProof::Code(AuthorizedCode { code, verifier, redirect_uri }) => body
            .grant_type("authorization_code")
            .code(code.expose())
            .code_verifier(verifier.expose())
            .redirect_uri(redirect_uri),
        SignInProof::Refresh(token) => {
            body.grant_type("refresh_token").refresh_token(token.expose())
        }
    };
    body.build().expect("client and grant type are set")
}

/// The answer; the SDK fills in empty texts for what is missing.
fn complete(aws: &Aws, output: CreateOAuth2TokenResponseBody, seen: &Seen) -> Option<SignInAnswer> {
    let token = output.access_token?;
    let expires_at = aws.end_of(output.expires_in, seen)?;
    let session = output.id_token.as_deref().and_then(subject);
    Some(SignInAnswer {
        credentials: SessionCredentials {
            access_key_id: word(token.access_key_id)?,
            secret_access_key: line(token.secret_access_key)?,
            session_token: Some(Secret::new(word(token.session_token)?)),
            expiration: Expiration::At(expires_at),
            account_id: session.as_deref().and_then(arn::account).map(str::to_owned),
        },
        refresh_token: Secret::new(text(output.refresh_token)?),
        id_token: text(output.id_token).map(Secret::new),
        session,
    })
}

/// `sub` of a JWT. Its signature is not looked at: it came from AWS itself, over TLS.
fn subject(id_token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        sub: String,
    }
    let mut parts = id_token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let payload =
        Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?);
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    let is_arn = claims.sub.starts_with("arn:") && claims.sub.chars().all(|c| c.is_ascii_graphic());
    is_arn.then_some(claims.sub)
}
