//! Faults, TLS, the proxy, and the end.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{body, exchange, refusal, status, user};
use crate::fake_aws::fault::Fault;
use crate::fake_aws::proxy::FakeProxy;
use crate::fake_aws::{FakeAws, sample};
use crate::given::wait_for;

const HEAD: &str = "POST / HTTP/1.1\nHost: x";
const FORM: &str = "Action=GetCallerIdentity&Version=2011-06-15";

#[tokio::test]
async fn faults_come_as_often_as_planned() {
    let aws = FakeAws::start();
    let call = || async {
        match user(&aws).get_caller_identity().send().await {
            Ok(_) => "fine".to_owned(),
            Err(error) => refusal::<(), _>(Err(error)),
        }
    };
    for (fault, expected) in [
        (Fault::THROTTLE, "400 Throttling Rate exceeded"),
        (Fault::TOO_MANY_REQUESTS, "429 TooManyRequestsException Rate exceeded"),
        (Fault::LIMIT_EXCEEDED, "503 RequestLimitExceeded Request limit exceeded."),
        (
            Fault::INTERNAL,
            "500 InternalFailure The request processing has failed because of an unknown error, \
             exception or failure.",
        ),
        (
            Fault::UNAVAILABLE,
            "503 ServiceUnavailable The request has failed due to a temporary failure of the server.",
        ),
        (Fault::Truncate, "not refused"),
        (Fault::Reset, "not refused"),
    ] {
        aws.fail("GetCallerIdentity", fault, 2);
        aws.fail("AssumeRole", Fault::Hang, 1);
        for expected in [expected, expected, "fine"] {
            assert_eq!(call().await, expected, "{fault:?}");
        }
    }
    aws.fail("*", Fault::THROTTLE, 1);
    assert_eq!(call().await, "400 Throttling Rate exceeded");
    assert_eq!(aws.count("GetCallerIdentity"), 22);
}

#[test]
fn connections_break_as_planned() {
    let aws = FakeAws::start();
    aws.fail("GetCallerIdentity", Fault::Reset, 1);
    let error = exchange(aws.url(), HEAD, FORM).expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);

    aws.fail("GetCallerIdentity", Fault::Truncate, 1);
    let answer = exchange(aws.url(), HEAD, FORM).expect("the first half");
    let length = answer.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let length: usize = length.and_then(|text| text.parse().ok()).expect("a length");
    assert_eq!(body(&answer).len(), length / 2);

    aws.fail("GetCallerIdentity", Fault::Garbage, 1);
    let answer = exchange(aws.url(), HEAD, FORM).expect("garbage");
    assert!(status(&answer) == "200" && body(&answer).ends_with("&nbsp;<<"), "{answer}");

    aws.fail("GetCallerIdentity", Fault::Delay(Duration::from_millis(60)), 1);
    aws.control(|state| state.latency = Duration::from_millis(40));
    let start = Instant::now();
    assert_eq!(status(&exchange(aws.url(), HEAD, FORM).expect("a late answer")), "403");
    assert!(start.elapsed() >= Duration::from_millis(100), "{:?}", start.elapsed());
    let outcomes: Vec<_> = aws.calls().into_iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes, ["reset", "truncated", "garbage", "MissingAuthenticationToken"]);
}

#[tokio::test]
async fn a_lost_answer_has_used_the_code() {
    let aws = FakeAws::start();
    let code = aws.unused_mfa_code(sample::MFA_SERIAL);
    aws.fail("GetSessionToken", Fault::LoseAnswer, 1);
    let call = || {
        let call = user(&aws).get_session_token().serial_number(sample::MFA_SERIAL);
        call.token_code(&code).send()
    };
    assert!(call().await.is_err());
    let refused = refusal(call().await);
    assert!(refused.contains("invalid MFA one time pass code"), "{refused}");
}

