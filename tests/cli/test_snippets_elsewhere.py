"""What the documents show in other languages than Python is run as well, where those are at hand."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.test_snippets import DOCUMENTS, PATIENCE, as_here, shown
from tests.contracts.samples import NOW, an_article
from tests.servers import CannotStart
from tests.servers.kafka import class_path
from wiredesk.backends import topics_of
from wiredesk.bus import Record
from wiredesk.bus.open import open_bus
from wiredesk.bus.records import to_record
from wiredesk.config import Config
from wiredesk.roles.notify.signing import keys_of, signed

LOCKED = Path(__file__).with_name("verifying")
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
BODY = '{"type":"wiredesk.alert"}'
COMPILING = 240.0
"""Go compiles its own HTTP library at the first run on a machine: half a minute on a busy one."""

NODE = """\
const [body, headers] = JSON.parse(process.argv[2]);
{shown}
console.log(event.type);
"""

GO = """\
package main

import ("encoding/json"; "fmt"; "os")

{shown}

func main() {{
	var given []json.RawMessage
	var body string
	var told map[string]string
	json.Unmarshal([]byte(os.Args[1]), &given)
	json.Unmarshal(given[0], &body)
	json.Unmarshal(given[1], &told)
	headers := http.Header{{}}
	for name, value := range told {{ headers.Set(name, value) }}
	if err := verified([]byte(body), headers); err != nil {{ fmt.Println(err); os.Exit(1) }}
	fmt.Println("wiredesk.alert")
}}
"""

JAVA = """\
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.*;

public class Main {{
    static void handle(String type, byte[] value) {{ System.out.println(type + " " + new String(value)); }}

    public static void main(String[] arguments) {{
{shown}
    }}
}}
"""


def program(name: str) -> str:
    """Where it is; skips the test where there is none."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def told(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
        timeout=COMPILING,
    )


def fetched(command: list[str], folder: Path, **environment: str) -> None:
    """Get what `folder` has locked; skips the test where it cannot be had."""
    shutil.copytree(LOCKED, folder, dirs_exist_ok=True)
    ended = told(command, folder, **environment)
    if ended.returncode:
        pytest.skip(f"{command[0]} cannot have what it needs: {ended.stderr[-300:]}")


def given(body: str) -> str:
    """As a program gets it: the body, and the headers that `BODY` was signed with."""
    headers = signed(BODY.encode(), webhook_id="msg_1", at=datetime.now(UTC), keys=keys_of(SECRET))
    return json.dumps([body, dict(headers)])


def assert_verifies(command: list[str], folder: Path, **environment: str) -> None:
    """It takes what we sign, and nothing else."""
    taken = told([*command, given(BODY)], folder, **environment)
    assert (taken.returncode, taken.stdout) == (0, "wiredesk.alert\n"), taken.stderr
    refused = told([*command, given(BODY + " ")], folder, **environment)
    assert refused.returncode == 1
    assert "matching signature found" in refused.stdout + refused.stderr


def test_the_verification_shown_for_node_takes_what_we_sign_and_nothing_else(tmp_path: Path) -> None:
    node, npm = program("node"), program("npm")
    ((_, text),) = shown("js")
    fetched([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], tmp_path)
    (tmp_path / "verify.mjs").write_text(NODE.format(shown=text.replace("whsec_…", SECRET)))

    assert_verifies([node, "verify.mjs"], tmp_path)


def test_the_verification_shown_for_go_takes_what_we_sign_and_nothing_else(tmp_path: Path) -> None:
    go = program("go")
    ((_, text),) = shown("go")
    as_it_is: Mapping[str, str] = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
    fetched([go, "mod", "download"], tmp_path, **as_it_is)
    (tmp_path / "main.go").write_text(GO.format(shown=text.replace("whsec_…", SECRET)))
    built = told([go, "build", "-o", "verify", "."], tmp_path, **as_it_is)
    assert built.returncode == 0, built.stderr

    assert_verifies(["./verify"], tmp_path)


async def applied(kafka_url: str, prefix: str) -> Record:
    """Topics, and an article to be published on them."""
    async with open_bus(kafka_url) as bus:
        await bus.apply(topics_of(Config(prefix=prefix, kafka_replication=1, kafka_partitions=1)))
    return to_record(an_article(title="Flood"), prefix=prefix, role="geotag", now=NOW, traceparent="")


async def test_the_kcat_line_shown_prints_headers_and_what_comes(kafka_url: str, prefix: str) -> None:
    kcat = program("kcat")
    (line,) = [line for path in DOCUMENTS for line in path.read_text("utf-8").splitlines() if line.startswith("kcat ")]
    record = await applied(kafka_url, prefix)
    process = await asyncio.create_subprocess_exec(
        kcat, *shlex.split(as_here(line, kafka_url, prefix))[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE), open_bus(kafka_url) as bus:
            assert b"Reached end" in await process.stderr.readline()
            await bus.publish([record])
            headers, value = await process.stdout.readline(), await process.stdout.readline()
    finally:
        process.kill()
        await process.wait()

    assert b"ce_type=wiredesk.article" in headers
    assert json.loads(value)["title"] == "Flood"


async def test_the_consumer_shown_in_java_is_handed_what_comes(kafka_url: str, prefix: str, tmp_path: Path) -> None:
    program("javac")
    ((_, text),) = shown("java")
    try:
        jars = class_path()
    except CannotStart as error:
        pytest.skip(str(error))
    here = as_here(text, kafka_url, prefix).replace("wiredesk.comments", f"{prefix}.comments")
    (tmp_path / "Main.java").write_text(JAVA.format(shown=here))
    record = await applied(kafka_url, prefix)
    async with open_bus(kafka_url) as bus:
        await bus.publish([record])

    process = await asyncio.create_subprocess_exec(
        program("java"),
        "-XX:TieredStopAtLevel=1",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
        "-cp",
        jars,
        str(tmp_path / "Main.java"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = await process.stdout.readline()
    finally:
        process.kill()
        await process.wait()

    assert line.startswith(b"wiredesk.article ")
    assert b'"title":"Flood"' in line
