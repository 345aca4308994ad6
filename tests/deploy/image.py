"""Builds the container image: `python -m tests.deploy.image [--stand-in]`, which is `make image`.

With docker or buildah, whichever answers. Where no base image can be pulled, on a stand-in: Debian by debootstrap, with
its own Python 3.13 in the place where the official image has it. Same Dockerfile, same layers above the base; such an
image is for trying, never for release.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from wiredesk import __version__

ROOT = Path(__file__).parents[2]
TAG = f"wiredesk:{__version__}"
BASE = "python:3.13-slim-trixie"
STAND_IN = "localhost/wiredesk-stand-in"
STAND_IN_PACKAGES = "ca-certificates,python3,python3-venv"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
NEEDED = ("buildah", "debootstrap")


class CannotBuild(Exception):
    """No way to an image on this machine; the text says what is missing."""


def store() -> Path:
    """Where images built on the stand-in lie: apart from everything else, so that a folder removed is all of it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "wiredesk" / "images"


def in_store(*command: str) -> list[str]:
    """A buildah or podman command on our store; `vfs` works where overlays may not be mounted."""
    name, *arguments = command
    folder = store()
    return [
        name,
        "--storage-driver",
        "vfs",
        "--root",
        str(folder / "root"),
        "--runroot",
        str(folder / "run"),
        *arguments,
    ]


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, cwd=ROOT, check=True)


def _says(command: Sequence[str]) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def _works(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _labels() -> list[str]:
    revision = _says(["git", "rev-parse", "HEAD"]) if _works("git", "rev-parse", "HEAD") else "unknown"
    return ["--build-arg", f"VERSION={__version__}", "--build-arg", f"REVISION={revision}"]


def build() -> str:
    """The image, on the official base or the stand-in; gives the words that say which."""
    if _works("docker", "info"):
        _run(["docker", "build", "--tag", TAG, *_labels(), "."])
        return f"{TAG}, by docker"
    if _works("buildah", "pull", BASE):
        _run(["buildah", "bud", "--format", "docker", "--layers", "--tag", TAG, *_labels(), "."])
        return f"{TAG}, by buildah"
    sys.stderr.write(f"neither docker nor buildah can have {BASE}: building on a stand-in, for trying only\n")
    return build_on_stand_in()


def build_on_stand_in() -> str:
    """The image on Debian by debootstrap, in a store of its own; needs root. Raises `CannotBuild`."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing or os.geteuid() != 0:
        raise CannotBuild(f"a stand-in base wants root and Debian's packages {', '.join(NEEDED)}; missing: {missing}")
    if not _works(*in_store("buildah", "inspect", "--type", "image", STAND_IN)):
        _make_stand_in()
    # `--format docker` keeps HEALTHCHECK, `chroot` wants no name spaces, `--timestamp 0` makes a rebuild the same bytes.
    _run(
        [
            *in_store(
                "buildah", "bud", "--isolation", "chroot", "--format", "docker", "--pull-never", "--network", "host"
            ),
            "--timestamp",
            "0",
            "--build-arg",
            f"PYTHON_IMAGE={STAND_IN}",
            "--tag",
            TAG,
            *_labels(),
            ".",
        ]
    )
    return f"{TAG}, by buildah on the stand-in, in {store()}"


def _make_stand_in() -> None:
    mirror = _says(["apt-get", "indextargets", "--format", "$(REPO_URI)"]).splitlines()[0]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        _run(["debootstrap", "--variant=minbase", f"--include={STAND_IN_PACKAGES}", "trixie", str(root), mirror])
        for name in ("python", "python3"):
            (root / "usr/local/bin" / name).symlink_to("/usr/bin/python3")
        shutil.copy(AUTHORITIES, root / AUTHORITIES.relative_to("/"))
        container = _says(in_store("buildah", "from", "scratch"))
        _run(in_store("buildah", "add", "--quiet", container, str(root), "/"))
        # pip trusts its own list of authorities unless told; this machine's may be others.
        _run(in_store("buildah", "config", "--env", f"PIP_CERT={AUTHORITIES}", container))
        _run(in_store("buildah", "commit", "--quiet", "--rm", "--format", "docker", container, STAND_IN))


def main() -> None:
    """Build, and say what and where."""
    try:
        built = build_on_stand_in() if "--stand-in" in sys.argv[1:] else build()
    except CannotBuild as error:
        sys.exit(f"make image: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"make image: {error.cmd[0]} ended with status {error.returncode}")
    print(built)


if __name__ == "__main__":
    main()