/// The answer to an unsigned request over TLS, on a connection that is there already.
async fn tls_exchange(stream: TcpStream, name: &'static str, aws: &FakeAws) -> String {
    let mut roots = RootCertStore::empty();
    let pem = CertificateDer::from_pem_file(aws.ca_pem_path()).expect("a PEM file");
    roots.add(pem).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name).expect("a name");
    let mut stream =
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("a handshake");
    let request = format!(
        "POST / HTTP/1.1\r\nHost: sts\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{FORM}",
        FORM.len()
    );
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut answer = Vec::new();
    // A server that closes without `close_notify` still has answered.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn every_name_has_a_certificate() {
    let aws = FakeAws::start();
    for name in ["127.0.0.1", "localhost", "sts.eu-west-1.amazonaws.com"] {
        let address = aws.tls_url().trim_start_matches("https://");
        let stream = TcpStream::connect(address).await.expect("a connection");
        let answer = tls_exchange(stream, name, &aws).await;
        assert_eq!(status(&answer), "403", "{name}: {answer}");
    }
    assert!(aws.calls().iter().all(|call| call.tls));
}

#[tokio::test]
async fn the_proxy_tunnels_and_forwards() {
    let aws = FakeAws::start();
    let proxy = FakeProxy::start(&aws);
    let address = proxy.url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = b"CONNECT sts.eu-west-1.amazonaws.com:443 HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(head).await.expect("a request");
    let mut established = [0; 39];
    stream.read_exact(&mut established).await.expect("an answer");
    assert_eq!(&established, b"HTTP/1.1 200 Connection established\r\n\r\n");
    let answer = tls_exchange(stream, "sts.eu-west-1.amazonaws.com", &aws).await;
    assert_eq!(status(&answer), "403", "{answer}");

    let head = "POST http://sts.amazonaws.com/ HTTP/1.1\nHost: sts.amazonaws.com";
    let answer = exchange(proxy.url(), head, FORM).expect("an answer");
    assert!(answer.contains("MissingAuthenticationToken"), "{answer}");
    assert_eq!(status(&exchange(proxy.url(), HEAD, FORM).expect("an answer")), "400");
    let seen = proxy.requests();
    assert_eq!(seen, ["CONNECT sts.eu-west-1.amazonaws.com:443", "http://sts.amazonaws.com"]);
    let hosts: Vec<_> = aws.calls().into_iter().map(|call| (call.host, call.tls)).collect();
    assert_eq!(hosts, [("sts".into(), true), ("sts.amazonaws.com".into(), false)]);
}

#[test]
fn a_proxy_may_want_a_password() {
    let aws = FakeAws::start();
    let proxy = FakeProxy::start_with_authorization(&aws, "Basic dTpw");
    for (header, plain, tunnel) in
        [("", "407", "407"), ("\nProxy-Authorization: Basic dTpw", "403", "200")]
    {
        let head = format!("POST http://sts.amazonaws.com/ HTTP/1.1\nHost: x{header}");
        assert_eq!(status(&exchange(proxy.url(), &head, FORM).expect("an answer")), plain);
        let head = format!("CONNECT sts.amazonaws.com:80 HTTP/1.1\nHost: x{header}");
        let inside = "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let answer = exchange(proxy.url(), &head, inside).expect("an answer");
        assert_eq!(status(&answer), tunnel);
        assert_eq!(tunnel == "200", status(body(&answer)) == "404", "{answer}");
    }
    assert_eq!(proxy.requests().len(), 4);
}

#[test]
fn a_dropped_stand_in_refuses_connections() {
    let aws = FakeAws::start();
    let url = aws.url().to_owned();
    assert!(exchange(&url, HEAD, FORM).is_ok());
    drop(aws);
    // Another test's listener may have its port by now, and ends with that test.
    let refused =
        || exchange(&url, HEAD, FORM).err().filter(|e| e.kind() == ErrorKind::ConnectionRefused);
    wait_for("the end of the port", refused);
}
