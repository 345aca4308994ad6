"""`wiredesk demo` as it is called: the bundled newsroom balances, and what is planted in a ledger is found."""

from __future__ import annotations

import asyncio
import shlex
import signal
from pathlib import Path

from tests.demo import small
from tests.pipeline.running import COMMAND, PATIENCE, environment, wiredesk

README = Path(__file__).parents[2] / "README.md"


async def test_the_bundled_newsroom_balances(home: Path) -> None:
    ended = await wiredesk("demo", env=environment(home))

    assert (ended.status, ended.err) == (0, ""), ended.out[-3_000:]
    assert "It balances" in ended.out
    assert "differs" not in ended.out
    assert "seen to webhook: p50" in ended.out
    assert _balance(README.read_text("utf-8")) == _balance(ended.out)


def _balance(told: str) -> list[str]:
    """The table of the balance in what the demo printed, or in the README's record of it."""
    start, end = told.index("the balance\n"), told.index("\nseen to stored")
    return [line.rstrip() for line in told[start:end].splitlines() if line.strip()]


async def test_each_planted_fault_is_named_with_exit_status_1(home: Path, tmp_path: Path) -> None:
    item_missing = small.LEDGER.replace('[[article]]\npage = "two/harvest"\nregions = ["AR"]\n', "")
    comment_changed = item_missing.replace("never saw a crack", "never saw a duck")
    alert_too_many = comment_changed + '[[alert]]\nrule = "bridges"\npage = "two/harvest"\n'
    folder = small.write(tmp_path / "newsroom", ledger=alert_too_many)

    ended = await wiredesk("demo", "--newsroom", str(folder), env=environment(home))

    assert (ended.status, ended.err) == (1, "")
    assert [line for line in ended.out.splitlines() if line.startswith("differs: ")] == [
        "differs: articles: two/harvest (from the page) came and is not in the ledger",
        (
            "differs: comments: Marta on one/bridge: the ledger has 'I crossed it every day for thirty years and never saw a "
            "duck.', there came 'I crossed it every day for thirty years and never saw a crack.'"
        ),
        "differs: alerts: bridges for two/harvest (article) is in the ledger and did not come",
        "differs: signed webhooks: bridges for two/harvest (article) is in the ledger and did not come",
    ]


async def test_with_keep_it_goes_on_until_interrupted(home: Path, tmp_path: Path) -> None:
    folder = small.write(tmp_path / "newsroom")
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "demo", "--keep", "--newsroom", str(folder), env=environment(home), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None

    async with asyncio.timeout(PATIENCE):
        while b"it balances; going on" not in (line := await process.stdout.readline()):
            assert line, "ended before the balance"
        process.send_signal(signal.SIGINT)
        rest, status = await process.stdout.read(), await process.wait()

    assert status == 0
    assert b"It balances" in rest


async def test_where_nobody_reads_on_it_ends_at_once_and_in_order(home: Path, tmp_path: Path) -> None:
    folder = small.write(tmp_path / "newsroom")
    command = f"set -o pipefail; {shlex.join(COMMAND)} demo --newsroom {folder} | head -n 1"

    process = await asyncio.create_subprocess_exec(
        "bash", "-c", command, env=environment(home), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()

    assert (process.returncode, err) == (0, b"")
    assert out.count(b"\n") == 1


async def test_a_folder_that_is_no_newsroom_is_one_line(home: Path, tmp_path: Path) -> None:
    ended = await wiredesk("demo", "--newsroom", str(tmp_path), env=environment(home))

    assert ended.status == 1
    (line,) = ended.err.splitlines()
    assert line.startswith("wiredesk: newsroom ")
