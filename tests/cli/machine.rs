//! Credentials that the machine or the container gives: the instance metadata service, the
//! container endpoint, and roles on top of them (`credential_source`).
//!
//! The relative address of ECS is a fixed link-local one, so it is left to `aws::container`'s own
//! tests.

use crate::fake_aws::fault::Fault;
use crate::fake_aws::metadata::MetadataMode;
use crate::fake_aws::sample;
use crate::given::{NOBODY, SetUp};
use crate::ran::Ran;
use crate::sandbox::{CONFIG, Sandbox};
use crate::table::side_by_side;

const FOREVER: usize = 99;
const MACHINE_ROLE: &str = "arn:aws:sts::222222222222:assumed-role/Machine/";

const fn answer(status: u16) -> Fault {
    Fault::refuse(status, "Planned", "planned")
}

fn instance() -> Sandbox {
    Sandbox::new().on_an_instance()
}

fn container() -> Sandbox {
    Sandbox::new().in_a_container()
}

fn whoami(sandbox: &Sandbox, source: &str) {
    let who = sandbox.awsx(&["whoami", "--json"]).ok().json();
    assert!(who["arn"].as_str().unwrap().starts_with(MACHINE_ROLE), "{who}");
    assert_eq!(who["source"], source, "{who}");
    assert!(who["expiration"].is_string(), "{who}");
}

fn environment(sandbox: &Sandbox) -> Ran {
    sandbox.awsx(&["exec", "--", "env"])
}

#[test]
fn an_instances_role_is_passed_on_as_it_is() {
    let sandbox = instance();
    for _ in 0..2 {
        let ran = environment(&sandbox).ok().stderr_is(&[]).prints_no("AWSX_PROFILE=");
        ran.prints_each(&["AWS_ACCESS_KEY_ID=ASIA", "AWS_CREDENTIAL_EXPIRATION="]);
    }
    let once = ["ImdsToken", "ImdsRole", "ImdsCredentials"];
    assert_eq!(sandbox.aws.operations(), [once, once].concat(), "asked each time, nothing else");
    whoami(&sandbox, "instance");
}

#[test]
fn an_instance_without_credentials_names_the_cause() {
    let off =
        |sandbox: &Sandbox| sandbox.aws.control(|s| s.instance.mode = MetadataMode::Forbidden);
    let no_role = |sandbox: &Sandbox| sandbox.aws.control(|state| state.instance.role = None);
    let lost = |sandbox: &Sandbox| {
        sandbox.set("AWS_METADATA_SERVICE_TIMEOUT", "1");
        sandbox.aws.control(|state| state.instance.mode = MetadataMode::HopLimit);
    };
    let breaks = |operation: &'static str, fault| {
        move |sandbox: &Sandbox| sandbox.aws.fail(operation, fault, FOREVER)
    };
    let nobody = |sandbox: &Sandbox| {
        sandbox.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", NOBODY);
    };
    let odd = |sandbox: &Sandbox| {
        sandbox.aws.control(|state| state.instance.role = Some("a/<html>my role".into()));
    };
    let rows: [(&str, SetUp<'_>, &str, usize); 12] = [
        ("no role", &no_role, "the instance has no role", 2),
        ("turned off", &off, "is turned off for this instance (HTTP 403)", 1),
        ("the answer is lost: hop limit", &lost, "in a container, raise the hop limit", 1),
        ("version 1 only", &breaks("ImdsToken", answer(404)), "does not speak version 2", 1),
        ("ill", &breaks("ImdsToken", answer(500)), "HTTP 500", 1),
        ("ill later", &breaks("ImdsCredentials", answer(503)), "HTTP 503", 3),
        ("reset", &breaks("ImdsToken", Fault::Reset), "no instance metadata service", 1),
        ("reset later", &breaks("ImdsRole", Fault::Reset), "instance metadata service at", 2),
        ("cut off", &breaks("ImdsCredentials", Fault::Truncate), "instance metadata service at", 3),
        ("no JSON", &breaks("ImdsCredentials", Fault::Garbage), "not JSON", 3),
        ("no role's name", &odd, "gave no role name, but something else", 2),
        ("nobody there", &nobody, "no instance metadata service at http://127.0.0.1:1", 0),
    ];
    side_by_side(&rows, |&(docs, set_up, why, calls)| {
        let sandbox = instance();
        set_up(&sandbox);
        let ran = environment(&sandbox).fails(8, &[why, "hint: "]);
        assert_eq!(sandbox.aws.calls().len(), calls, "{docs}: {ran:?}");
    });
}

