//! The operations of STS: what each takes, within which bounds, who signs it, and what it gives. Names and
//! bounds are those of <https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html>.

use crate::cli::page::page;

/// An operation, and its command.
#[derive(Debug)]
pub(super) struct Operation {
    /// As the AWS CLI calls it
    pub command: &'static str,
    /// `sts:AssumeRole`
    pub call: &'static str,
    /// What it does, in a line
    pub about: &'static str,
    /// The template of its help
    pub page: &'static str,
    pub signer: Signer,
    /// Whether its answer holds credentials
    pub gives_credentials: bool,
    pub flags: &'static [Flag],
}

/// Whose credentials sign a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    /// Those of the profile
    Profile,
    /// The same; a role may demand the MFA session of the profile's user
    ProfileWithMfa,
    /// The access keys of an IAM user
    LongTermKeys,
}

/// A flag, under the AWS CLI's name and under awsx's own, and the parameter that it becomes.
#[derive(Debug)]
pub(super) struct Flag {
    pub name: &'static str,
    /// awsx's own name, where that is another
    pub alias: Option<&'static str>,
    pub value: &'static str,
    pub help: &'static str,
    pub parameter: &'static str,
    pub form: Form,
    pub is_required: bool,
}

/// What a value may be.
#[derive(Debug)]
pub(super) enum Form {
    /// So many characters: letters, digits, `_`, and these where AWS says which
    Text(usize, usize, Option<&'static str>),
    /// The ARN of a role
    RoleArn,
    /// Seconds, in the bounds: `DurationSeconds`
    Duration(u64, u64),
    /// JSON, or a file that holds it
    Policy,
    /// So many texts of at most so many characters, and what may stand between several in one value
    Texts(usize, usize, Option<char>),
    /// So many structures with these members
    Structures(usize, &'static [Member]),
}

/// A member of a structure, and how many characters it has.
#[derive(Debug)]
pub(super) struct Member(pub &'static str, pub usize, pub usize);

impl Form {
    /// Whether it may be given several times, and with several values.
    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::Texts(..) | Self::Structures(..))
    }
}

impl Flag {
    const fn new(
        name: &'static str,
        value: &'static str,
        parameter: &'static str,
        form: Form,
        help: &'static str,
    ) -> Self {
        Self { name, alias: None, value, help, parameter, form, is_required: false }
    }

    const fn or(self, alias: &'static str) -> Self {
        Self { alias: Some(alias), ..self }
    }

