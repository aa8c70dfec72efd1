//! `awsx docker-env`

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::flags::SessionFlags;
use super::guard_flags::GuardFlags;
use super::overlay::plan_for;
use super::page::page;
use super::serve::find::{Need, find_server};
use crate::app::App;
use crate::app::guard::Handover as Gate;
use crate::report::failure::{Failure, word};
use crate::server::{RELAYED, path_of};

/// Print what lets a container ask the server for credentials
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
The container gets an address and a token in a file, and no keys. What it asks
is `awsx serve PROFILE --address 169.254.170.2`, to where SDKs send http; on
Docker Desktop `awsx serve PROFILE`, through a small container at that address.
";
    "docker run $(awsx docker-env dev) amazon/aws-cli sts get-caller-identity"
    "podman run $(awsx docker-env dev --for podman) IMAGE"
    "awsx docker-env dev --for devcontainer    for devcontainer.json"
    "awsx docker-env dev --for kind            for a cluster, and for a pod"
    "docker run $(awsx docker-env dev --for docker-desktop) IMAGE"
))]
pub(super) struct DockerEnv {
    /// The profile; without one the only one that is served there
    #[arg(value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    profile: Option<String>,
    /// Whose arguments or settings they are
    #[arg(long = "for", value_name = "TOOL", default_value = "docker")]
    tool: Tool,
    #[command(flatten)]
    guard: GuardFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Tool {
    Docker,
    DockerDesktop,
    Podman,
    Devcontainer,
    Kind,
}

/// Where the token is in a container.
const TOKEN: &str = "/run/awsx/token";

/// The server that containers reach.
const AT_A_CONTAINER_ADDRESS: Need = Need {
    is_met: |status| !status.imds && !is_loopback(&status.address),
    place: " at an address that containers reach",
    flags: " --address 169.254.170.2",
};

/// The server of a machine whose containers run in another one, with an address of its own.
const AT_LOOPBACK: Need = Need {
    is_met: |status| !status.imds && status.address.starts_with("http://127."),
    place: " at 127.0.0.1",
    flags: "",
};

/// The network that both the relay and the containers are in.
const NETWORK: &str = "awsx";

fn is_loopback(address: &str) -> bool {
    ["http://127.", "http://[::1]"].iter().any(|start| address.starts_with(start))
}

impl DockerEnv {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let named = self.profile.as_deref();
        let need = match self.tool {
            Tool::DockerDesktop => &AT_LOOPBACK,
            _ => &AT_A_CONTAINER_ADDRESS,
        };
        let (server, profile) = find_server(app, named, need)?;
        let gate = Gate::new(
            "docker-env",
            "let a container ask for its credentials",
            self.guard.consent(),
        );
        let (plan, _) = plan_for(app, &SessionFlags::default(), Some(&profile), &gate)?;
        plan.note_token(app)?;
        let file = server.new_token_in_file(app, &profile)?;
        let file = file.display().to_string();
        let port = server.status.address.rsplit_once(':').map_or("80", |(_, port)| port);
        let address = match self.tool {
            Tool::DockerDesktop => format!("http://{RELAYED}:{port}"),
            _ => server.status.address.clone(),
        };
        let uri = format!("{address}{}", path_of(&profile));
        let mut variables = vec![
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", TOKEN.to_owned()),
            // Where the server does not answer, the machine's own role must not answer in its place.
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        if let Some(region) = plan.region() {
            variables.push(("AWS_REGION", region.to_owned()));
            variables.push(("AWS_DEFAULT_REGION", region.to_owned()));
        }
        match self.tool {
            Tool::Docker => app.out().data(&arguments(&variables, &file, "ro")),
            Tool::DockerDesktop => {
                relay(port).iter().for_each(|line| app.out().notice(line));
                let arguments = arguments(&variables, &file, "ro");
                app.out().data(&format!("--network {NETWORK} {arguments}"))
            }
            // Where SELinux is on, a container reads what is labelled for it.
            Tool::Podman => app.out().data(&arguments(&variables, &file, "ro,z")),
            Tool::Devcontainer => app.out().json(&devcontainer(&variables, &file)),
            Tool::Kind => app.out().document(&kind(&variables, &file)),
        }
    }
}

/// What somebody runs before the first container. The network is the one that AWS's own stand-in for its containers
/// uses (<https://github.com/awslabs/amazon-ecs-local-container-endpoints>); `host.docker.internal` is the machine
/// that Docker Desktop runs on, its loopback address included.
fn relay(port: &str) -> [String; 2] {
    let run = format!(
        "docker run -d --rm --name {NETWORK}-{port} --network {NETWORK} --ip {RELAYED} busybox nc -ll -p {port} -e \
         nc host.docker.internal {port}"
    );
    [
        format!("once: `docker network create --subnet 169.254.170.0/24 {NETWORK}`"),
        format!("for as long as this server runs: `{run}`"),
    ]
}

type Variables<'v> = [(&'v str, String)];

