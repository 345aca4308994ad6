"""A process that runs the role of `tests.bus.desk` until it is killed, or asked to end by SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import sys

from tests.bus.backends import Log
from tests.bus.desk import Desk, passing
from wiredesk import pipeline
from wiredesk.observe import configure_logs
from wiredesk.stop import Stop


async def main(url: str, prefix: str, instance: str) -> None:
    log, stop = Log(url=url, prefix=prefix), Stop()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.ask)
    print("ready", flush=True)
    async with log.open(instance) as bus:
        desk = Desk(bus=bus, log=log)
        await pipeline.run(desk.step, passing, bus, health=desk.health, stop=stop)


if __name__ == "__main__":
    configure_logs(json=True, level="info")
    asyncio.run(main(*sys.argv[1:]))