    const fn demand(self) -> Self {
        Self { is_required: true, ..self }
    }
}

/// Of names
const OF_NAMES: Option<&str> = Some("+=,.@-");

const ARN: Member = Member("arn", 20, 2048);

const ROLE_ARN: Flag =
    Flag::new("role-arn", "ARN", "RoleArn", Form::RoleArn, "The role to assume").demand();
const POLICY: Flag = Flag::new(
    "policy",
    "FILE|JSON",
    "Policy",
    Form::Policy,
    "A session policy: JSON, or a file that holds it",
);
const POLICY_ARNS: Flag = Flag::new(
    "policy-arns",
    "ARN",
    "PolicyArns",
    Form::Structures(10, &[ARN]),
    "Managed policies to use as session policies",
)
.or("policy-arn");
const TAGS: Flag = Flag::new(
    "tags",
    "K=V",
    "Tags",
    Form::Structures(50, &[Member("Key", 1, 128), Member("Value", 0, 256)]),
    "Session tags",
)
.or("tag");
const SERIAL_NUMBER: Flag = Flag::new(
    "serial-number",
    "ARN",
    "SerialNumber",
    Form::Text(9, 256, Some("+=/:,.@-")),
    "The MFA device; without --token-code its code is taken from the vault, or asked for",
);

const fn duration(least: u64, most: u64, help: &'static str) -> Flag {
    let form = Form::Duration(least, most);
    Flag::new("duration-seconds", "D", "DurationSeconds", form, help).or("duration")
}

const HOUR: u64 = 3600;

/// In the order of the help.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        command: "get-caller-identity",
        call: "sts:GetCallerIdentity",
        about: "Whose the credentials are",
        page: page!(
            "";
            "awsx sts get-caller-identity --profile dev"
        ),
        signer: Signer::Profile,
        gives_credentials: false,
        flags: &[],
    },
    Operation {
        command: "assume-role",
        call: "sts:AssumeRole",
        about: "Credentials of a role",
        page: page!(
            "
Prints AWS's answer; with --format as `awsx env`, with a command as `awsx exec`.
";
            "awsx sts assume-role --role-arn arn:aws:iam::123456789012:role/Audit"
            "awsx sts assume-role -p dev --role-arn ARN --duration 15m -- aws s3 ls"
            "awsx sts assume-role -p dev --role-arn ARN --format dotenv >role.env"
        ),
        signer: Signer::ProfileWithMfa,
        gives_credentials: true,
        flags: &[
            ROLE_ARN,
            Flag::new(
                "role-session-name",
                "NAME",
                "RoleSessionName",
                Form::Text(2, 64, OF_NAMES),
                "The name that CloudTrail shows; awsx-USER otherwise",
            )
            .or("session-name"),
            duration(900, 12 * HOUR, "How long they last, such as 15m or 3600; an hour otherwise"),
            POLICY,
            POLICY_ARNS,
            TAGS,
            Flag::new(
                "transitive-tag-keys",
                "K",
                "TransitiveTagKeys",
                Form::Texts(50, 128, Some(',')),
                "Tags that further roles inherit",
            )
            .or("transitive-tag"),
            Flag::new(
                "external-id",
                "ID",
                "ExternalId",
                Form::Text(2, 1224, Some("+=,.@:/-")),
                "What the role's trust policy asks for",
            ),
            SERIAL_NUMBER,
            Flag::new(
                "source-identity",
                "S",
                "SourceIdentity",
                Form::Text(2, 256, OF_NAMES),
                "Who it is, for CloudTrail and further roles",
            ),
            Flag::new(
                "provided-contexts",
                "CONTEXT",
                "ProvidedContexts",
                Form::Structures(
                    5,
                    &[Member("ProviderArn", 20, 2048), Member("ContextAssertion", 4, 3072)],
                ),
                "Those of a trusted provider: ProviderArn=ARN,ContextAssertion=TEXT",
            ),
        ],
    },
    Operation {
        command: "get-session-token",
        call: "sts:GetSessionToken",
        about: "A session of an IAM user, with MFA or without",
        page: page!(
            "
Prints AWS's answer; with --format as `awsx env`, with a command as `awsx exec`.
Signed with the access keys of an IAM user.
";
            "awsx sts get-session-token -p dev --duration 1h"
            "awsx sts get-session-token --serial-number arn:aws:iam::123456789012:mfa/ann"
        ),
        signer: Signer::LongTermKeys,
        gives_credentials: true,
        flags: &[
            duration(900, 36 * HOUR, "How long they last, such as 15m or 3600; 12h otherwise"),
            SERIAL_NUMBER,
        ],
    },
    Operation {
        command: "get-federation-token",
        call: "sts:GetFederationToken",
        about: "Credentials for somebody whom an IAM user vouches for",
        page: page!(
            "
Prints AWS's answer; with --format as `awsx env`, with a command as `awsx exec`.
Signed with the access keys of an IAM user. Without a policy they allow nothing.
";
            "awsx sts get-federation-token --name Bob --policy file://s3.json"
            "awsx sts get-federation-token --name Bob \\"
            "    --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess -- aws s3 ls"
        ),
        signer: Signer::LongTermKeys,
        gives_credentials: true,
        flags: &[
            Flag::new(
                "name",
                "NAME",
                "Name",
                Form::Text(2, 32, OF_NAMES),
                "Who gets them; CloudTrail shows it",
            )
            .demand(),
            duration(900, 36 * HOUR, "How long they last, such as 15m or 3600; 12h otherwise"),
            POLICY,
            POLICY_ARNS,
            TAGS,
        ],
    },
];
