"""Resolves made-up set-ups with awsx and with botocore, set up as the AWS CLI v2 is, and compares them.

    resolve_with_botocore.py AWSX [COUNT [SEED]]

Both say whose credentials a set-up leads to: the source, the roles assumed with it, the region. Where they
differ, awsx must refuse or say a word about it, and the kind of difference must be in HELD, whose rows are those
of docs/decisions/0001-chain-order.md. Prints how often each kind came up; ends with 1 if one is in no row.
Needs botocore. Nothing is sent anywhere: botocore's clients are replaced, and awsx only explains.
"""

import collections
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile

import botocore.configprovider
import botocore.credentials as chain
import botocore.session
import botocore.utils

# ---- botocore as the AWS CLI v2, without a network --------------------------------------------


def answer(key):
    """Credentials whose key says where they come from."""
    return {
        "AccessKeyId": key,
        "SecretAccessKey": "s",
        "SessionToken": "t",
        "Expiration": "2099-01-01T00:00:00Z",
    }


class Client:
    """STS or the access portal."""

    class exceptions:
        class UnauthorizedException(Exception):
            pass

    def __init__(self, signer):
        self.signer = signer

    def assume_role(self, RoleArn, **_):
        return {"Credentials": answer(f"{self.signer} > {RoleArn}"), "AssumedRoleUser": {"Arn": "a:b:c:d:1:f"}}

    def assume_role_with_web_identity(self, RoleArn, **_):
        return {"Credentials": answer(f"web-identity > {RoleArn}"), "AssumedRoleUser": {"Arn": "a:b:c:d:1:f"}}

    def get_role_credentials(self, roleName, accountId, **_):
        keys = answer(f"sso {roleName} of {accountId}")
        keys = {key[0].lower() + key[1:]: value for key, value in keys.items()}
        return {"roleCredentials": {**keys, "expiration": 4070908800000}}


def given(key):
    return {"access_key": key, "secret_key": "s", "token": "t", "expiry_time": "2099-01-01T00:00:00Z"}


def simulate():
    """Replaces every edge of botocore."""

    def create(*_, aws_access_key_id=None, **__):
        return Client(aws_access_key_id)

    def instance(_self):
        off = os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true"
        return {} if off else {"role_name": "r", **given("instance")}

    def with_prompter(make):
        def new(self, *args, **kwargs):
            make(self, *args, **kwargs)
            self._prompter = lambda _: "123456"

        return new

    chain._get_client_creator = lambda *_: create
    botocore.session.Session.create_client = lambda _, *args, **kwargs: create(*args, **kwargs)
    chain.SSOTokenLoader.__call__ = lambda *_, **__: {"accessToken": "t", "expiresAt": "2099-01-01T00:00:00Z"}
    chain.SSOTokenProvider.load_token = lambda *_, **__: None
    chain.FileWebIdentityTokenLoader.__call__ = lambda _: "token"
    chain.ProcessProvider._retrieve_credentials_using = lambda self, _: given(
        f"credential-process {self._profile_name}"
    )
    chain.LoginProvider.load = lambda self: (
        chain.Credentials(f"login-session {self._profile_name}", "s")
        if self._load_config().get("profiles", {}).get(self._profile_name, {}).get("login_session")
        else None
    )
    botocore.utils.ContainerMetadataFetcher.retrieve_full_uri = lambda *_, **__: answer("container") | {"Token": "t"}
    chain.InstanceMetadataFetcher.retrieve_iam_role_credentials = instance
    chain.AssumeRoleProvider.__init__ = with_prompter(chain.AssumeRoleProvider.__init__)
    fetch = chain.SSOCredentialFetcher._get_credentials

    def of_portal(self):
        self._token_provider = None
        return fetch(self)

    chain.SSOCredentialFetcher._get_credentials = of_portal


