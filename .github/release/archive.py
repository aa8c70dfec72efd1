"""Packs a folder: `archive.py FOLDER` leaves FOLDER.tar.gz, or FOLDER.zip where awsx.exe is in it.

The archive depends on the files' names and bytes and on SOURCE_DATE_EPOCH alone.
"""

import gzip
import os
import sys
import tarfile
import time
import zipfile
from pathlib import Path

folder = Path(sys.argv[1])
epoch = int(os.environ["SOURCE_DATE_EPOCH"])
files = sorted(path for path in folder.rglob("*") if path.is_file())


def name(path: Path) -> str:
    return path.relative_to(folder.parent).as_posix()


def mode(path: Path) -> int:
    return 0o755 if path.stem == "awsx" and path.parent == folder else 0o644


def tar(archive: Path) -> None:
    with archive.open("wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as members:
            for path in files:
                member = tarfile.TarInfo(name(path))
                member.size, member.mtime, member.mode = path.stat().st_size, epoch, mode(path)
                with path.open("rb") as data:
                    members.addfile(member, data)


def zip(archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as members:
        for path in files:
            member = zipfile.ZipInfo(name(path), time.gmtime(epoch)[:6])
            member.create_system = 3  # Unix, on Windows too
            member.external_attr = mode(path) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            members.writestr(member, path.read_bytes())


if (folder / "awsx.exe").exists():
    archive = folder.with_name(folder.name + ".zip")
    zip(archive)
else:
    archive = folder.with_name(folder.name + ".tar.gz")
    tar(archive)
print(archive)
