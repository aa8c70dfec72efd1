"""Fills the templates: `fill.py URL SUMS FOLDER` writes to FOLDER what package managers take.

URL is where the repository is, SUMS the release's SHA256SUMS; the rest is in Cargo.toml.
"""

import re
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

# The template, and where it goes below FOLDER.
FILES = {
    "awsx.rb": "homebrew/awsx.rb",
    "awsx.json": "scoop/awsx.json",
    "winget.yaml": "winget/{OWNER}.awsx.yaml",
    "winget.installer.yaml": "winget/{OWNER}.awsx.installer.yaml",
    "winget.locale.en-US.yaml": "winget/{OWNER}.awsx.locale.en-US.yaml",
    "PKGBUILD": "aur/PKGBUILD",
    "SRCINFO": "aur/.SRCINFO",
    "Dockerfile": "docker/Dockerfile",
}


def archive(version: str, target: str) -> str:
    return f"awsx-{version}-{target}" + (".zip" if "windows" in target else ".tar.gz")


def fill(repository: str, sums: str, folder: Path) -> None:
    repository = repository.removesuffix("/").removesuffix(".git")
    if not re.fullmatch(r"https://[^/\s]+(/[\w.-]+){2,}", repository):
        sys.exit(f"fill.py: {repository} is no URL of a repository: https://HOST/OWNER/NAME")
    package = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
    version = package["version"]
    digests = {name: digest for digest, name in (line.split() for line in sums.splitlines())}
    values = {
        "VERSION": version,
        "DESCRIPTION": package["description"],
        "LICENSE": package["license"],
        "REPOSITORY": repository,
        "OWNER": repository.split("/")[-2],
    }

    def value(name: str, target: str | None) -> str:
        if target is None:
            return values[name]
        file = archive(version, target)
        if file not in digests:
            sys.exit(f"fill.py: SHA256SUMS does not have {file}")
        return {
            "URL": f"{repository}/releases/download/v{version}/{file}",
            "SHA256": digests[file],
            "FOLDER": f"awsx-{version}-{target}",
        }[name]

    for template, place in FILES.items():
        text = (HERE / "templates" / template).read_text()
        text = re.sub(r"@([A-Z0-9]+)(?: ([\w-]+))?@", lambda m: value(m[1], m[2]), text)
        path = folder / place.format(**values)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("fill.py: name URL, SHA256SUMS and FOLDER")
    fill(sys.argv[1], Path(sys.argv[2]).read_text(), Path(sys.argv[3]))
