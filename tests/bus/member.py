"""A process that joins a group, reads one batch, says what it holds, and keeps it until it is killed."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.bus.open import open_bus
from wiredesk.observe import configure_logs


async def main(url: str, topic: str, group: str, instance: str) -> None:
    options = KafkaOptions(session=timedelta(seconds=6))
    async with (
        open_bus(url, options=options, instance=instance) as bus,
        bus.subscribe([topic], group=group) as subscription,
    ):
        async for batch in subscription:
            print(f"holds {len(batch)}", flush=True)


if __name__ == "__main__":
    configure_logs(json=True, level="info")
    asyncio.run(main(*sys.argv[1:]))
