//! What SDKs make of the server.

use crate::children::{AWS_CLIS, javascript_modules, run, sandbox as with_tools};

const READ_ONLY: &str = "arn:aws:sts::111111111111:assumed-role/ReadOnly/awsx-ann";

/// Asks STS who it is, without a pause, until so many keys have been used; each answer must be good.
const BOTO3: &str = "\
import boto3, sys
session = boto3.Session()
sts, keys = session.client('sts', region_name='eu-west-1'), set()
while len(keys) <= int(sys.argv[1]):
    assert sts.get_caller_identity()['Arn'].endswith('assumed-role/ReadOnly/awsx-ann')
    keys.add(session.get_credentials().get_frozen_credentials().access_key)
print(session.get_credentials().method, len(keys))
";

/// The same with the SDK for JavaScript.
const NODE: &str = "\
const { STSClient, GetCallerIdentityCommand } = require('@aws-sdk/client-sts');
(async () => {
  const sts = new STSClient({ region: 'eu-west-1' }), keys = new Set();
  while (keys.size <= Number(process.argv[2])) {
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    if (!Arn.endsWith('assumed-role/ReadOnly/awsx-ann')) process.exit(9);
    keys.add((await sts.config.credentials()).accessKeyId);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  console.log('node', keys.size);
})();
";

/// So many sessions end meanwhile.
const ENDS: usize = 4;

/// The same with the SDK for Rust: `awsx exec` runs this test as its command.
#[test]
#[ignore = "it needs a server around it"]
fn the_rust_sdk_asks() {
    use aws_config::BehaviorVersion;
    use aws_credential_types::provider::ProvideCredentials;

    let work = async {
        let http = aws_smithy_http_client::Builder::new().build_http();
        let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
        let sts = aws_sdk_sts::Client::new(&config);
        let mut keys = std::collections::BTreeSet::new();
        while keys.len() <= ENDS {
            let who = sts.get_caller_identity().send().await.unwrap();
            assert!(who.arn().unwrap().ends_with("assumed-role/ReadOnly/awsx-ann"));
            let provider = config.credentials_provider().unwrap();
            keys.insert(provider.provide_credentials().await.unwrap().access_key_id().to_owned());
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
}

#[test]
fn boto3_and_the_aws_clis_take_the_servers_credentials() {
    let sandbox = with_tools();
    sandbox.set("HTTP_PROXY", "http://127.0.0.1:9");
    sandbox.set("NO_PROXY", "127.0.0.1");
    let exec = ["awsx", "exec", "--server", "readonly", "--region", "eu-west-1", "--"];
    let boto3 = run(&sandbox, &[&exec[..], &["python", "planted/who.py"]].concat()).ok().json();
    assert_eq!((&boto3["arn"], &boto3["method"]), (&READ_ONLY.into(), &"container-role".into()));
    for aws in AWS_CLIS {
        let cli = [&exec[..], &[aws, "sts", "get-caller-identity"]].concat();
        assert_eq!(run(&sandbox, &cli).ok().json()["Arn"], READ_ONLY, "{aws}");
    }
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
}

/// A program that runs on, and two that are started again and again.
#[test]
fn programs_outlive_the_sessions() {
    // The last quarter of a session is enough for a slow machine to start a program and make a call.
    const SECONDS: u32 = 16;
    let sandbox = with_tools();
    sandbox.aws.control(|state| state.iam.longest_session = Some(SECONDS.into()));
    sandbox.write("planted/asks.py", BOTO3);
    sandbox.write("planted/asks.js", NODE);
    javascript_modules(&sandbox);
    let this = std::env::current_exe().unwrap();
    sandbox.set("THIS_TEST", this.to_str().unwrap());
    let line = format!(
        "python planted/asks.py {ENDS} & last=$!; \
         node planted/asks.js {ENDS} & all=$!; \
         \"$THIS_TEST\" --exact server::programs::the_rust_sdk_asks --ignored >/dev/null & all=\"$all $!\"; \
         for aws in aws aws2; do \
             (while kill -0 $last 2>/dev/null; do $aws sts get-caller-identity >/dev/null || exit 9; done) & \
             all=\"$all $!\"; \
         done; \
         for one in $all $last; do wait $one || exit 9; done"
    );
    let exec = ["awsx", "exec", "--server", "readonly", "--region", "eu-west-1", "--"];
    let ran = run(&sandbox, &[&exec[..], &["bash", "-c", &sandbox.marked(&line)]].concat()).ok();
    let keys = ENDS + 1;
    ran.prints(&format!("container-role {keys}")).prints(&format!("node {keys}"));
    let refused = sandbox.aws.calls().into_iter().filter(|call| call.outcome != "OK").count();
    assert_eq!(refused, 0, "{:?}", sandbox.aws.calls());
    assert!(sandbox.aws.count("AssumeRole") > ENDS);
    sandbox.nothing_runs();
}

#[test]
fn a_hundred_programs_share_one_renewal() {
    // However slow the machine is: a session is renewed when three quarters of it are over, and no sooner. The last
    // one is enough for a slow machine to make a call.
    const SECONDS: u32 = 16;
    let sandbox = with_tools();
    sandbox.aws.control(|state| state.iam.longest_session = Some(SECONDS.into()));
    // The shell's own client: bash has sockets, and starts in a millisecond.
    let ask = r#"uri=${AWS_CONTAINER_CREDENTIALS_FULL_URI#http://}; host=${uri%%/*}; path=/${uri#*/}
        exec 3<>"/dev/tcp/${host%:*}/${host#*:}"
        printf 'GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n\r\n' "$path" "$host" "$AWS_CONTAINER_AUTHORIZATION_TOKEN" >&3
        answer=$(cat <&3)
        case $answer in *"200 OK"*AccessKeyId*) ;; *) exit 9;; esac"#;
    sandbox.write("planted/ask", ask);
    let line = "for round in 1 2 3; do all=; [ $round = 1 ] || sleep 12; \
         for n in $(seq 100); do bash planted/ask & all=\"$all $!\"; done; \
         for one in $all; do wait $one || exit 9; done; done";
    let exec = ["awsx", "exec", "--server", "readonly", "--"];
    let began = std::time::Instant::now();
    run(&sandbox, &[&exec[..], &["bash", "-c", line]].concat()).ok();
    let most = 1 + began.elapsed().as_secs() / u64::from(SECONDS * 3 / 4);
    let minted = sandbox.aws.count("AssumeRole");
    assert!((2..=most).contains(&(minted as u64)), "{minted} of {most}");
}