/// AWS takes them while it has no new ones to give.
#[test]
fn an_instances_credentials_that_are_over_are_used_on() {
    let sandbox = instance();
    sandbox.aws.control(|state| state.clock_offset = chrono::TimeDelta::hours(-7));
    let said = "awsx: the instance has no newer credentials than those that expired [..]; they \
                are used on, as with the AWS CLI";
    environment(&sandbox).ok().stderr_is(&[said]).prints("AWS_CREDENTIAL_EXPIRATION=");
}

#[test]
fn an_instance_is_asked_as_often_as_configured() {
    let sandbox = instance();
    sandbox.set("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "3");
    sandbox.aws.fail("ImdsToken", answer(500), 2);
    environment(&sandbox).ok();
    assert_eq!(sandbox.aws.count("ImdsToken"), 3);
    for (variable, value, problem) in [
        ("AWS_METADATA_SERVICE_TIMEOUT", "soon", "AWS_METADATA_SERVICE_TIMEOUT"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "planted", "is not a URL such as http://HOST"),
    ] {
        let sandbox = instance();
        sandbox.set(variable, value);
        environment(&sandbox).fails(3, &[problem, "hint: "]);
        assert!(sandbox.aws.calls().is_empty(), "{variable}");
    }
}

#[test]
fn the_profile_may_name_the_metadata_endpoint() {
    let sandbox = instance();
    sandbox.unset("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    let url = sandbox.aws.url();
    sandbox.config(&format!("[default]\nec2_metadata_service_endpoint = {url}/\n"));
    environment(&sandbox).ok();
    assert_eq!(sandbox.aws.count("ImdsCredentials"), 1);
}

/// `aws configure` leaves a default profile that has a region alone.
#[test]
fn where_nothing_says_whose_a_profile_is_picked_or_to_be_named() {
    let hint = "hint: name a profile: default, dev, prod, … (`awsx profiles` lists them)";
    for (docs, disabled, error) in [
        (
            "no instance",
            "false",
            "error: no profile was named, and there are no default credentials",
        ),
        ("not asked for", "true", "error: no credentials: not in the environment, not in profile"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.config(&format!("[default]\nregion = eu-west-1\n{CONFIG}"));
        sandbox.set("AWS_EC2_METADATA_DISABLED", disabled);
        sandbox.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", NOBODY);
        for args in [&["exec", "--", "true"][..], &["env"], &["whoami"]] {
            sandbox.awsx(args).fails(8, &[error, hint]);
        }
        let mut terminal =
            sandbox.awsx_on_terminal(&["exec", "--", "sh", "-c", "echo $AWSX_PROFILE"]);
        terminal.expect("Profile").type_text("dev\r").expect("dev");
        terminal.end().ok();
        assert_eq!(sandbox.aws.count("GetSessionToken"), 1, "{docs}");
    }
    let sandbox = Sandbox::new();
    sandbox.config("");
    sandbox.credentials("");
    sandbox
        .awsx(&["exec", "--", "true"])
        .fails(8, &["hint: `awsx config` makes a profile, step by step"]);
}

/// A profile that is named is used or fails; it never becomes the machine's role.
#[test]
fn the_machine_is_never_asked_for_somebody_else() {
    for sandbox in [instance(), container()] {
        sandbox.config("[default]\nregion = eu-west-1\n[profile empty]\nregion = eu-west-1\n");
        sandbox.exec("empty", &[]).fails(8, &["profile \"empty\""]);
        sandbox.exec("nope", &[]).fails(3, &["profile \"nope\""]);
        sandbox.set("AWS_ACCESS_KEY_ID", sample::KEY_ID);
        let error = "error: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not";
        let hint = "hint: set AWS_SECRET_ACCESS_KEY too, or `unset AWS_ACCESS_KEY_ID`";
        sandbox.awsx(&["exec", "--", "true"]).exits(3).stderr_is(&[error, hint]);
        assert_eq!(sandbox.aws.operations(), [""; 0]);
    }
    let sandbox = instance();
    sandbox.set("AWS_EC2_METADATA_DISABLED", "TRUE");
    environment(&sandbox).fails(8, &["switched off"]);
    assert_eq!(sandbox.aws.operations(), [""; 0]);
}

#[test]
fn a_containers_role_is_passed_on_as_it_is() {
    let sandbox = container();
    // The container's role wins over the machine's.
    sandbox.unset("AWS_EC2_METADATA_DISABLED");
    sandbox.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", sandbox.aws.url());

    environment(&sandbox).ok().prints("AWS_ACCESS_KEY_ID=ASIA").prints_no("AWS_CONTAINER_");
    assert_eq!(sandbox.aws.operations(), ["ContainerCredentials"]);
    whoami(&sandbox, "container");
}

#[test]
fn the_containers_token_comes_from_its_file_first() {
    let sandbox = container();
    let file = sandbox.write("planted/token", &format!("{}\n", sample::CONTAINER_TOKEN));
    sandbox.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer planted-stale");
    environment(&sandbox).fails(8, &["HTTP 401"]);
    sandbox.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.to_str().unwrap());
    environment(&sandbox).ok();
    // The agent rotates it.
    sandbox.aws.control(|state| state.container.authorization = Some("Bearer planted-next".into()));
    environment(&sandbox).fails(8, &["HTTP 401"]);
    sandbox.write("planted/token", "Bearer planted-next");
    environment(&sandbox).ok();
    // ECS has none.
    sandbox.aws.control(|state| state.container.authorization = None);
    sandbox.unset("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    sandbox.unset("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    environment(&sandbox).ok();
}

#[test]
fn a_container_without_credentials_names_the_cause() {
    let token_file = |text: &'static str| {
        move |sandbox: &Sandbox| {
            let file = sandbox.write("planted/token", text);
            sandbox.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.to_str().unwrap());
        }
    };
    let variable =
        |name: &'static str, value: &'static str| move |sandbox: &Sandbox| sandbox.set(name, value);
    let uri = |value| variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", value);
    let token = |value| variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", value);
    let absent = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "planted/nowhere");
    let no_role = |sandbox: &Sandbox| sandbox.aws.control(|state| state.container.role = None);
    let breaks = |fault, times| {
        move |sandbox: &Sandbox| {
            sandbox.aws.fail("ContainerCredentials", fault, times);
        }
    };
    let ill = "container credentials did not succeed after 3 attempt";
    let rows: [(&str, SetUp<'_>, i32, &str, usize); 14] = [
        ("no role", &no_role, 8, "HTTP 404: NotFound: no credentials are associated", 1),
        ("wrong token", &token("Bearer planted-wrong"), 8, "HTTP 401", 1),
        ("token with a line break", &token("planted\nwrong"), 8, "has a line break", 0),
        (
            "empty token file",
            &token_file("\n"),
            8,
            "_TOKEN_FILE ~/planted/token: the file is empty",
            0,
        ),
        ("no token file", &absent, 8, "planted/nowhere: No such file", 0),
        ("ill for a moment", &breaks(answer(500), 2), 0, "", 3),
        ("reset for a moment", &breaks(Fault::Reset, 2), 0, "", 3),
        ("ill", &breaks(answer(503), FOREVER), 6, ill, 3),
        ("reset", &breaks(Fault::Reset, FOREVER), 6, ill, 3),
        ("no JSON", &breaks(Fault::Garbage, FOREVER), 8, "not JSON", 1),
        ("http to elsewhere", &uri("http://192.0.2.1/v2"), 3, "use https", 0),
        ("no URL", &uri("planted"), 3, "AWS_CONTAINER_CREDENTIALS_FULL_URI: is not a URL", 0),
        ("neither http nor https", &uri("ftp://localhost/"), 3, "neither http nor https", 0),
        ("nobody there", &uri("http://127.0.0.1:1/v2"), 6, "Connection refused", 0),
    ];
    side_by_side(&rows, |&(docs, set_up, code, why, calls)| {
        let sandbox = container();
        set_up(&sandbox);
        let ran = environment(&sandbox).fails(code, &[why]);
        assert_eq!(sandbox.aws.count("ContainerCredentials"), calls, "{docs}: {ran:?}");
        for part in ["planted-", "planted\nwrong", sample::CONTAINER_PATH] {
            assert!(!ran.stderr.contains(part), "{docs}: {ran:?}");
        }
    });
}

#[test]
fn a_container_endpoint_may_be_anywhere_with_https() {
    let sandbox = container();
    let url = sandbox.aws.container_url().replace(sandbox.aws.url(), sandbox.aws.tls_url());
    sandbox.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url);
    environment(&sandbox).fails(6, &["invalid peer certificate", "AWS_CA_BUNDLE"]);
    sandbox.set("AWS_CA_BUNDLE", sandbox.aws.ca_pem_path().to_str().unwrap());
    environment(&sandbox).ok();
    assert!(sandbox.aws.calls().iter().all(|call| call.tls));
}

