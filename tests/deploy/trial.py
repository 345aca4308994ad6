"""Runs the image as an orchestrator would, and prints figures: `python -m tests.deploy.trial`.

Read-only root, no capability, no new privileges, uid 10001, seccomp filter on: first `run --until-idle` over a local
site, then the demo, then all roles until SIGTERM. Needs root, podman and crun, and the image that `tests.deploy.image --stand-in` built. No
daemon and no systemd: health checks have no timer there, so their command is run once by hand.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

from tests.deploy.image import STAND_IN, TAG, in_store
from tests.pipeline import paper

INSIDE = "--inside"
PORT = 18_080
PATIENCE = 60.0
LOOK_EVERY = 0.02
HARDENED = (
    "--network=host",
    "--cgroups=disabled",
    "--ulimit=nofile=1024:1024",
    "--ulimit=nproc=1024:1024",
    "--runtime=crun",
    "--read-only",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--tmpfs=/tmp",
    "--tmpfs=/data:mode=1777",
    "--env=WIREDESK_OUTBOUND_ALLOW=127.0.0.0/8",
    "--env=WIREDESK_HOST_GAP=0s",
    f"--env=WIREDESK_LISTEN=127.0.0.1:{PORT}",
)
STATUS = (
    "import os, re; s = open('/proc/self/status').read(); print(os.getuid(), re.search(r'CapEff:\\s*(\\w+)', s)[1])"
)


def podman(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """A podman command on the image's store."""
    command = [*in_store("podman", "--cgroup-manager", "cgroupfs", "--events-backend", "file"), *arguments]
    return subprocess.run(command, check=check, capture_output=True, text=True, timeout=300)


def once(*arguments: str, entrypoint: str | None = None) -> subprocess.CompletedProcess[str]:
    """The image run to its end."""
    instead = [] if entrypoint is None else [f"--entrypoint={entrypoint}"]
    return podman("run", "--rm", *HARDENED, *instead, TAG, *arguments, check=False)


def answers(path: str) -> bool:
    """Whether the container says 200."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def ready_within(patience: float) -> float:
    """Seconds until `/readyz` is green."""
    began = time.monotonic()
    while not answers("/readyz"):
        if time.monotonic() - began > patience:
            sys.exit(f"not ready after {patience} s")
        time.sleep(LOOK_EVERY)
    return time.monotonic() - began


async def until_idle() -> str:
    """What `run --until-idle` over the paper of the pipeline tests says last."""
    async with paper.printed() as site:
        ended = await asyncio.to_thread(once, "run", "--feed", f"{site.url}{paper.FEED}", "--until-idle")
    if ended.returncode != 0 or "4 articles and 5 comments" not in ended.stdout:
        sys.exit(f"run --until-idle ended with {ended.returncode}: {ended.stdout}{ended.stderr[-2000:]}")
    return ended.stdout.strip()


def demo() -> str:
    """What the bundled newsroom's balance says last."""
    ended = once("demo")
    if ended.returncode != 0:
        sys.exit(f"demo ended with {ended.returncode}: {ended.stdout[-2000:]}{ended.stderr[-2000:]}")
    return ended.stdout.strip().splitlines()[-1]


def long_running() -> dict[str, str]:
    """Start, readiness, the health check's command, memory, SIGTERM."""
    container = podman("create", *HARDENED, TAG, "run").stdout.strip()
    began = time.monotonic()
    podman("start", container)
    started = time.monotonic() - began
    ready = started + ready_within(PATIENCE)
    try:
        command = json.loads(podman("inspect", "--format", "{{json .Config.Healthcheck.Test}}", container).stdout)
        healthy = podman("exec", container, *command[1:], check=False).returncode
        began = time.monotonic()
        podman("kill", "--signal=TERM", container)
        status = podman("wait", container).stdout.strip()
        stopped = time.monotonic() - began
    finally:
        podman("rm", "--force", container)
    return {
        "create to ready, all roles": f"{ready:.1f} s (of it {started:.1f} s until the process ran)",
        "HEALTHCHECK's command": f"exit status {healthy}",
        "SIGTERM to exit": f"{stopped:.1f} s, exit status {status}",
    }


def size() -> str:
    """What the application adds to its base."""
    whole, base = (int(podman("image", "inspect", "--format", "{{.Size}}", name).stdout) for name in (TAG, STAND_IN))
    return f"{(whole - base) / 1_000_000:.0f} MB"


def inside() -> dict[str, str]:
    """The trial, in a mount name space of its own."""
    subprocess.run(["umount", "-R", "/sys/fs/cgroup"], check=False, capture_output=True)
    subprocess.run(["mount", "-t", "cgroup2", "none", "/sys/fs/cgroup"], check=True)
    refused = once("-c", "touch /written", entrypoint="sh")
    return {
        "application layer": size(),
        "uid, effective capabilities": once("-c", STATUS, entrypoint="python").stdout.strip(),
        "writing to the root": "refused" if refused.returncode != 0 else "POSSIBLE",
        "run --until-idle": asyncio.run(until_idle()),
        "demo": demo(),
        **long_running(),
    }


def main(arguments: Sequence[str]) -> None:
    """Enter the name space, try, print."""
    missing = [name for name in ("podman", "crun", "unshare") if shutil.which(name) is None]
    if missing or os.geteuid() != 0:
        sys.exit(f"the trial wants root, podman, crun and unshare; missing: {missing}")
    if INSIDE not in arguments:
        os.execvp("unshare", ["unshare", "--mount", sys.executable, "-m", "tests.deploy.trial", INSIDE])
    for name, value in inside().items():
        print(f"{name:32}{value}")


if __name__ == "__main__":
    main(sys.argv[1:])
