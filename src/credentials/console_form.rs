//! What signs a browser in to the console.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>

use form_urlencoded::Serializer;

use super::Secret;

/// A form that a browser posts, or opens as an address, within a quarter of an hour; AWS takes it once.
#[derive(Clone, Debug)]
pub(crate) struct ConsoleForm {
    /// The federation endpoint
    pub endpoint: String,
    /// `Destination`
    pub destination: String,
    /// `SigninToken`
    pub token: Secret,
    /// Where the browser signs out first of what it is signed in to
    pub sign_out: Option<String>,
}

/// `Issuer`, which AWS shows to nobody that it does not send back.
const ISSUER: &str = "awsx";

impl ConsoleForm {
    /// Its names and values.
    pub(crate) fn fields(&self) -> [(&'static str, &str); 4] {
        [
            ("Action", "login"),
            ("Issuer", ISSUER),
            ("Destination", &self.destination),
            ("SigninToken", self.token.expose()),
        ]
    }

    /// The same as an address.
    pub(crate) fn address(&self) -> Secret {
        let mut query = query_of(&self.endpoint);
        let address = Secret::new(query.extend_pairs(self.fields()).finish());
        match self.sign_out_address(Some(&address)) {
            Some(sign_out) => sign_out,
            None => address,
        }
    }

    /// The address that signs the browser out first, and leads on.
    pub(crate) fn sign_out_address(&self, then: Option<&Secret>) -> Option<Secret> {
        let mut query = query_of(self.sign_out.as_ref()?);
        query.append_pair("Action", "logout");
        if let Some(then) = then {
            query.append_pair("redirect_uri", then.expose());
        }
        Some(Secret::new(query.finish()))
    }
}

/// What is added stands behind the `?`.
fn query_of(address: &str) -> Serializer<'static, String> {
    let address = format!("{address}?");
    let start = address.len();
    Serializer::for_suffix(address, start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_every_field() {
        let form = ConsoleForm {
            endpoint: "https://eu-west-1.signin.aws.amazon.com/federation".to_owned(),
            destination: "https://console.aws.amazon.com/a?b=c&d#e".to_owned(),
            token: Secret::new("planted+/="),
            sign_out: None,
        };
        assert_eq!(
            form.address().expose(),
            "https://eu-west-1.signin.aws.amazon.com/federation?Action=login&Issuer=awsx\
             &Destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fa%3Fb%3Dc%26d%23e\
             &SigninToken=planted%2B%2F%3D"
        );
        assert!(!format!("{form:?}").contains("planted"));
        let sign_out = Some("https://eu-west-1.signin.aws.amazon.com/oauth".to_owned());
        let form = ConsoleForm { sign_out, ..form };
        let address = form.address();
        let (first, then) = address.expose().split_once("&redirect_uri=").unwrap();
        assert_eq!(first, "https://eu-west-1.signin.aws.amazon.com/oauth?Action=logout");
        assert!(then.contains("%26SigninToken%3Dplanted%252B%252F%253D"), "{then}");
    }
}