fn arguments(variables: &Variables<'_>, file: &str, options: &str) -> String {
    let mut line = String::new();
    for (name, value) in variables {
        line.push_str(&format!("--env {} ", word(&format!("{name}={value}"))));
    }
    line + &format!("--volume {}\n", word(&format!("{file}:{TOKEN}:{options}")))
}

/// <https://containers.dev/implementors/json_reference/>
fn devcontainer(variables: &Variables<'_>, file: &str) -> Value {
    let variables: Map<String, Value> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let mount = format!("source={file},target={TOKEN},type=bind,readonly");
    json!({ "containerEnv": variables, "mounts": [mount] })
}

/// The nodes get the file, and from there a pod. JSON is YAML.
/// <https://kind.sigs.k8s.io/docs/user/configuration/#extra-mounts>
fn kind(variables: &Variables<'_>, file: &str) -> String {
    let variables: Vec<Value> =
        variables.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let cluster = json!({
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "nodes": [{
            "role": "control-plane",
            "extraMounts": [{ "hostPath": file, "containerPath": TOKEN, "readOnly": true }],
        }],
    });
    let pod = json!({
        "containers": [{
            "env": variables,
            "volumeMounts": [{ "name": "awsx", "mountPath": TOKEN, "readOnly": true }],
        }],
        "volumes": [{ "name": "awsx", "hostPath": { "path": TOKEN, "type": "File" } }],
    });
    format!(
        "# for `kind create cluster --config FILE`\n{cluster:#}\n---\n# for the spec of a pod\n{pod:#}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_words() {
        let variables = [("A", "b".to_owned()), ("C", "d e".to_owned())];
        assert_eq!(
            arguments(&variables, "/home/my name/t", "ro"),
            "--env A=b --env 'C=d e' --volume '/home/my name/t:/run/awsx/token:ro'\n"
        );
    }

    #[test]
    fn files_of_tools_have_the_token_at_its_place() {
        let variables = [("A", "b".to_owned())];
        let dev = devcontainer(&variables, "/t");
        assert_eq!(dev["containerEnv"]["A"], "b");
        assert_eq!(dev["mounts"][0], "source=/t,target=/run/awsx/token,type=bind,readonly");
        let both = kind(&variables, "/t");
        let (cluster, pod) = both.split_once("---\n").unwrap();
        let read = |text: &str| -> Value {
            serde_json::from_str(text.split_once('\n').unwrap().1).unwrap()
        };
        let mount = &read(cluster)["nodes"][0]["extraMounts"][0];
        assert_eq!((&mount["hostPath"], &mount["containerPath"]), (&json!("/t"), &json!(TOKEN)));
        let pod = read(pod);
        assert_eq!(pod["containers"][0]["env"][0], json!({ "name": "A", "value": "b" }));
        assert_eq!(pod["volumes"][0]["hostPath"]["path"], TOKEN);
    }

    #[test]
    fn a_relay_is_where_sdks_send_to() {
        let [network, run] = relay("8765");
        assert!(network.contains(" 169.254.170.0/24 awsx`"), "{network}");
        let needed = "--network awsx --ip 169.254.170.2 busybox nc -ll -p 8765 -e nc host.docker.internal 8765`";
        assert!(run.ends_with(needed), "{run}");
    }

    #[test]
    fn what_containers_do_not_reach_is_not_offered() {
        for (address, expected) in [
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("http://169.254.170.2:1", false),
            ("http://[fd00:ec2::23]:1", false),
        ] {
            assert_eq!(is_loopback(address), expected, "{address}");
        }
    }
}
