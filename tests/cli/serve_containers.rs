//! `awsx docker-env`: a container asks the server. There is no engine here, so a network of its own behind a bridge
//! stands for one, with the file that is mounted into it.

use crate::children;
use crate::sandbox::{CONFIG, Sandbox};

/// `container`, which runs its arguments as `docker run` would, in the network of the process `$behind`, with what awsx
/// printed, and what SDKs find there.
const CONTAINER: &str = r#"container() {
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
"#;

/// A machine with a bridge, on which a server runs.
const MACHINE: &str = r#"
set -eu
ip link set lo up
ip link add br0 type bridge
ip address add 172.17.0.1/16 dev br0
ip link set br0 up
ip address add 169.254.170.2/32 dev lo
awsx serve readonly --address 169.254.170.2 2> planted/serve.log &
server=$!
until awsx serve --status -q | grep -q 169.254.170.2; do kill -0 $server; done
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
@CONTAINER@kill -TERM $server
wait $server || true
ls "$HOME/.local/state/awsx/servers"
exit 0
"#;

/// Docker Desktop: `host.docker.internal` is the loopback address of the machine that awsx runs on, and the network that
/// awsx speaks of is one of other machines. `busybox` is as in its image.
const DESKTOP: &str = r#"
set -eu
ip link set lo up
ip link add br0 type bridge
ip address add 169.254.170.1/24 dev br0
ip link set br0 up
awsx serve readonly 2> planted/serve.log &
server=$!
until awsx serve --status -q | grep -q 127.0.0.1; do kill -0 $server; done
arguments=$(awsx docker-env readonly --for docker-desktop 2> planted/told)
echo "$arguments" > planted/arguments
port=$(sed -n 's/.*169.254.170.2:\([0-9]*\).*/\1/p' planted/arguments)
python -c '
import asyncio, sys
async def copy(source, target):
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    target.close()
async def relay(source, target):
    other = await asyncio.open_connection("127.0.0.1", sys.argv[1])
    await asyncio.gather(copy(source, other[1]), copy(other[0], target))
async def main():
    server = await asyncio.start_server(relay, "169.254.170.1", sys.argv[1])
    await server.serve_forever()