def with_botocore(setup):
    """(identity, region) or (None, why not)."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(setup["env"])
    session = botocore.session.Session(
        session_vars={
            **botocore.configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES,
            "profile": (None, ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"], None, None),
            "region": ("region", ["AWS_REGION", "AWS_DEFAULT_REGION"], None, None),
        }
    )
    if setup["profile"]:
        session.set_config_variable("profile", setup["profile"])
    try:
        # The AWS CLI looks at the profile first of all.
        session.get_scoped_config()
        found = chain.create_credential_resolver(session).load_credentials()
        if found is None:
            return None, "no credentials"
        identity, region = found.get_frozen_credentials().access_key, session.get_config_variable("region")
        botocore.utils.validate_region_name(region or None)
        return identity, region
    except Exception as error:  # Whatever it is, it is how the AWS CLI ends.
        return None, f"{type(error).__name__}: {error}"


# ---- awsx -------------------------------------------------------------------------------------


def with_awsx(awsx, setup):
    """(identity, region, warnings) or (None, why not, warnings)."""
    command = [awsx, "explain", "--json", "--no-input"] + ([setup["profile"]] if setup["profile"] else [])
    ran = subprocess.run(command, env=setup["env"], capture_output=True, text=True)
    document = json.loads(ran.stdout) if ran.stdout else {"warnings": []}
    warnings = [warning["message"] for warning in document["warnings"]]
    if ran.returncode:
        return None, json.loads(ran.stderr.splitlines()[-1])["error"]["message"], warnings
    identity = ""
    for step in document["plan"]:
        call, profile = step["call"], step["profile"]
        if call == "sts:AssumeRole":
            identity += f" > {step['role_arn']}"
        elif call == "sts:AssumeRoleWithWebIdentity":
            identity = f"web-identity > {step['role_arn']}"
        elif call == "sso:GetRoleCredentials":
            role = re.match(r"role (\S+) of account (\S+),", step["note"])
            identity = f"sso {role[1]} of {role[2]}"
        elif call in ("credential-process", "login-session"):
            identity = f"{call} {profile}"
        elif call != "sts:GetSessionToken":
            identity = step["access_key_id"] or call
    return identity, document["region"], warnings


# ---- set-ups ----------------------------------------------------------------------------------

NAMES = ["default", "dev", "base", "hub", "two words"]
OVER = "2020-01-02 03:04:05"
REGIONS = ["eu-west-1", "us-east-2", "ap-south-1"]


class Maker:
    """Everything that is odd comes up seldom, so that most set-ups have one odd thing or none."""

    def __init__(self, seed, home):
        self.random = random.Random(seed)
        self.home = home
        self.keys = 0

    def seldom(self, chance=0.02):
        return self.random.random() < chance

    def key_pair(self, where):
        self.keys += 1
        pair = [("aws_access_key_id", f"AKIA{where}{self.keys}"), ("aws_secret_access_key", f"s{self.keys}")]
        if self.seldom(0.1):
            pair[0] = ("aws_access_key_id", f"ASIA{where}{self.keys}")
            pair.append(("aws_session_token", "t"))
        if self.seldom(0.04):
            pair.pop(self.random.randrange(len(pair)))
        return pair

    def session_of_aws_mfa(self):
        self.keys += 1
        role = [("assumed_role_arn", "arn:aws:iam::222222222222:role/Mfa")] if self.seldom(0.3) else []
        return [("assumed_role", str(bool(role))), *role] + [
            ("aws_access_key_id", f"ASIAMFA{self.keys}"),
            ("aws_secret_access_key", f"s{self.keys}"),
            ("aws_session_token", "t"),
            ("aws_security_token", "t"),
            ("expiration", self.random.choice([OVER, "2099-01-02 03:04:05"])),
        ]

    def reference(self):
        return "gone" if self.seldom(0.03) else self.random.choice(NAMES)

    def settings(self, number):
        """What the config file says of a profile."""
        random, lines = self.random, []
        role = [("role_arn", f"arn:aws:iam::222222222222:role/R{number}")]
        if random.random() < 0.45:
            lines += role
            if random.random() < 0.8:
                lines.append(("source_profile", self.reference()))
            if self.seldom(0.15):
                sources = ["Environment", "EcsContainer", "Ec2InstanceMetadata", "environment"]
                lines.append(("credential_source", random.choice(sources)))
            if self.seldom(0.1):
                lines.append(("mfa_serial", "arn:aws:iam::111111111111:mfa/a"))
            if self.seldom(0.1):
                lines.append(("role_session_name", "ann"))
        if self.seldom(0.06):
            lines += [("web_identity_token_file", "/token")] + ([] if lines or self.seldom(0.2) else role)
        if self.seldom(0.12):
            lines += [("sso_account_id", "333333333333"), ("sso_role_name", f"S{number}")]
            if self.seldom(0.5):
                lines.append(("sso_session", "gone" if self.seldom(0.05) else "corp"))
            else:
                lines += [("sso_start_url", "https://corp.awsapps.com/start"), ("sso_region", "eu-west-1")]
            if self.seldom(0.06):
                lines.pop()
        if self.seldom(0.06):
            lines.append(("login_session", f"arn:aws:iam::444444444444:user/u{number}"))
        if self.seldom(0.1):
            lines.append(("credential_process", "tool --json"))
        if self.seldom(0.25):
            lines += self.key_pair("CONFIG")
        if self.seldom(0.4):
            lines.append(("region", random.choice(REGIONS)))
        if self.seldom(0.03):
            lines.append(("include_profile", self.reference()))
        if self.seldom(0.03):
            lines.append(("output", "json"))
        random.shuffle(lines)
        return lines

    def written(self, lines):
        """The settings as text, in the spellings that people have."""
        text = ""
        for key, value in lines:
            if self.seldom():
                key = key.upper()
            odd = self.random.random()
            if odd < 0.005:
                value = ""
            if odd < 0.98:
                line = f"{key} = {value}\n"
            else:
                line = self.random.choice(
                    [
                        f"{key}={value}\n",
                        f"{key}: {value}\n",
                        f"{key} = {value} # note\n",
                        f"{key} = {value}\n  # note\n",
                        f"{key} = {value}\n# note\n\n",
                        f"  {key} = {value}\n",
                        f"{key} = {value}\n{key} = other\n",
                        f"{key} = {value}\n{key} = {value}\n",
                        f"{key} = {value}\n\tmore\n",
                        f"export {key.upper()}={value}\n",
                        f"{key} = \"{value}\"\n",
                        f"{key}\t=\t{value} \r\n",
                    ]
                )
            text += line
        return text

    def header(self, name, is_config):
        word = "profile " if is_config and name != "default" else ""
        plain = f'[{word}"{name}"]' if is_config and " " in name else f"[{word}{name}]"
        if not self.seldom(0.04):
            return plain + "\n"
        return self.random.choice(
            [
                f"[profile {name}]\n",
                f'[profile "{name}"]\n',
                f"[ {word}{name}]\n",
                f"[{word} {name} ]\n",
                f"[{name}]\n",
                f"{plain} # note\n",
                "[DEFAULT]\n",
                f"[profiles {name}]\n",
                f"  {plain}\n",
            ]
        )

    def files(self):
        config, credentials = [], []
        for number, name in enumerate(NAMES):
            if self.random.random() < 0.75:
                config.append(self.header(name, True) + self.written(self.settings(number)))
                if self.seldom(0.03):
                    config.append(self.header(name, True) + self.written(self.key_pair("AGAIN")))
            if self.random.random() < 0.45:
                keys = self.session_of_aws_mfa() if self.seldom(0.15) else self.key_pair("FILE")
                credentials.append(self.header(name, False) + self.written(keys))
            if self.seldom(0.08):
                device = [("aws_mfa_device", "arn:aws:iam::111111111111:mfa/a")]
                credentials.append(f"[{name}-long-term]\n" + self.written(self.key_pair("LONG") + device))
        config.append("[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n")
        self.random.shuffle(config)
        return "".join(config), "".join(credentials)

    def variables(self):
        env, random = {"HOME": self.home, "AWSX_VAULT": "memory", "USER": "ann"}, self.random
        for name, chance, values in [
            ("AWS_PROFILE", 0.25, NAMES + ["gone"]),
            ("AWS_DEFAULT_PROFILE", 0.05, NAMES),
            ("AWS_REGION", 0.15, REGIONS),
            ("AWS_DEFAULT_REGION", 0.15, REGIONS),
            ("AWS_ACCESS_KEY_ID", 0.15, ["AKIAENV"]),
            ("AWS_SESSION_TOKEN", 0.05, ["t"]),
            ("AWS_SECURITY_TOKEN", 0.02, ["u"]),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", 0.06, ["/token"]),
            ("AWS_ROLE_ARN", 0.06, ["arn:aws:iam::555555555555:role/Env"]),
            ("AWS_ROLE_SESSION_NAME", 0.03, ["env"]),
            ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", 0.06, ["/v2/x"]),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", 0.03, ["http://localhost/x"]),
            ("AWS_EC2_METADATA_DISABLED", 0.5, ["true", "TRUE", "false"]),
        ]:
            if random.random() < chance:
                env[name] = "" if self.seldom(0.03) else random.choice(values)
        if "AWS_ACCESS_KEY_ID" in env and not self.seldom(0.05):
            env["AWS_SECRET_ACCESS_KEY"] = "s"
        return env

    def setup(self):
        config, credentials = self.files()
        profile = self.random.choice(NAMES) if self.random.random() < 0.6 else None
        return {"config": config, "credentials": credentials, "env": self.variables(), "profile": profile}


# ---- comparison -------------------------------------------------------------------------------

# How awsx and the AWS CLI differ on purpose: the row of docs/decisions/0001-chain-order.md, how the two end, and what
# awsx says to the person. The first that fits counts.
REFUSED = "awsx refuses, the AWS CLI goes on"
ANY = ""
HELD = [
    ("a named profile without credentials", REFUSED, "has no credentials: no role_arn"),
    ("a named profile without credentials", REFUSED, r"has \w+ but no (role_arn|sso_account_id and)"),
    ("half a key pair", REFUSED, r"but no aws_\w+ in the same file"),
    ("two values for one key", REFUSED, "has another value at"),
    ("a mistake elsewhere in the file", "the AWS CLI fails: ConfigParseError", ANY),
    ("two spellings of one section", ANY, "this spelling of the section is ignored"),
    ("a blank setting or variable", ANY, "is blank and counts as unset"),
    ("[DEFAULT]", ANY, r"adds the settings of \[DEFAULT\] to every section"),
    (
        "other spellings",
        ANY,
        "CLI (takes the (comment|blank line)|takes everything|ends the key|does not recognise)|merge the two|"
        "ignore this kind of section|to the AWS CLI it is a profile|\\] instead;",
    ),
    ("an indented line below a key", REFUSED, "goes on in an indented line"),
    ("a name, an account id, a URL or a region", REFUSED, "is not (an account id|an https URL|a region|2 to 64)"),
]


def without_blanks(setup):
    """Blank settings and variables count as unset."""
    env = {name: value for name, value in setup["env"].items() if value.strip()}
    files = {
        name: re.sub(r"(?m)^\s*[\w ]+[=:][ \t]*$\n?", "", setup[name]) for name in ("config", "credentials")
    }
    return {**setup, **files, "env": env}


def without_includes(setup):
    """The AWS CLI knows no include_profile."""
    return {**setup, "config": re.sub(r"(?mi)^\s*include_profile.*$\n?", "", setup["config"])}


def without_end(setup):
    """The AWS CLI takes no notice of when a session ends."""
    return {**setup, "credentials": setup["credentials"].replace(OVER, "2099-01-02 03:04:05")}


def without_long_term(setup):
    """Nor of aws-mfa's other sections."""
    sections = re.split(r"(?m)^(?=\[)", without_end(setup)["credentials"])
    return {**setup, "credentials": "".join(text for text in sections if "-long-term]" not in text)}


