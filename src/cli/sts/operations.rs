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
    pub gives: Gives,
    pub flags: &'static [Flag],
}

/// Whose credentials sign a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    /// Those of the profile
    Profile,
    /// The same; a role may demand the MFA session of the profile's user
    ProfileWithMfa,
    /// A session: AWS takes no access keys of an IAM user
    Session,
    /// The access keys of an IAM user
    LongTermKeys,
    /// Nobody's: a token or an assertion proves who asks
    Nobody,
}

/// What an operation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    /// Credentials, which can be handed over
    Credentials,
    /// A message that can be read
    Message,
    /// An answer for a program or a person
    Answer,
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
    /// A whole number, in the bounds
    Number(u64, u64),
    /// JSON, or a file that holds it
    Policy,
    /// What proves who asks, of at most so many characters: a secret
    Proof(usize),
    /// One of these words
    OneOf(&'static [&'static str]),
    /// A policy of AWS for a task: its ARN, or its name
    Task,
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

    /// Not needed where the assertion says it.
    const fn leave_to_assertion(self, help: &'static str) -> Self {
        Self { is_required: false, help, ..self }
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
    "Managed policies, as well",
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
    "An MFA device, whose code the call holds",
);

const TOKEN_SIZE: Flag = Flag::new(
    "minimum-session-token-size",
    "N",
    "MinimumSessionTokenSize",
    Form::Number(0, 4096),
    "Make the session token as large, 4096 at most",
);

const fn duration(least: u64, most: u64, help: &'static str) -> Flag {
    let form = Form::Duration(least, most);
    Flag::new("duration-seconds", "D", "DurationSeconds", form, help).or("duration")
}

