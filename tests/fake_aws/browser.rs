//! The person at the browser: opens a page, follows where it leads on this machine, chooses Allow or Deny.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A browser of one person.
#[derive(Debug, Default)]
pub(crate) struct Browser {
    /// `NAME=VALUE`, for this machine, whatever the port
    cookies: Vec<String>,
}

/// How many redirects are followed.
const MOST_REDIRECTS: usize = 10;

/// Where the browser came to rest.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) url: String,
    /// HTTP status; a redirect's, where it leads off this machine
    pub(crate) status: u16,
    /// Where a redirect leads that was not followed
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

impl Page {
    /// The code that it shows to whoever has to type it elsewhere.
    pub(crate) fn code(&self) -> &str {
        let code = self.body.split_once("<code id=\"code\">").expect("the page shows a code").1;
        code.split_once('<').expect("an element ends").0
    }
}

/// Opens `url` in a new browser and follows redirects as long as they stay on this machine.
pub(crate) fn open(url: &str) -> Page {
    Browser::default().open(url)
}

/// Opens `url` in a new browser and chooses Allow, where the page asks.
pub(crate) fn approve(url: &str) -> Page {
    Browser::default().choose(url, "allow")
}

/// Opens `url` in a new browser and chooses Deny, where the page asks.
pub(crate) fn deny(url: &str) -> Page {
    Browser::default().choose(url, "deny")
}

/// One request of a new browser, no redirects.
pub(crate) fn get(url: &str) -> Page {
    Browser::default().get(url)
}

/// The address behind `<a id="ID" href="…">`.
fn link<'a>(body: &'a str, id: &str) -> Option<&'a str> {
    let start = format!("<a id=\"{id}\" href=\"");
    body.split_once(&start)?.1.split_once('"').map(|(link, _)| link)
}

impl Browser {
    /// Opens `url`, which must be on this machine, and follows redirects as long as they stay on it.
    pub(crate) fn open(&mut self, url: &str) -> Page {
        let mut page = self.get(url);
        for _ in 0..MOST_REDIRECTS {
            let next = page.location.as_deref().map(|location| absolute(&page.url, location));
            match next.filter(|next| is_local(next)) {
                Some(next) => page = self.get(&next),
                None => return page,
            }
        }
        panic!("{url} redirects without end");
    }

    /// Opens `url` and chooses what is behind `<a id="ID">`, where the page has it.
    pub(crate) fn choose(&mut self, url: &str, id: &str) -> Page {
        let page = self.open(url);
        match link(&page.body, id) {
            Some(link) => self.open(&absolute(&page.url, link)),
            None => page,
        }
    }

    /// One request, no redirects.
    pub(crate) fn get(&mut self, url: &str) -> Page {
        self.send(url, "GET", true, "")
    }

    /// A form that a page of another site posts: cookies for this machine alone stay behind.
    pub(crate) fn post(&mut self, url: &str, form: &str) -> Page {
        self.send(url, "POST", false, form)
    }

    fn send(&mut self, url: &str, method: &str, has_cookies: bool, body: &str) -> Page {
        let (authority, target) = parts(url).expect("an http:// address");
        let mut stream = TcpStream::connect(authority).expect("someone listens there");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("an open socket takes options");
        // In one piece: a listener may answer, and close, after its first read.
        let cookies = match has_cookies && !self.cookies.is_empty() {
            false => String::new(),
            true => format!("Cookie: {}\r\n", self.cookies.join("; ")),
        };
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: {authority}\r\n{cookies}Content-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("the listener reads the request");
        let mut answer = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => answer.extend_from_slice(&buffer[..length]),
                // Some listeners close before they have read everything: what came, came.
                Err(_) if !answer.is_empty() => break,
                Err(error) => panic!("{url}: {error}"),
            }
        }
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let header = |wanted: &str| {
            let headers = head.lines().filter_map(|line| line.split_once(':'));
            let mut found = headers.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.next().map(|(_, value)| value.trim().to_owned())
        };
        if let Some(cookie) = header("set-cookie") {
            self.cookies.extend(cookie.split(';').next().map(str::to_owned));
        }
        let location = header("location");
        Page {
            url: url.to_owned(),
            status: status.expect("an HTTP status"),
            location,
            body: body.to_owned(),
        }
    }
}

/// `host:port` and the path with its query.
fn parts(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("http://")?;
    let (authority, target) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some((authority, if target.is_empty() { "/" } else { target }))
}

fn is_local(url: &str) -> bool {
    parts(url).is_some_and(|(authority, _)| {
        ["127.0.0.1:", "localhost:", "[::1]:"].iter().any(|host| authority.starts_with(host))
    })
}

/// `location` as seen from `url`.
fn absolute(url: &str, location: &str) -> String {
    match parts(url) {
        Some((authority, _)) if location.starts_with('/') => {
            format!("http://{authority}{location}")
        }
        _ => location.to_owned(),
    }
}
