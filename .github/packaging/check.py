"""Checks what package managers get: `check.py BINARY`.

The definitions are filled for every archive that the workflow makes. The .deb and the .rpm are made of BINARY,
installed into an empty root, and run there.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path

import yaml

sys.dont_write_bytecode = True
import fill

ROOT = fill.ROOT
PACKAGE = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
VERSION = PACKAGE["version"]
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
TARGETS = [
    build["target"] for build in WORKFLOW["jobs"]["build"]["strategy"]["matrix"]["include"]
]
ARCHIVES = {fill.archive(VERSION, target): target for target in TARGETS}
REPOSITORY = "https://git.example/owner/name"
MAINTAINER = "The Owner <owner@git.example>"
BINARY = Path(sys.argv.pop() if len(sys.argv) > 1 else "").resolve()
# What `make` calls the archive of BINARY.
HOST = "x86_64-unknown-linux-musl"

# What is where on a system that has the package, besides the man pages.
EVERYWHERE = {
    "/usr/bin/awsx": 0o755,
    "/usr/share/bash-completion/completions/awsx": 0o644,
    "/usr/share/fish/vendor_completions.d/awsx.fish": 0o644,
}
DEB = EVERYWHERE | {
    "/usr/share/doc/awsx/README.md": 0o644,
    "/usr/share/doc/awsx/changelog.Debian.gz": 0o644,
    "/usr/share/doc/awsx/copyright": 0o644,
    "/usr/share/lintian/overrides/awsx": 0o644,
    "/usr/share/zsh/vendor-completions/_awsx": 0o644,
}
RPM = EVERYWHERE | {
    "/usr/share/doc/awsx/README.md": 0o644,
    "/usr/share/licenses/awsx/LICENSE": 0o644,
    "/usr/share/zsh/site-functions/_awsx": 0o644,
}
AUR = EVERYWHERE | {
    "/usr/share/doc/awsx-bin/README.md": 0o644,
    "/usr/share/licenses/awsx-bin/LICENSE": 0o644,
    "/usr/share/zsh/site-functions/_awsx": 0o644,
}


def digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def run(*command: object, **options: object) -> str:
    words = [str(word) for word in command]
    ran = subprocess.run(words, capture_output=True, text=True, **options)
    if ran.returncode:
        raise AssertionError(f"{words}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def files_below(root: Path, without: str = "/var/") -> dict[str, int]:
    """The path and the mode of each file, as on the system whose root it is."""
    found = {"/" + str(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}
    return {at: path.stat().st_mode & 0o7777 for at, path in found.items() if not at.startswith(without)}


def setUpModule() -> None:
    global folder, archive, man
    if not BINARY.is_file():
        raise AssertionError("name a binary: check.py target/release/awsx")
    folder = Path(tempfile.mkdtemp())
    unittest.addModuleCleanup(run, "rm", "-r", folder)
    run(ROOT / ".github/release/make", HOST, BINARY)
    run(ROOT / ".github/release/linux-packages", HOST, REPOSITORY, MAINTAINER)
    archive = ROOT / f"target/dist/{fill.archive(VERSION, HOST)}"
    man = [f"/usr/share/man/man1/{page.name}" for page in (ROOT / "target/pages/man").iterdir()]
    sums = "".join(f"{digest(name)}  {name}\n" for name in ARCHIVES)
    fill.fill(REPOSITORY, sums, folder / "filled")


class Archive(unittest.TestCase):
    def test_the_same_files_are_the_same_bytes(self) -> None:
        before = archive.read_bytes()
        for file in archive.with_name(f"awsx-{VERSION}-{HOST}").rglob("*"):
            os.utime(file)
        run(ROOT / ".github/release/make", HOST, BINARY)
        self.assertEqual(before, archive.read_bytes())


class Definitions(unittest.TestCase):
    def texts(self) -> dict[str, str]:
        filled = folder / "filled"
        files = [path for path in filled.rglob("*") if path.is_file()]
        self.assertEqual(len(files), len(fill.FILES))
        return {str(path.relative_to(filled)): path.read_text() for path in files}

    def test_nothing_is_left_unfilled(self) -> None:
        for name, text in self.texts().items():
            self.assertNotRegex(text, r"@[A-Z0-9]+( [\w-]+)?@|TODO|FIXME", name)

    def test_each_says_what_cargo_toml_says(self) -> None:
        for name, text in self.texts().items():
            if name.startswith("winget") and "locale" not in name:
                self.assertIn(f"PackageVersion: {VERSION}\n", text)
                continue
            for what in ("version", "description", "license"):
                self.assertIn(PACKAGE[what], text, f"{name}: {what}")
            self.assertIn(REPOSITORY, text, name)
        self.assertEqual(PACKAGE["name"], "awsx")
        # Homebrew's and winget's bounds.
        self.assertLessEqual(len(PACKAGE["description"]), 80)
        self.assertNotRegex(PACKAGE["description"], r"[\"'@\\]|\.$")

    def test_each_url_is_an_archive_of_the_workflow_with_its_digest(self) -> None:
        used = set()
        for name, text in self.texts().items():
            urls = re.findall(rf"{re.escape(REPOSITORY)}/releases/[^\s\"']+", text)
            for url in urls:
                archive = url.removeprefix(f"{REPOSITORY}/releases/download/v{VERSION}/")
                self.assertIn(archive, ARCHIVES, name)
                after = text.split(url)[1]
                self.assertEqual(re.search(r"\b[0-9a-f]{64}\b", after)[0], digest(archive), name)
                used.add(archive)
        # The universal binary is for people.
        self.assertEqual(set(ARCHIVES) - used, {fill.archive(VERSION, "universal-apple-darwin")})

    def test_what_is_not_known_is_not_invented(self) -> None:
        for repository, sums in [
            (REPOSITORY, ""),
            (REPOSITORY, f"{digest('x')}  awsx-9.9.9-x86_64-apple-darwin.tar.gz\n"),
            ("", ""),
            ("owner/name", ""),
            ("https://git.example", ""),
        ]:
            with self.assertRaises(SystemExit):
                fill.fill(repository, sums, folder / "not filled")

    def test_documents_are_documents(self) -> None:
        texts = self.texts()
        scoop = json.loads(texts["scoop/awsx.json"])
        self.assertEqual(set(scoop["architecture"]), {"64bit", "arm64"})
        for build in scoop["architecture"].values():
            self.assertEqual(build["url"].split("/")[-1], build["extract_dir"] + ".zip")
        winget = {name: yaml.safe_load(text) for name, text in texts.items() if "winget" in name}
        self.assertEqual({one["PackageIdentifier"] for one in winget.values()}, {"owner.awsx"})
        installers = winget["winget/owner.awsx.installer.yaml"]["Installers"]
        self.assertEqual([one["Architecture"] for one in installers], ["x64", "arm64"])
        for one in installers:
            file = one["NestedInstallerFiles"][0]["RelativeFilePath"]
            self.assertEqual(one["InstallerUrl"].split("/")[-1], file.split("\\")[0] + ".zip")

    def test_the_flake_builds_this_package(self) -> None:
        flake = ROOT / ".github/packaging/nix/flake.nix"
        text = flake.read_text()
        self.assertIn(f'description = "{PACKAGE["description"]}";', text)
        paths = re.findall(r"(?:\.\./)+[\w./]*|\.\./\.\./\.\.(?=;)", text)
        self.assertEqual(len(paths), 3)
        for path in paths:
            self.assertTrue((flake.parent / path).exists(), path)

    def test_the_image_has_what_the_archive_has_and_is_not_root(self) -> None:
        text = self.texts()["docker/Dockerfile"]
        stage = text.split("FROM scratch")[1]
        copied = re.findall(r"^COPY (?!--)(.*) /$", stage, re.M)
        names = run("tar", "-tzf", archive).split()
        for name in copied[0].split():
            self.assertIn(f"awsx-{VERSION}-{HOST}/{name}", names)
        self.assertRegex(stage, r"\nUSER [1-9]\d+:[1-9]\d+\n")

    def test_the_pkgbuild_packs_what_the_archive_has(self) -> None:
        aur, root = folder / "aur", folder / "arch"
        # makepkg finds the archive beside the PKGBUILD, and proves its digest.
        sums = dict.fromkeys(ARCHIVES, digest("another"))
        sums[archive.name] = hashlib.sha256(archive.read_bytes()).hexdigest()
        lines = "".join(f"{sum}  {name}\n" for name, sum in sums.items())
        fill.fill(REPOSITORY, lines, folder / "of the archive")
        os.rename(folder / "of the archive/aur", aur)
        shutil.copy(archive, aur)

        def makepkg(*options: str) -> str:
            # It refuses to run as root.
            nobody = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
            places = [f"{place}={aur}/{place}" for place in ("HOME", "PKGDEST", "BUILDDIR", "LOGDEST")]
            return run(*nobody, "env", *places, "makepkg", *options, cwd=aur)

        if os.geteuid() == 0:
            run("chown", "-R", "nobody", aur)
            folder.chmod(0o755)
        self.assertEqual(makepkg("--printsrcinfo"), (aur / ".SRCINFO").read_text())
        makepkg("--nodeps")
        (package,) = (aur / "PKGDEST").iterdir()
        (root / "database").mkdir(parents=True)
        places = ["--root", root, "--dbpath", root / "database", "--cachedir", folder, "--logfile", folder / "log"]
        run("fakeroot", "pacman", *places, "--noconfirm", "--upgrade", package)
        pages = dict.fromkeys((page + ".gz" for page in man), 0o644)
        self.assertEqual(files_below(root, "/database/"), AUR | pages)
        self.assertEqual(run(root / "usr/bin/awsx", "--version"), f"awsx {VERSION}\n")


class Deb(unittest.TestCase):
    def setUp(self) -> None:
        self.file = ROOT / f"target/dist/awsx_{VERSION}-1_amd64.deb"

    def test_it_installs_into_an_empty_root_and_runs(self) -> None:
        root = folder / "deb"
        (root / "var/lib/dpkg/updates").mkdir(parents=True)
        (root / "var/lib/dpkg/info").mkdir()
        (root / "var/lib/dpkg/status").touch()
        options = ["--force-depends", "--force-not-root", "--force-bad-path"]
        run("dpkg", f"--root={root}", *options, "--install", self.file)
        pages = dict.fromkeys((page + ".gz" for page in man), 0o644)
        self.assertEqual(files_below(root), DEB | pages)
        self.assertEqual(run(root / "usr/bin/awsx", "--version"), f"awsx {VERSION}\n")

    def test_it_says_what_cargo_toml_says(self) -> None:
        def field(name: str) -> str:
            return run("dpkg-deb", "--field", self.file, name).strip()

        self.assertEqual(field("Package"), PACKAGE["name"])
        self.assertEqual(field("Version"), f"{VERSION}-1")
        self.assertEqual(field("Maintainer"), MAINTAINER)
        self.assertEqual(field("Description").splitlines()[0], PACKAGE["description"])
        self.assertEqual(field("Recommends"), "ca-certificates")

    def test_lintian_finds_no_error(self) -> None:
        run("lintian", "--allow-root", "--fail-on", "error", self.file)


class Rpm(unittest.TestCase):
    def setUp(self) -> None:
        self.file = ROOT / f"target/dist/awsx-{VERSION}-1.x86_64.rpm"

    def test_what_is_in_it_runs(self) -> None:
        root = folder / "rpm"
        root.mkdir()
        run("sh", "-c", 'rpm2cpio "$1" | cpio --quiet --extract --make-directories', "sh", self.file, cwd=root)
        self.assertEqual(files_below(root), RPM | dict.fromkeys(man, 0o644))
        self.assertEqual(run(root / "usr/bin/awsx", "--version"), f"awsx {VERSION}\n")

    def test_it_says_what_cargo_toml_says(self) -> None:
        form = "%{NAME}|%{VERSION}|%{LICENSE}|%{SUMMARY}|%{URL}|%{VENDOR}"
        said = run("rpm", "--query", "--package", "--queryformat", form, self.file).split("|")
        own = [PACKAGE[what] for what in ("name", "version", "license", "description")]
        self.assertEqual(said, [*own, REPOSITORY, MAINTAINER])


if __name__ == "__main__":
    unittest.main()
