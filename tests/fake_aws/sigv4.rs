//! Signature Version 4, the verifying side, written from AWS's description and from nothing else:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
//! Signed headers and signed queries (pre-signed URLs). Whose key it is, is `iam.rs`'s matter.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::answer::Refusal;
use super::request::{Request, pairs, percent_encode};

/// What a request says about its signature. Nothing in it is verified yet.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) key_id: String,
    /// The region of the scope
    pub(crate) region: String,
    /// The session token that came along
    pub(crate) token: Option<String>,
    day: String,
    service: String,
    terminator: String,
    headers: Vec<String>,
    signature: String,
    time: String,
    lifetime: Option<TimeDelta>,
}

impl Signed {
    /// Reads the `Authorization` header, or the `X-Amz-…` parameters of a signed query.
    pub(crate) fn of(request: &Request) -> Result<Self, Refusal> {
        if let Some(header) = request.header("authorization") {
            return Self::header(request, header);
        }
        let parameter = |name: &str| {
            pairs(&request.query).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
        };
        if parameter("X-Amz-Signature").is_none() {
            return Err(Refusal::new(
                403,
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            ));
        }
        let seconds = parameter("X-Amz-Expires").and_then(|text| text.parse().ok());
        if parameter("X-Amz-Algorithm").as_deref() != Some("AWS4-HMAC-SHA256") {
            return Err(incomplete("AWS query-string parameters must include 'X-Amz-Algorithm'."));
        }
        Self::assemble(
            parameter("X-Amz-Credential"),
            parameter("X-Amz-SignedHeaders"),
            parameter("X-Amz-Signature"),
            parameter("X-Amz-Date"),
            parameter("X-Amz-Security-Token"),
            Some(TimeDelta::seconds(seconds.unwrap_or(900).clamp(1, 604_800))),
        )
    }

    fn header(request: &Request, header: &str) -> Result<Self, Refusal> {
        let Some(fields) = header.strip_prefix("AWS4-HMAC-SHA256 ") else {
            return Err(incomplete("Unsupported AWS 'algorithm' in the Authorization header."));
        };
        let field = |name: &str| {
            fields
                .split(',')
                .filter_map(|field| field.trim().split_once('='))
                .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
        };
        Self::assemble(
            field("Credential"),
            field("SignedHeaders"),
            field("Signature"),
            request.header("x-amz-date").map(str::to_owned),
            request.header("x-amz-security-token").map(str::to_owned),
            None,
        )
    }

    fn assemble(
        credential: Option<String>,
        headers: Option<String>,
        signature: Option<String>,
        time: Option<String>,
        token: Option<String>,
        lifetime: Option<TimeDelta>,
    ) -> Result<Self, Refusal> {
        let absent = [
            (credential.is_none(), "Authorization header requires 'Credential' parameter."),
            (signature.is_none(), "Authorization header requires 'Signature' parameter."),
            (headers.is_none(), "Authorization header requires 'SignedHeaders' parameter."),
            (
                time.is_none(),
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
            ),
        ];
        let (Some(credential), Some(headers), Some(signature), Some(time)) =
            (credential, headers, signature, time)
        else {
            let missing = absent.iter().filter(|(absent, _)| *absent).map(|(_, message)| *message);
            return Err(incomplete(&missing.collect::<Vec<_>>().join(" ")));
        };
        let [key_id, day, region, service, terminator] =
            credential.split('/').collect::<Vec<_>>()[..]
        else {
            return Err(incomplete(&format!(
                "Credential must have exactly 5 slash-delimited elements, \
                 e.g. keyid/date/region/service/term, got '{credential}'"
            )));
        };
        Ok(Self {
            key_id: key_id.to_owned(),
            region: region.to_owned(),
            token,
            day: day.to_owned(),
            service: service.to_owned(),
            terminator: terminator.to_owned(),
            headers: headers.split(';').map(str::to_owned).collect(),
            signature,
            time,
            lifetime,
        })
    }

