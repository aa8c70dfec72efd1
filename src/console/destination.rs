//! The address of a page of the console.

use form_urlencoded::byte_serialize;

use super::services::Service;
use crate::credentials::arn;

/// What is to be shown.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    Home,
    Service(&'static Service),
    /// Below the console's host
    Path(String),
    /// The whole address
    Url(String),
    /// A resource
    Arn(String),
}

/// Where the console is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// `https://eu-west-1.console.aws.amazon.com`
    pub origin: &'a str,
    pub region: &'a str,
    /// By which the console finds the right one of several sessions
    pub account: Option<&'a str>,
}

impl Destination {
    /// The region that it is in, if it says one.
    pub(crate) fn region(&self) -> Option<&str> {
        match self {
            Self::Arn(arn) => arn.split(':').nth(3).filter(|region| !region.is_empty()),
            Self::Home | Self::Service(_) | Self::Path(_) | Self::Url(_) => None,
        }
    }

    /// The account that it is of, if it says one.
    pub(crate) fn account(&self) -> Option<&str> {
        match self {
            // Policies of AWS's own are of the account `aws`.
            Self::Arn(arn) => arn::account(arn).filter(|account| account.len() == 12),
            Self::Home | Self::Service(_) | Self::Path(_) | Self::Url(_) => None,
        }
    }

    pub(crate) fn url(&self, place: Place<'_>) -> String {
        let Place { origin, region, account } = place;
        let account = account.map(|account| format!("&account={account}")).unwrap_or_default();
        match self {
            Self::Home => format!("{origin}/console/home?region={region}{account}"),
            Self::Service(Service { path, .. }) => {
                let (path, fragment) = match path.split_once('#') {
                    Some((path, fragment)) => (path, format!("#{fragment}")),
                    None => (*path, String::new()),
                };
                format!("{origin}/{path}?region={region}{account}{fragment}")
            }
            Self::Path(path) => format!("{origin}/{}", path.trim_start_matches('/')),
            Self::Url(url) => url.clone(),
            // The console's own search for resources, which shows its home where it has no page for one.
            Self::Arn(arn) => {
                let arn: String = byte_serialize(arn.as_bytes()).collect();
                format!("{origin}/go/view?arn={arn}&region={region}{account}")
            }
        }
    }
}

/// Holds a text to be a path below the console's host; else what is wrong with it, behind "it".
pub(crate) fn check_path(text: &str) -> Result<(), &'static str> {
    match text.trim_start_matches('/') {
        "" => Err("is empty"),
        text if !text.chars().all(|c| c.is_ascii_graphic()) => {
            Err("has a blank, a control character, or one that is not ASCII")
        }
        text if text.contains("://") => Err("is a whole address: give it with --url"),
        _ => Ok(()),
    }
}

/// Holds a text to be an address of the console at `origin`, or of another one of the same partition; else what is
/// wrong with it, behind "it".
pub(crate) fn check_url(text: &str, origin: &str) -> Result<(), String> {
    if !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err("has a blank, a control character, or one that is not ASCII".to_owned());
    }
    // `aws.amazon.com` of `https://eu-west-1.console.aws.amazon.com`
    let site = origin.split_once(".console.").map_or(origin, |(_, site)| site);
    let rest = text.strip_prefix("https://").ok_or("does not begin with https://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.to_ascii_lowercase();
    match host.strip_suffix(site).is_some_and(|before| before.ends_with('.')) {
        // Neither a port nor a name before an @.
        true if host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') => Ok(()),
        _ => Err(format!("is no address below {site}, where the console is")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::find_service;
    use super::*;

    const ORIGIN: &str = "https://eu-west-1.console.aws.amazon.com";

    #[test]
    fn each_has_its_address() {
        let service = |name| Destination::Service(find_service(name).unwrap());
        let arn = |text: &str| Destination::Arn(text.to_owned());
        let account = Some("111111111111");
        for (destination, account, expected) in [
            (Destination::Home, None, "/console/home?region=eu-west-1"),
            (Destination::Home, account, "/console/home?region=eu-west-1&account=111111111111"),
            (service("ec2"), None, "/ec2/home?region=eu-west-1"),
            (
                service("logs"),
                account,
                "/cloudwatch/home?region=eu-west-1&account=111111111111#logsV2:log-groups",
            ),
            (Destination::Path("/ec2/home?x=1#Y:".into()), account, "/ec2/home?x=1#Y:"),
            (Destination::Path("//evil.example/".into()), None, "/evil.example/"),
            (
                arn("arn:aws:s3:::a bucket&b"),
                None,
                "/go/view?arn=arn%3Aaws%3As3%3A%3A%3Aa+bucket%26b&region=eu-west-1",
            ),
        ] {
            let place = Place { origin: ORIGIN, region: "eu-west-1", account };
            assert_eq!(destination.url(place), format!("{ORIGIN}{expected}"));
        }
    }

    #[test]
    fn an_arn_says_where_and_whose_it_is() {
        for (text, region, account) in [
            ("arn:aws:s3:::bucket", None, None),
            (
                "arn:aws:lambda:us-east-2:111111111111:function:f",
                Some("us-east-2"),
                Some("111111111111"),
            ),
            ("arn:aws:iam::aws:policy/ReadOnlyAccess", None, None),
            ("arn:aws:iam::111111111111:role/r", None, Some("111111111111")),
        ] {
            let arn = Destination::Arn(text.to_owned());
            assert_eq!((arn.region(), arn.account()), (region, account), "{text}");
        }
    }

    #[test]
    fn an_address_is_the_consoles() {
        for (url, is_one) in [
            ("https://eu-west-1.console.aws.amazon.com/ec2/home", true),
            ("https://111111111111-abcdefgh.us-east-1.console.aws.amazon.com/s3", true),
            ("https://console.aws.amazon.com", true),
            ("https://us-east-1.quicksight.aws.amazon.com/sn/start", true),
            ("http://console.aws.amazon.com", false),
            ("https://console.aws.amazon.com.evil.example/", false),
            ("https://evil.example/.console.aws.amazon.com", false),
            ("https://evil.example\\.console.aws.amazon.com", false),
            ("https://evil.example@console.aws.amazon.com", false),
            ("https://me:x@console.aws.amazon.com", false),
            ("https://console.aws.amazon.com:8443/", false),
            ("https://notaws.amazon.com/", false),
            ("https://console.amazonaws.cn/", false),
            ("https://console.aws.amazon.com/a b", false),
            ("https://", false),
            ("", false),
        ] {
            assert_eq!(check_url(url, ORIGIN).is_ok(), is_one, "{url}");
        }
        assert!(
            check_url("https://console.amazonaws.cn/", "https://cn-north-1.console.amazonaws.cn")
                .is_ok()
        );
    }
}
