//! The ways, in one table. What AWS's own tools read: <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>;
//! where others keep theirs, their own documentation says.

use super::folders::{CACHES, OF_OTHER_TOOLS};
use super::special;
use super::way::{Look, Way};
use crate::migrate::Place;
use crate::migrate::Place::{Here, Home, Root, Variable};

#[rustfmt::skip]
pub(super) const WAYS: &[Way] = &[
    Way {
        name: "variables",
        look: Look::NotOfAwsx(|app| app.inherited.has_keys_of_awsx(), &[
            "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECRET_KEY",
            "AWS_BEARER_TOKEN_BEDROCK",
        ]),
        why: "credentials that awsx did not hand over, for every program here",
        close: "unset them where the agent is started",
        closed: "no credentials in variables but those of awsx",
    },
    Way {
        name: "endpoints",
        look: Look::NotOfAwsx(|app| app.inherited.has_server_of_awsx(), &[
            "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        ]),
        why: "an address that gives credentials to whoever asks",
        close: "unset them where the agent is started, and let it not reach the address",
        closed: "no address of container credentials but that of awsx",
    },
    Way {
        name: "identity-tokens",
        look: Look::Variables(&["AWS_WEB_IDENTITY_TOKEN_FILE", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"]),
        why: "a token that AWS gives a role for",
        close: "unset it, and keep its file out of the sandbox",
        closed: "no token of a job or a pod in variables",
    },
    Way {
        name: "pod-tokens",
        look: Look::Files(&[
            Root("/var/run/secrets/eks.amazonaws.com/serviceaccount/token"),
            Root("/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token"),
        ]),
        why: "a token of the pod that AWS gives a role for",
        close: "run the agent in a pod without a service account of its own",
        closed: "no token of a pod in files",
    },
    Way {
        name: "passphrases",
        look: Look::Variables(&[
            "AWSX_PASSPHRASE", "AWSX_PASSPHRASE_FILE", "AWSX_PASSPHRASE_COMMAND",
            "AWSX_NEW_PASSPHRASE_FILE", "AWS_VAULT_FILE_PASSPHRASE", "AWS_SSO_FILE_PASSWORD",
            "SAML2AWS_PASSWORD", "OP_SERVICE_ACCOUNT_TOKEN",
        ]),
        why: "opens a store of secrets without a person",
        close: "unset it where the agent is started",
        closed: "no passphrase in variables",
    },
    Way {
        name: "keys-in-files",
        look: Look::Special(special::find_keys_in_aws_files),
        why: "secret keys or tokens in clear text",
        close: "`awsx keys import` takes keys into the vault; end the sessions",
        closed: "no keys in the AWS files",
    },
    Way {
        name: "programs-in-files",
        look: Look::Special(special::find_foreign_processes),
        why: "a credential_process of another program, which every tool of AWS runs",
        close: "let awsx answer: `awsx config install-process`, or keep the program out",
        closed: "no credential_process but awsx's in the AWS files",
    },
    Way {
        name: "caches",
        look: Look::Folders(CACHES),
        why: "sessions and logins of the AWS CLI in clear text",
        close: "log out (`aws sso logout`, `aws logout`) and remove what is left there, or keep ~/.aws out",
        closed: "no sessions in the AWS CLI's caches",
    },
    Way {
        name: "other-tools",
        look: Look::Folders(OF_OTHER_TOOLS),
        why: "what another tool keeps",
        close: "`awsx migrate` shows what comes along; then remove it, or keep it out",
        closed: "nothing that other tools keep in files",
    },
    #[cfg(unix)]
    Way {
        name: "other-homes",
        look: Look::Special(super::homes::find_other_homes),
        why: "can be read though HOME does not name it",
        close: "run the agent as another user, or where these directories and other processes are not there",
        closed: "no keys or sessions in other home directories, or below the root of another process",
    },
    Way {
        name: "texts",
        look: Look::Texts(&[
            Variable("AWS_CREDENTIAL_FILE"), Variable("BOTO_CONFIG"), Home(".boto"), Home(".s3cfg"),
            Home(".passwd-s3fs"), Home(".mc/config.json"), Place::Config("rclone/rclone.conf"),
            Home(".profile"), Home(".bashrc"), Home(".bash_profile"), Home(".zshrc"), Home(".zshenv"),
            Place::Config("fish/config.fish"), Home(".bash_history"), Home(".zsh_history"),
            Home(".local/share/fish/fish_history"),
            Here(".env"), Here(".env.local"), Here(".env.production"), Here(".envrc"),
            Here("terraform.tfvars"), Here("terraform.tfstate"),
        ]),
        why: "a key of AWS in clear text",
        close: "take it out, and put another in its place: `awsx scan` shows more of it",
        closed: "no key in start files, histories and settings of other tools",
    },
    Way {
        name: "vault",
        look: Look::Special(special::find_open_vault),
        why: "opens here without a question, so that awsx gives whatever it holds",
        close: "run the agent as another user, or in a container without this directory",
        closed: "awsx's own vault is not there, or does not open without a person",
    },
    Way {
        name: "servers",
        look: Look::Special(special::find_servers),
        why: "a server of awsx that answers awsx here",
        close: "end it, or keep awsx's state directory out",
        closed: "no server of awsx can be asked from here",
    },
    #[cfg(unix)]
    Way {
        name: "keychain",
        look: Look::Sockets(&[
            Variable("DBUS_SESSION_BUS_ADDRESS"), Place::InVariable("XDG_RUNTIME_DIR", "bus"),
        ]),
        why: "a keychain that is unlocked gives each program on this bus its secrets",
        close: "keep the socket of the session's bus out of the sandbox",
        closed: "no session bus that leads to a keychain",
    },
    #[cfg(unix)]
    Way {
        name: "ssh-agent",
        look: Look::Sockets(&[Variable("SSH_AUTH_SOCK")]),
        why: "logs in as you where credentials may be",
        close: "unset SSH_AUTH_SOCK, and keep its socket out of the sandbox",
        closed: "no SSH agent",
    },
    #[cfg(unix)]
    Way {
        name: "containers",
        look: Look::Sockets(&[
            Variable("DOCKER_HOST"), Root("/var/run/docker.sock"), Home(".docker/run/docker.sock"),
            Home(".docker/desktop/docker.sock"), Home(".colima/default/docker.sock"),
            Place::InVariable("XDG_RUNTIME_DIR", "docker.sock"),
            Place::InVariable("XDG_RUNTIME_DIR", "podman/podman.sock"),
            Root("/run/podman/podman.sock"), Root("/run/containerd/containerd.sock"),
        ]),
        why: "starts containers, which may see every file of this machine",
        close: "keep the socket out of the sandbox",
        closed: "no docker, podman or containerd can be asked",
    },
    #[cfg(target_os = "linux")]
    Way {
        name: "processes",
        look: Look::Special(super::processes::find_secrets_of_others),
        why: "the environment of another process, with credentials, can be read",
        close: "run the agent as another user, or where it sees no processes but its own",
        closed: "no environment of another process with credentials can be read",
    },
    Way {
        name: "metadata",
        look: Look::Online(special::find_instance_metadata),
        why: "gives the role of this machine to whoever asks",
        close: "let the sandbox not reach it, or give the machine a hop limit of 1",
        closed: "no instance metadata service answers",
    },
];