    /// Refuses a scope that is not for `service` here, unsigned headers that must be signed, and a
    /// time further than `tolerance` from `now`.
    pub(crate) fn check(
        &self,
        request: &Request,
        service: &str,
        region: Option<&str>,
        now: DateTime<Utc>,
        tolerance: TimeDelta,
    ) -> Result<(), Refusal> {
        for (name, _) in &request.headers {
            let must = name == "host" || name.starts_with("x-amz-");
            if must && !self.headers.contains(name) {
                let name =
                    if name == "host" { "'Host' or ':authority'" } else { &format!("'{name}'") };
                return Err(mismatch(format!(
                    "{name} must be a 'SignedHeader' in the AWS Authorization."
                )));
            }
        }
        if self.terminator != "aws4_request" {
            return Err(mismatch(format!(
                "Credential should be scoped with a valid terminator: 'aws4_request', not '{}'.",
                self.terminator
            )));
        }
        if self.service != service {
            return Err(mismatch(format!(
                "Credential should be scoped to correct service: '{service}'. "
            )));
        }
        if region.is_some_and(|region| region != self.region) {
            return Err(mismatch("Credential should be scoped to a valid region. "));
        }
        if !self.time.starts_with(&self.day) {
            return Err(mismatch(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
                 HTTP: '{}' != '{}', from '{}'.",
                self.day,
                self.time.get(..8).unwrap_or_default(),
                self.time
            )));
        }
        self.check_time(now, tolerance)
    }

    fn check_time(&self, now: DateTime<Utc>, tolerance: TimeDelta) -> Result<(), Refusal> {
        let signed = NaiveDateTime::parse_from_str(&self.time, TIME)
            .map_err(|_| {
                incomplete(&format!(
                    "Date must be in ISO-8601 'basic format'. Got '{}'. \
                     See http://en.wikipedia.org/wiki/ISO_8601",
                    self.time
                ))
            })?
            .and_utc();
        let minutes = tolerance.num_minutes();
        let (time, now_text) = (&self.time, now.format(TIME));
        if let Some(lifetime) = self.lifetime
            && signed + lifetime < now
        {
            let end = (signed + lifetime).format(TIME);
            return Err(mismatch(format!(
                "Signature expired: {end} is now earlier than {now_text}"
            )));
        }
        if self.lifetime.is_none() && signed < now - tolerance {
            let earliest = (now - tolerance).format(TIME);
            return Err(mismatch(format!(
                "Signature expired: {time} is now earlier than {earliest} ({now_text} - {minutes} min.)"
            )));
        }
        if signed > now + tolerance {
            let latest = (now + tolerance).format(TIME);
            return Err(mismatch(format!(
                "Signature not yet current: {time} is still later than {latest} \
                 ({now_text} + {minutes} min.)"
            )));
        }
        Ok(())
    }

    /// Refuses a signature that was not made with `secret`.
    pub(crate) fn verify(&self, request: &Request, secret: &str) -> Result<(), Refusal> {
        if self.signature(request, secret) == self.signature {
            return Ok(());
        }
        Err(mismatch(
            "The request signature we calculated does not match the signature you provided. Check your \
             AWS Secret Access Key and signing method. Consult the service documentation for details.",
        ))
    }

    fn signature(&self, request: &Request, secret: &str) -> String {
        let scope = format!("{}/{}/{}/{}", self.day, self.region, self.service, self.terminator);
        let digest = hex(&Sha256::digest(self.canonical(request)));
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{digest}", self.time);
        let key = [&self.day, &self.region, &self.service, &self.terminator]
            .into_iter()
            .fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac_sha256(&key, part));
        hex(&hmac_sha256(&key, &text))
    }

    /// The canonical request. Its path is as sent: STS has only `/`, which every rule leaves alone.
    fn canonical(&self, request: &Request) -> String {
        let mut query: Vec<_> = pairs(&request.query)
            .into_iter()
            .filter(|(name, _)| name != "X-Amz-Signature")
            .map(|(name, value)| (percent_encode(&name), percent_encode(&value)))
            .collect();
        query.sort();
        let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();

        let mut names = self.headers.clone();
        names.sort();
        let headers: String = names
            .iter()
            .map(|name| {
                let values: Vec<_> = request
                    .headers
                    .iter()
                    .filter(|(key, _)| key == name)
                    .map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" "))
                    .collect();
                format!("{name}:{}\n", values.join(","))
            })
            .collect();
        let body = hex(&Sha256::digest(&request.body));
        [&request.method, &request.path, &query.join("&"), &headers, &names.join(";"), &body]
            .map(String::as_str)
            .join("\n")
    }
}

const TIME: &str = "%Y%m%dT%H%M%SZ";

fn incomplete(message: &str) -> Refusal {
    Refusal::new(400, "IncompleteSignature", message)
}

fn mismatch(message: impl Into<String>) -> Refusal {
    Refusal::new(403, "SignatureDoesNotMatch", message)
}

pub(crate) fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