fn role_with_source(source: &str) -> String {
    format!("[profile role]\nrole_arn = {}\ncredential_source = {source}\n", sample::READ_ONLY)
}

/// A role on top of what the machine has, kept like any other.
#[test]
fn credential_source_signs_for_the_role() {
    // Where no region is configured, that of the instance is asked for.
    let of_instance =
        &["ImdsToken", "ImdsRole", "ImdsCredentials", "ImdsToken", "ImdsOther", "AssumeRole"];
    for (value, sandbox, key, calls) in [
        ("Environment", Sandbox::new(), "AKIA", &["AssumeRole"][..]),
        ("Ec2InstanceMetadata", instance(), "ASIA", of_instance),
        ("EcsContainer", container(), "ASIA", &["ContainerCredentials", "AssumeRole"]),
    ] {
        sandbox.set("AWS_ACCESS_KEY_ID", sample::KEY_ID);
        sandbox.set("AWS_SECRET_ACCESS_KEY", sample::SECRET_KEY);
        sandbox.let_assume_read_only(sample::MACHINE);
        sandbox.config(&role_with_source(value));
        for _ in 0..2 {
            sandbox.env_of("role").prints("AWS_ACCOUNT_ID=111111111111");
        }
        assert_eq!(sandbox.aws.operations(), calls, "{value}");
        let assumed = sandbox.aws.calls().pop().unwrap();
        assert!(assumed.access_key_id.unwrap().starts_with(key), "{value}");
    }
}