const HOUR: u64 = 3600;
const ROLE_DURATION: Flag = duration(900, 12 * HOUR, "How long, as 15m; an hour otherwise");
const SESSION_NAME: Flag = Flag::new(
    "role-session-name",
    "NAME",
    "RoleSessionName",
    Form::Text(2, 64, OF_NAMES),
    "Its name in CloudTrail",
)
.or("session-name");

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
        gives: Gives::Answer,
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
        gives: Gives::Credentials,
        flags: &[
            ROLE_ARN,
            SESSION_NAME,
            ROLE_DURATION,
            POLICY,
            POLICY_ARNS,
            TAGS,
            Flag::new(
                "transitive-tag-keys",
                "K",
                "TransitiveTagKeys",
                Form::Texts(50, 128, Some(',')),
                "Tags that roles inherit",
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
                "ProviderArn=ARN,ContextAssertion=TEXT",
            ),
            TOKEN_SIZE,
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
        gives: Gives::Credentials,
        flags: &[
            duration(900, 36 * HOUR, "How long, as 15m; 12h otherwise"),
            SERIAL_NUMBER,
            TOKEN_SIZE,
        ],
    },
    Operation {
        command: "get-scoped-credentials",
        call: "sts:GetScopedCredentials",
        about: "A session with less, of the same identity",
        page: page!(
            "
Prints AWS's answer; with --format as `awsx env`, with a command as `awsx exec`.
Signed with a session. It needs a policy or a duration.
";
            "awsx sts get-scoped-credentials -p admin --policy file://s3.json -- aws s3 ls"
            "awsx sts get-scoped-credentials -p admin --duration 10m"
        ),
        signer: Signer::Session,
        gives: Gives::Credentials,
        flags: &[
            POLICY,
            duration(1, 36 * HOUR, "How long, as 15m; as long as the session otherwise"),
            Flag::new(
                "scoped-session-description",
                "TEXT",
                "ScopedSessionDescription",
                Form::Text(2, 256, None),
                "What it is for, for CloudTrail",
            )
            .or("scope-note"),
            TOKEN_SIZE,
        ],
    },
    Operation {
        command: "get-federation-token",
        call: "sts:GetFederationToken",
        about: "Credentials for whom an IAM user vouches",
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
        gives: Gives::Credentials,
        flags: &[
            Flag::new(
                "name",
                "NAME",
                "Name",
                Form::Text(2, 32, OF_NAMES),
                "Who gets them; CloudTrail shows it",
            )
            .demand(),
            duration(900, 36 * HOUR, "How long, as 15m; 12h otherwise"),
            POLICY,
            POLICY_ARNS,
            TAGS,
            TOKEN_SIZE,
        ],
    },
    Operation {
        command: "assume-role-with-web-identity",
        call: "sts:AssumeRoleWithWebIdentity",
        about: "Credentials of a role, for an OpenID token",
        page: page!(
            "
Prints AWS's answer; with --format as `awsx env`, with a command as `awsx exec`.
Nobody signs: the token proves who asks.
";
            "awsx sts assume-role-with-web-identity --role-arn ARN \\"
            "    --web-identity-token token.jwt -- aws s3 ls"
            "get-token | awsx sts assume-role-with-web-identity --role-arn ARN \\"
            "    --web-identity-token - --format dotenv"
        ),
        signer: Signer::Nobody,
        gives: Gives::Credentials,
        flags: &[
            ROLE_ARN,
            Flag::new(
                "web-identity-token",
                "FILE|-",
                "WebIdentityToken",
                Form::Proof(20_000),
                "The token: a file, or - for stdin",
            )
            .demand(),
            SESSION_NAME,
            Flag::new(
                "provider-id",
                "HOST",
                "ProviderId",
                Form::Text(4, 2048, None),
                "Of a token of OAuth 2.0, as www.amazon.com",
            ),
            ROLE_DURATION,
            POLICY,
            POLICY_ARNS,
            TOKEN_SIZE,
        ],
    },
    Operation {
        command: "assume-role-with-saml",
        call: "sts:AssumeRoleWithSAML",
        about: "Credentials of a role, for a SAML assertion",
        page: page!(
            "
Prints AWS's answer; with --format as `awsx env`, with a command as `awsx exec`.
Nobody signs: the assertion proves who asks. AWS takes it for five minutes.
Role and provider are read from it, unless it has several.
";
            "awsx sts assume-role-with-saml --saml-assertion assertion.b64 -- aws s3 ls"
            "get-assertion | awsx sts assume-role-with-saml --role-arn ARN \\"
            "    --saml-assertion - --format dotenv"
        ),
        signer: Signer::Nobody,
        gives: Gives::Credentials,
        flags: &[
            ROLE_ARN.leave_to_assertion("The role, where the assertion has several"),
            Flag::new(
                "principal-arn",
                "ARN",
                "PrincipalArn",
                Form::Text(20, 2048, None),
                "The SAML provider in IAM, where it has several",
            ),
            Flag::new(
                "saml-assertion",
                "FILE|-",
                "SAMLAssertion",
                Form::Proof(100_000),
                "The assertion in base 64: a file, or - for stdin",
            )
            .demand(),
            ROLE_DURATION,
            POLICY,
            POLICY_ARNS,
            TOKEN_SIZE,
        ],
    },
    Operation {
        command: "assume-root",
        call: "sts:AssumeRoot",
        about: "The root user of a member account, for one task",
        page: page!(
            "
Prints AWS's answer; with --format as `awsx env`, with a command as `awsx exec`.
";
            "awsx sts assume-root --target-principal 123456789012 \\"
            "    --task-policy-arn S3UnlockBucketPolicy -- aws s3api delete-bucket-policy \\"
            "    --bucket locked"
        ),
        signer: Signer::Profile,
        gives: Gives::Credentials,
        flags: &[
            Flag::new(
                "target-principal",
                "ACCOUNT|ARN",
                "TargetPrincipal",
                Form::Text(12, 2048, None),
                "The member account",
            )
            .demand(),
            Flag::new(
                "task-policy-arn",
                "ARN|NAME",
                "TaskPolicyArn.arn",
                Form::Task,
                "What it may do; arn:aws:iam::aws:policy/root-task/NAME",
            )
            .demand(),
            duration(0, 900, "How long, as 5m; 15m otherwise"),
            TOKEN_SIZE,
        ],
    },
    Operation {
        command: "get-web-identity-token",
        call: "sts:GetWebIdentityToken",
        about: "A token by which others know who the caller is",
        page: page!(
            "
The account must allow it: `aws iam enable-outbound-web-identity-federation`.
";
            "awsx sts get-web-identity-token --audience https://api.example.com \\"
            "    --signing-algorithm ES384 | jq -r .WebIdentityToken"
        ),
        signer: Signer::Profile,
        gives: Gives::Answer,
        flags: &[
            Flag::new(
                "audience",
                "TEXT",
                "Audience",
                Form::Texts(10, 1000, None),
                "For whom it is; may be repeated",
            )
            .demand(),
            Flag::new(
                "signing-algorithm",
                "RS256|ES384",
                "SigningAlgorithm",
                Form::OneOf(&["RS256", "ES384"]),
                "How AWS signs it",
            )
            .demand(),
            duration(60, HOUR, "How long, as 10m; 5m otherwise"),
            TAGS,
        ],
    },
    Operation {
        command: "get-access-key-info",
        call: "sts:GetAccessKeyInfo",
        about: "The account of an access key",
        page: page!(
            "";
            "awsx sts get-access-key-info --access-key-id AKIAIOSFODNN7EXAMPLE"
        ),
        signer: Signer::Profile,
        gives: Gives::Answer,
        flags: &[Flag::new(
            "access-key-id",
            "ID",
            "AccessKeyId",
            Form::Text(16, 128, Some("")),
            "The key's id: AKIA… or ASIA…",
        )
        .demand()],
    },
    Operation {
        command: "decode-authorization-message",
        call: "sts:DecodeAuthorizationMessage",
        about: "What an encoded refusal says, to be read",
        page: page!(
            "
Takes all of the error's text, wrapped or coloured, and finds the encoded part.
";
            "aws ec2 run-instances … 2>&1 | awsx sts decode-authorization-message -p dev"
            "awsx sts decode-authorization-message error.txt"
            "awsx sts decode-authorization-message --encoded-message TEXT --aws-json"
        ),
        signer: Signer::Profile,
        gives: Gives::Message,
        flags: &[],
    },
];

/// The policies that AWS has for tasks of a root user.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html>
pub(super) const TASKS: [&str; 5] = [
    "IAMAuditRootUserCredentials",
    "IAMCreateRootUserPassword",
    "IAMDeleteRootUserCredentials",
    "S3UnlockBucketPolicy",
    "SQSUnlockQueuePolicy",
];