# Rows that are known by the difference being gone without what makes it.
CAUSES = [
    ("include_profile", without_includes),
    ("a blank setting or variable", without_blanks),
    ("a session in the credentials file whose expiration", without_end),
    ("a profile without credentials beside X-long-term", without_long_term),
]


def without_all(setup):
    for _, without in CAUSES:
        setup = without(setup)
    return setup


def resolve(awsx, setup):
    """What the two make of a set-up."""
    for name in ("config", "credentials"):
        path = os.path.join(setup["env"]["HOME"], ".aws", name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(setup[name])
    return with_botocore(setup), with_awsx(awsx, setup)


def kind_of(cli, ours):
    """None where both are the same; else the row that holds the difference, or words for one that none holds."""
    (cli_identity, cli_region), (identity, region, warnings) = cli, ours
    if (cli_identity, cli_region) == (identity, region) or (cli_identity is None and identity is None):
        return None
    said = "; ".join(warnings)
    if identity is None:
        what, said = REFUSED, f"{region}; {said}"
    elif cli_identity is None:
        what = f"awsx goes on; the AWS CLI fails: {cli_region}"
    else:
        what = "another identity" if cli_identity != identity else "another region"
    for row, ends, says in HELD:
        if re.search(ends, what) and re.search(says, said):
            return row
    said = re.sub(r"\S*\.aws/\S*", "FILE", f"open: {what}: {said}")
    return re.sub("|".join(NAMES + ["gone"]), "NAME", said)


def kind_of_setup(awsx, setup):
    kind = kind_of(*resolve(awsx, setup))
    if kind and kind.startswith("open: "):
        for row, without in [*CAUSES, ("several of these", without_all)]:
            same = without(setup) == setup
            if not same and not str(kind_of(*resolve(awsx, without(setup)))).startswith("open: "):
                return row
    return kind


def work(arguments):
    """The kinds of some set-ups, by their numbers; in a process of its own, because of its environment."""
    awsx, seed, numbers = arguments
    simulate()
    with tempfile.TemporaryDirectory() as home:
        os.mkdir(os.path.join(home, ".aws"))
        made = ((number, Maker(seed * 1_000_000 + number, home).setup()) for number in numbers)
        return [(kind_of_setup(awsx, setup), number, setup) for number, setup in made]


def main(awsx, count=300, seed=1):
    numbers, processes = range(int(count)), os.cpu_count()
    with multiprocessing.Pool(processes) as pool:
        parts = pool.map(work, [(awsx, int(seed), numbers[start::processes]) for start in range(processes)])
    counted, examples = collections.Counter(), {}
    for kind, number, setup in (found for part in parts for found in part):
        counted[kind or "the same"] += 1
        examples.setdefault(kind, (number, setup))
    for kind, times in counted.most_common():
        print(f"{times:6} {kind}")
    is_open = [kind for kind in examples if kind and kind.startswith("open: ")]
    for kind in is_open:
        number, setup = examples[kind]
        env = {name: value for name, value in setup["env"].items() if name.startswith("AWS_")}
        print(f"\n{kind}\nset-up {number}: profile {setup['profile']}, {env}")
        print(f"{setup['config']}--\n{setup['credentials']}")
    return 1 if is_open else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