#[test]
fn a_missing_credential_source_is_named_with_its_line() {
    let knows = "AWS knows Environment, Ec2InstanceMetadata and EcsContainer";
    for (value, words) in [
        ("Environment", ["credentials from Environment", "AWS_ACCESS_KEY_ID"]),
        ("EcsContainer", ["credentials from EcsContainer", "AWS_CONTAINER"]),
        ("Ec2InstanceMetadata", ["Ec2InstanceMetadata", "AWS_EC2_METADATA_DISABLED"]),
        ("environment", [knows, "hint: "]),
    ] {
        let sandbox = Sandbox::new();
        sandbox.config(&role_with_source(value));
        let ran = sandbox.exec("role", &[]).fails(3, &words);
        ran.fails(3, &["config:3", "profile \"role\"", "hint: "]);
    }
}

/// A network may let calls reach the STS of its own region only. A region that is configured comes first.
#[test]
fn the_region_of_the_instance_is_that_of_its_calls() {
    for (docs, region, expected) in
        [("none configured", "", "eu-north-1"), ("a region", "region = eu-west-3\n", "eu-west-3")]
    {
        let sandbox = instance();
        sandbox.aws.control(|state| state.instance.region = "eu-north-1".to_owned());
        sandbox.let_assume_read_only(sample::MACHINE);
        sandbox.config(&format!("{}{region}", role_with_source("Ec2InstanceMetadata")));
        sandbox.exec("role", &[]).ok();
        let assumed = sandbox.aws.calls().pop().unwrap();
        assert_eq!(assumed.region.as_deref(), Some(expected), "{docs}");
    }
}