asyncio.run(main())' "$port" 2> planted/desktop.log &
desktop=$!
trap 'kill $desktop ${relay-} ${behind-} $server 2> planted/killed || true' EXIT
network() {
    until [ "$(readlink /proc/$1/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
    ip link add "out$2" type veth peer name inside
    ip link set "out$2" master br0 up
    ip link set inside netns $1
    nsenter -t $1 -n sh -c "ip link set lo up
        ip address add 169.254.170.$2/24 dev inside
        ip link set inside up"
}
mkdir planted/image
ln -s "$(command -v busybox)" planted/image/nc
cat /etc/hosts > planted/hosts
echo '169.254.170.1 host.docker.internal' >> planted/hosts
unshare -n -m sh -c 'mount --bind planted/hosts /etc/hosts; until ip -4 a show inside 2>&1 | grep -q 170.2/; do :; done
    PATH=$PWD/planted/image:$PATH; eval "exec $1"' sh "$(sed -n 's/.* busybox \(nc .*\)`/\1/p' planted/told)" &
relay=$!
network $relay 2
unshare -n sleep 1000 &
behind=$!
network $behind 3
until nsenter -t $behind -n curl -s -o planted/first http://169.254.170.2:$port/; do :; done
arguments=${arguments#--network awsx }
@CONTAINER@exit 0
"#;

fn machine() -> Sandbox {
    let sandbox = children::sandbox();
    sandbox.config(&CONFIG.replace("role/ReadOnly\n", "role/ReadOnly\nregion = eu-west-1\n"));
    children::javascript_modules(&sandbox);
    sandbox
}

/// What the script prints in a network of its own. An error where none is allowed.
fn in_network(sandbox: &Sandbox, script: &str) -> Result<String, String> {
    let script = sandbox.write("planted/machine.sh", &script.replace("@CONTAINER@", CONTAINER));
    let mut command = sandbox.command("unshare");
    command.args(["-rn", "sh"]).arg(script);
    let ran = sandbox.run(&mut command, b"", true);
    if ["unshare: ", "RTNETLINK answers: "].iter().any(|refused| ran.stderr.contains(refused)) {
        return Err(format!("no network of its own is allowed here: {}", ran.stderr));
    }
    assert_eq!(ran.code, 0, "{} {}", ran.stderr, sandbox.read("planted/serve.log"));
    Ok(ran.stdout)
}

/// What awsx printed for the container, which got the same key by each SDK, and a refusal without the token.
fn run(sandbox: &Sandbox, script: &str) -> Result<String, String> {
    // What is in the vault needs no network.
    let keys = sandbox.awsx(&["exec", "readonly", "--", "printenv", "AWS_ACCESS_KEY_ID"]).ok();
    let key = keys.stdout.trim();
    assert_eq!(in_network(sandbox, script)?, format!("{key}\n{key}\n{key}\n401\n"));
    Ok(sandbox.read("planted/arguments"))
}

#[test]
fn every_sdk_takes_them_from_a_container() {
    let sandbox = machine();
    let arguments = match run(&sandbox, MACHINE) {
        Ok(arguments) => arguments,
        Err(refused) => return eprintln!("{refused}"),
    };
    for word in ["AWS_REGION=eu-west-1", ":/run/awsx/token:ro", "=http://169.254.170.2:"] {
        assert!(arguments.contains(word), "{word}: {arguments}");
    }
}

#[test]
fn and_through_a_relay_where_containers_run_in_another_machine() {
    let sandbox = machine();
    let arguments = match run(&sandbox, DESKTOP) {
        Ok(arguments) => arguments,
        Err(refused) => return eprintln!("{refused}"),
    };
    assert!(arguments.starts_with("--network awsx --env "), "{arguments}");
    let told = sandbox.read("planted/told");
    assert!(told.contains("`docker network create --subnet 169.254.170.0/24 awsx`"), "{told}");
}

#[test]
fn it_says_which_server_it_needs() {
    let sandbox = Sandbox::new();
    let expected =
        ["at an address that containers reach", "`awsx serve dev --address 169.254.170.2`"];
    sandbox.awsx(&["docker-env", "dev"]).fails(8, &expected);
    let expected = ["no server runs at 127.0.0.1 that has", "`awsx serve dev`"];
    sandbox.awsx(&["docker-env", "dev", "--for", "docker-desktop"]).fails(8, &expected);
}

/// A machine behind another one, which passes on what comes: it asks for a token of `--imds`, with a limit of one hop and
/// of two.
const BEHIND_ANOTHER: &str = r#"
set -eu
ip link set lo up
ip address add 169.254.169.254/32 dev lo
echo 80 > /proc/sys/net/ipv4/ip_unprivileged_port_start
behind() {
    unshare -n sleep 1000 &
    new=$!
    until [ "$(readlink /proc/$new/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
}
behind
router=$new
behind
client=$new
trap 'kill $router $client ${server-} 2> planted/killed || true' EXIT
ip link add out type veth peer name in
ip link set in netns $router
ip address add 10.0.1.1/24 dev out
ip link set out up
ip route add 10.0.2.0/24 via 10.0.1.2
nsenter -t $router -n sh -c "ip link set lo up
    ip address add 10.0.1.2/24 dev in
    ip link set in up
    ip link add out type veth peer name in netns $client
    ip address add 10.0.2.1/24 dev out
    ip link set out up
    ip route add 169.254.169.254 via 10.0.1.1
    echo 1 > /proc/sys/net/ipv4/ip_forward"
nsenter -t $client -n sh -c "ip link set lo up
    ip address add 10.0.2.2/24 dev in
    ip link set in up
    ip route add default via 10.0.2.1"
for limit in 1 2; do
    awsx serve readonly --imds --address 169.254.169.254 --imds-hop-limit $limit 2> planted/serve.log &
    server=$!
    until awsx serve --status -q | grep -q 169.254.169.254; do kill -0 $server; done
    wait=30
    [ $limit = 2 ] || wait=3
    nsenter -t $client -n curl -s -o /dev/null -w '%{http_code}\n' -m $wait -X PUT \
        -H 'x-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token || echo "none: $?"
    kill -TERM $server
    wait $server || true
done
"#;

/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html>
#[test]
fn a_token_of_an_instance_comes_no_further_than_it_may() {
    let sandbox = machine();
    // What is in the vault needs no network.
    sandbox.exec("readonly", &[]).ok();
    match in_network(&sandbox, BEHIND_ANOTHER) {
        Ok(ran) => assert_eq!(ran, "000\nnone: 28\n200\n"),
        Err(refused) => eprintln!("{refused}"),
    }
}
