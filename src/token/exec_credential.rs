//! What kubectl tells a program that it asks for credentials, and what it wants to hear.
//! <https://kubernetes.io/docs/reference/config-api/client-authentication.v1/>

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::credentials::Secret;
use crate::text::{printable, utc};

/// Where kubectl says it.
pub(crate) const VARIABLE: &str = "KUBERNETES_EXEC_INFO";

/// The versions of the answer: those that are answered in, the last one with a warning.
const VERSIONS: [&str; 3] = [
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
    "client.authentication.k8s.io/v1alpha1",
];
const DEPRECATED: &str = VERSIONS[2];
/// What is answered where nobody says; kubectl of before 1.20 does not.
const USUAL: &str = VERSIONS[1];

/// The token of a cluster, which carries the URL that tells whose it is.
pub(crate) fn cluster_token(url: &Secret) -> Secret {
    Secret::new(format!("k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(url.expose())))
}

/// What kubectl says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ExecInfo {
    pub api_version: &'static str,
    /// Whether a person may be asked at the terminal
    pub is_interactive: bool,
    pub warning: Option<String>,
}

impl ExecInfo {
    /// As the AWS CLI reads the variable, which has a traceback for JSON that is no object.
    pub(crate) fn read(variable: Option<&str>) -> Self {
        let usual = |problem: Option<String>| Self {
            api_version: USUAL,
            is_interactive: true,
            warning: problem.map(|problem| {
                format!("{VARIABLE} {problem}; the answer is of {USUAL}, which it may not read")
            }),
        };
        let Some(text) = variable else { return usual(None) };
        let Ok(info) = serde_json::from_str::<Value>(text) else {
            return usual(Some("is not JSON".to_owned()));
        };
        let is_interactive = info["spec"]["interactive"].as_bool().unwrap_or(true);
        let said = info["apiVersion"].as_str().unwrap_or_default();
        let info = match VERSIONS.into_iter().find(|version| *version == said) {
            Some(api_version) => {
                let warning = (api_version == DEPRECATED).then(|| {
                    format!("{api_version} is deprecated: name {USUAL} in the kubeconfig")
                });
                Self { api_version, is_interactive, warning }
            }
            None if said.is_empty() => usual(Some("says no apiVersion".to_owned())),
            None => {
                let said: String = said.chars().take(100).collect();
                usual(Some(format!("asks for {}, which awsx does not know", printable(&said))))
            }
        };
        Self { is_interactive, ..info }
    }

    /// The answer, as `aws eks get-token` has it.
    pub(crate) fn answer(&self, token: &Secret, expires_at: DateTime<Utc>) -> Value {
        json!({
            "kind": "ExecCredential",
            "apiVersion": self.api_version,
            "spec": {},
            "status": { "expirationTimestamp": utc(expires_at), "token": token.expose() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_read_as_the_aws_cli_reads_it() {
        let v1 = r#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":true}}"#;
        let quiet = v1.replace("true", "false");
        let old = v1.replace("/v1", "/v1alpha1");
        let new = v1.replace("/v1", "/v2");
        for (docs, text, version, is_interactive, warning) in [
            ("nobody says", None, "v1beta1", true, None),
            ("v1", Some(v1), "v1", true, None),
            ("nobody is there", Some(&quiet), "v1", false, None),
            ("v1beta1", Some(&v1.replace("/v1", "/v1beta1")), "v1beta1", true, None),
            ("deprecated", Some(&old), "v1alpha1", true, Some("/v1alpha1 is deprecated: name")),
            (
                "unknown",
                Some(&new),
                "v1beta1",
                true,
                Some("asks for client.authentication.k8s.io/v2"),
            ),
            (
                "no JSON",
                Some("nonsense"),
                "v1beta1",
                true,
                Some("KUBERNETES_EXEC_INFO is not JSON"),
            ),
            ("a list", Some("[]"), "v1beta1", true, Some("says no apiVersion")),
            ("a number", Some(r#"{"apiVersion":1}"#), "v1beta1", true, Some("says no apiVersion")),
            ("steers", Some(r#"{"apiVersion":"\u001b[2J"}"#), "v1beta1", true, Some("asks for ")),
        ] {
            let info = ExecInfo::read(text);
            assert_eq!(info.api_version.rsplit('/').next(), Some(version), "{docs}");
            assert_eq!(info.is_interactive, is_interactive, "{docs}");
            let said = info.warning.as_deref();
            assert_eq!(said.is_some(), warning.is_some(), "{docs}: {said:?}");
            assert!(said.unwrap_or_default().contains(warning.unwrap_or_default()), "{said:?}");
            assert!(!said.unwrap_or_default().contains('\u{1b}'), "{said:?}");
        }
    }
}
