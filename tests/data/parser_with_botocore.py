"""Checks what tests/data/parser.toml claims about the AWS CLI, with botocore's own loader.

Needs Python 3.11 and botocore; prints nothing and ends with 0 if every claim holds.
"""

import os
import sys
import tempfile
import tomllib

from botocore.configloader import load_config, raw_config_parse
from botocore.exceptions import ConfigParseError


def nested(value):
    """A value the way awsx writes it: nested settings as indented lines, without blanks."""
    if isinstance(value, dict):
        return "".join(f"\n{k}={v}" for k, v in value.items())
    if value.startswith("\n"):
        return "".join(
            "\n" + "=".join(part.strip() for part in line.split("=", 1))
            for line in value.splitlines()[1:]
        )
    return value


def sections(found):
    return {
        name: {key: nested(value) for key, value in values.items()}
        for name, values in found.items()
    }


def reading(case):
    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for name in ("config", "credentials"):
            paths.append(os.path.join(directory, name))
            with open(paths[-1], "w", encoding="utf-8", newline="") as file:
                file.write(case.get("input", {}).get(name, ""))
        try:
            config = load_config(paths[0])
            profiles = config["profiles"]
            for name, values in raw_config_parse(paths[1]).items():
                profiles.setdefault(name, {}).update(values)
        except ConfigParseError:
            return "rejects"
    output = case["output"]
    same = (
        "error" not in output
        and sections(profiles) == sections(output.get("profiles", {}))
        and sections(config["sso_sessions"]) == sections(output.get("sso_sessions", {}))
    )
    return "same" if same else "differs"


with open(os.path.join(os.path.dirname(__file__), "parser.toml"), "rb") as table:
    cases = tomllib.load(table)["case"]
wrong = [
    f"{case['docs']}: the AWS CLI: {found}, the table: {case.get('cli', 'same')}"
    for case in cases
    if (found := reading(case)) != case.get("cli", "same")
]
sys.exit("\n".join(wrong) or 0)
