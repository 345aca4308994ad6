"""A real Chromium, spoken to over its DevTools protocol: no driver, no download, no dependency."""

from __future__ import annotations

import asyncio
import base64
import itertools
import os
import shutil
import subprocess
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

PATIENCE = 30.0
"""Seconds that a test waits for the browser before it fails."""

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = tuple(
    """
    --headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync
    --disable-background-networking --disable-component-update --disable-dev-shm-usage --hide-scrollbars
    --remote-debugging-port=0
""".split()
)


def chromium() -> str | None:
    """Where Chromium is: WIREDESK_TEST_CHROMIUM, else on the path; None where there is none."""
    named = os.environ.get("WIREDESK_TEST_CHROMIUM")
    return named or next((found for name in _NAMES if (found := shutil.which(name))), None)


@dataclass
class Tab:
    """One page, and all that went wrong on it."""

    connection: Connection
    session: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    async def send(self, method: str, **parameters: Any) -> Any:
        return await self.connection.send(method, parameters, session=self.session)

    async def go(self, url: str) -> None:
        """Open `url` and wait until it is loaded."""
        answer = await self.leave_by(lambda: self.send("Page.navigate", url=url))
        assert "errorText" not in answer, answer

    async def leave_by(self, act: Callable[[], Awaitable[Any]]) -> Any:
        """Do what leads to another page, and wait until that is loaded."""
        self.connection.loaded.clear()
        done = await act()
        await asyncio.wait_for(self.connection.loaded.wait(), PATIENCE)
        return done

    async def look(self, *, width: int, height: int = 900, dark: bool = False, script: bool = True) -> None:
        """How the page is looked at from now on."""
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.send("Emulation.setEmulatedMedia", features=[scheme])
        await self.send("Emulation.setScriptExecutionDisabled", value=not script)

    async def run(self, expression: str) -> Any:
        """The value of `expression`, awaited where it is a promise."""
        answer = await self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, condition: str) -> float:
        """Wait until `condition` holds; gives the browser's clock then, in milliseconds."""
        came: float = await self.run(
            f"""new Promise((done, fail) => {{
                const check = () => {{ if ({condition}) {{ done(Date.now()); return true; }} return false; }};
                if (check()) return;
                const seen = new MutationObserver(() => {{ if (check()) seen.disconnect(); }});
                seen.observe(document, {{ subtree: true, childList: true, characterData: true, attributes: true }});
                setTimeout(() => fail(new Error("not within {PATIENCE} s")), {PATIENCE * 1000});
            }})"""
        )
        return came

    async def press(self, key: str) -> None:
        """A key of the keyboard, such as Tab or Enter."""
        text = {"text": "\r"} if key == "Enter" else {}
        code = {"Tab": 9, "Enter": 13}[key]
        for kind in ("keyDown", "keyUp"):
            await self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)

    async def photograph(self, path: Path, *, whole: bool = True) -> None:
        """A PNG of the page as it looks now."""
        shot = await self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))

    def note(self, method: str, told: Any) -> None:
        match method:
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(told["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if told["type"] in ("error", "warning", "assert"):
                self.complaints.append(str(told["args"]))
            case "Log.entryAdded" if told["entry"]["level"] in ("error", "warning"):
                self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")


class Connection:
    """Commands to the browser and their answers, told apart by number."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.loaded = asyncio.Event()
        self.tabs: dict[str, Tab] = {}
        self._socket, self._numbers = socket, itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}

    async def send(self, method: str, parameters: Any, *, session: str | None = None) -> Any:
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        command = {"id": number, "method": method, "params": parameters}
        await self._socket.send_str(
            msgspec.json.encode({**command, **({"sessionId": session} if session else {})}).decode()
        )
        async with asyncio.timeout(PATIENCE + 5):
            return await answer

    async def listen(self) -> None:
        async for message in self._socket:
            told = msgspec.json.decode(message.data)
            if "id" in told:
                answer = self._answers.pop(told["id"])
                if not answer.done():
                    if "error" in told:
                        answer.set_exception(AssertionError(told["error"]))
                    else:
                        answer.set_result(told["result"])
            elif (tab := self.tabs.get(told.get("sessionId", ""))) is not None:
                tab.note(told["method"], told["params"])
                if told["method"] == "Page.loadEventFired":
                    self.loaded.set()

    async def tab(self, context: str) -> Tab:
        """A new tab, watched."""
        target = await self.send("Target.createTarget", {"url": "about:blank", "browserContextId": context})
        attached = await self.send("Target.attachToTarget", {"targetId": target["targetId"], "flatten": True})
        tab = self.tabs[attached["sessionId"]] = Tab(connection=self, session=attached["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network"):
            await tab.send(f"{domain}.enable")
        return tab


@contextmanager
def running(program: str, home: Path) -> Iterator[str]:
    """The address of a new browser with an empty profile in `home`."""
    command = (program, *_QUIET, f"--user-data-dir={home}", "about:blank")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _address(process)
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    giving_up = threading.Timer(PATIENCE, process.kill)
    giving_up.start()
    try:
        for line in process.stderr:
            if "DevTools listening on " in line:
                return line.rpartition(" ")[2].strip()
    finally:
        giving_up.cancel()
    raise AssertionError("Chromium ended before it listened")


@asynccontextmanager
async def browsing(address: str) -> AsyncIterator[Tab]:
    """A tab of the browser at `address` that shares cookies and cache with no other."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(address, max_msg_size=64 * 2**20) as socket,
        asyncio.TaskGroup() as tasks,
    ):
        connection = Connection(socket)
        listening = tasks.create_task(connection.listen())
        context = (await connection.send("Target.createBrowserContext", {"disposeOnDetach": True}))["browserContextId"]
        yield await connection.tab(context)
        listening.cancel()
