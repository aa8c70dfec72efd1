//! `awsx docker-env`: a container asks the server. There is no engine here, so a network of its own behind a bridge
//! stands for one, with the file that is mounted into it.

use crate::children;
use crate::sandbox::{CONFIG, Sandbox};

/// A machine with a bridge, on which a server runs, and `container`, which runs its arguments as `docker run` would.
/// Its first argument is what awsx printed.
const MACHINE: &str = r#"
set -eu
ip link set lo up
ip link add br0 type bridge
ip address add 172.17.0.1/16 dev br0
ip link set br0 up
ip address add 169.254.170.2/32 dev lo
awsx serve readonly --address 169.254.170.2 2> planted/serve.log &
server=$!
until awsx serve --status -q | grep -q 169.254.170.2; do :; done
arguments=$(awsx docker-env readonly)
echo "$arguments" > planted/arguments
unshare -n sleep 1000 &
behind=$!
trap 'kill $behind $server 2> planted/killed || true' EXIT
until [ "$(readlink /proc/$behind/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
ip link add outside type veth peer name inside
ip link set outside master br0 up
ip link set inside netns $behind
nsenter -t $behind -n sh -c '
    ip link set lo up
    ip address add 172.17.0.2/16 dev inside
    ip link set inside up
    ip route add default via 172.17.0.1'
container() {
    nsenter -t $behind -n unshare -m sh -eu -c '
        words=$1
        shift
        mount -t tmpfs none /run
        mkdir /run/awsx
        touch /run/awsx/token
        set -- $words -- "$@"
        while [ "$1" != -- ]; do
            case $1 in
                --env) export "$2" ;;
                --volume) mount --bind "${2%%:*}" "$(echo "$2" | cut -d: -f2)" ;;
            esac
            shift 2
        done
        shift
        unset AWS_ENDPOINT_URL AWSX_PASSPHRASE_FILE
        HOME=/nonexistent exec "$@"' sh "$arguments" "$@"
}
container python -c '
import boto3
print(boto3.Session().get_credentials().access_key)'
container aws2 configure export-credentials --format env-no-export | sed -n s/AWS_ACCESS_KEY_ID=//p
container node -e '
const { STSClient } = require("@aws-sdk/client-sts");
new STSClient({}).config.credentials().then((keys) => console.log(keys.accessKeyId));'
# Without the token, nothing.
container sh -c 'curl -s -o /dev/null -w "%{http_code}\n" $AWS_CONTAINER_CREDENTIALS_FULL_URI'
kill -TERM $server
wait $server || true
ls "$HOME/.local/state/awsx/servers"
exit 0
"#;

fn machine() -> Sandbox {
    let sandbox = children::sandbox();
    sandbox.config(&CONFIG.replace("role/ReadOnly\n", "role/ReadOnly\nregion = eu-west-1\n"));
    children::javascript_modules(&sandbox);
    sandbox
}

#[test]
fn every_sdk_takes_them_from_a_container() {
    let sandbox = machine();
    // What is in the vault needs no network.
    let keys = sandbox.awsx(&["exec", "readonly", "--", "printenv", "AWS_ACCESS_KEY_ID"]).ok();
    let key = keys.stdout.trim();
    let script = sandbox.write("planted/machine.sh", MACHINE);
    let mut command = sandbox.command("unshare");
    command.args(["-rn", "sh"]).arg(script);
    let ran = sandbox.run(&mut command, b"", true);
    if ["unshare: ", "RTNETLINK answers: "].iter().any(|refused| ran.stderr.contains(refused)) {
        eprintln!("no network of its own is allowed here: {}", ran.stderr);
        return;
    }
    let ran = ran.ok();
    let log = sandbox.read("planted/serve.log");
    assert_eq!(ran.stdout, format!("{key}\n{key}\n{key}\n401\n"), "{log} {}", ran.stderr);
    let arguments = sandbox.read("planted/arguments");
    for word in ["AWS_REGION=eu-west-1", ":/run/awsx/token:ro", "=http://169.254.170.2:"] {
        assert!(arguments.contains(word), "{word}: {arguments}");
    }
}

#[test]
fn it_says_which_server_it_needs() {
    let sandbox = Sandbox::new();
    let expected =
        ["at an address that containers reach", "`awsx serve dev --address 169.254.170.2`"];
    sandbox.awsx(&["docker-env", "dev"]).fails(8, &expected);
}
