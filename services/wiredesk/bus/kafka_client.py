"""What all Kafka clients share: how to reach brokers, how to translate errors, how to end a client for good."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Generic, TypeVar

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.consumer import AIOKafkaConsumer
from aiokafka.errors import BrokerResponseError, KafkaError, ProducerClosed, kafka_errors
from aiokafka.producer import AIOKafkaProducer

from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.bus.kafka_refusals import advice_of
from wiredesk.errors import Misconfigured, Unavailable

C = TypeVar("C")

GOODBYE = timedelta(seconds=10)
"""Time for a client to flush, leave its group and disconnect; after it the client is torn down."""

LEAST_REQUEST_TIMEOUT = timedelta(seconds=40)


class _Complaint(logging.Handler):
    """Keeps the last reason why a broker could not be connected to: the client's exception does not tell it."""

    last = ""
    error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith("Unable connect to"):
            self.last = message.replace("Unable connect", "unable to connect", 1)
            *_, error = record.args if isinstance(record.args, tuple) else ()
            self.error = error if isinstance(error, BaseException) else None


_complaint = _Complaint()

# It logs each of its retries as an error. What an operator needs to know comes out as `Unavailable`.
_client_log = logging.getLogger("aiokafka")
_client_log.setLevel(logging.ERROR)
_client_log.propagate = False
_client_log.addHandler(_complaint)


class FencedInstanceId(BrokerResponseError):  # type: ignore[misc]
    """Another process has joined under this one's static name."""

    errno = 82
    message = "FENCED_INSTANCE_ID"
    description = "another process has joined under this one's name"


kafka_errors.setdefault(FencedInstanceId.errno, FencedInstanceId)  # the client knows it as `UnknownError` only


@asynccontextmanager
async def asking(what: str, *, within: timedelta) -> AsyncIterator[None]:
    """Within, errors and timeouts of Kafka's client become `Unavailable`: the one place that translates them.

    Raises `Misconfigured` where two processes share one name.
    """
    try:
        async with asyncio.timeout(within.total_seconds()):
            yield
    except TimeoutError as error:
        raise Unavailable(f"kafka: no answer to {what} in {within.total_seconds():g} s", dependency="kafka") from error
    except (KafkaError, OSError) as error:
        if FencedInstanceId.__name__ in repr(error):  # the client wraps some errors as text
            raise Misconfigured(
                f"kafka: {what}: another process has joined under this one's name: "
                "WIREDESK_INSTANCE must differ between the processes that run the same role"
            ) from error
        is_first = "Unable to bootstrap" in str(error)
        why = (_complaint.last if is_first else "") or str(error) or type(error).__name__
        advice = advice_of((is_first and _complaint.error) or error)
        raise Unavailable(f"kafka: {what}: {why}{advice and f': {advice}'}", dependency="kafka") from error


def connection_settings(servers: Sequence[str], options: KafkaOptions, *, client: str) -> dict[str, Any]:
    """Keyword arguments that producers, consumers and admin clients take alike. Raises `Misconfigured`."""
    # JoinGroup is answered only when the others have joined or their session is over, so a request must outlast one.
    request_timeout = max(LEAST_REQUEST_TIMEOUT, options.session + timedelta(seconds=10))
    settings: dict[str, Any] = {
        "bootstrap_servers": list(servers),
        "client_id": client,
        "request_timeout_ms": milliseconds(request_timeout),
        "security_protocol": options.security,
    }
    if options.security.endswith("SSL"):
        settings["ssl_context"] = options.tls.context()
    if options.security.startswith("SASL"):
        settings["sasl_mechanism"] = options.sasl_mechanism
        settings["sasl_plain_username"] = options.username
        settings["sasl_plain_password"] = options.password
    return settings


def milliseconds(duration: timedelta) -> int:
    """Whole milliseconds."""
    return duration // timedelta(milliseconds=1)


class Reconnecting(Generic[C]):
    """A client that is started at first use and kept; one that failed is torn down, and the next use starts another."""

    def __init__(
        self,
        start: Callable[[], Awaitable[C]],
        *,
        end: Callable[[C], Awaitable[None]],
        tear_down: Callable[[C], Awaitable[None]],
    ) -> None:
        self._start, self._end, self._tear_down = start, end, tear_down
        self._client: C | None = None
        self._starting = asyncio.Lock()  # so that two callers do not start two

    async def get(self) -> C:
        """The client, started. Raises `Unavailable`."""
        async with self._starting:
            if self._client is None:
                self._client = await self._start()
            return self._client

    async def drop(self, client: C) -> None:
        """Tear down `client`, unless somebody else has."""
        if self._client is client:
            self._client = None
            await self._tear_down(client)

    async def close(self) -> None:
        """Close the client in good order, where there is one."""
        client, self._client = self._client, None
        if client is not None:
            await self._end(client)


async def end_admin(admin: AIOKafkaAdminClient) -> None:
    """Disconnect."""
    await _in_time(admin.close())


async def end_consumer(consumer: AIOKafkaConsumer) -> None:
    """Leave the group and disconnect, by force where that takes too long; a static member stays in its group."""
    if await _in_time(consumer.stop()):
        return
    # `stop` was cut off half-way and does nothing when called again: so end the parts.
    if consumer._fetcher is not None:
        await _in_time(consumer._fetcher.close())
    await _in_time(consumer._client.close())


async def end_producer(producer: AIOKafkaProducer) -> None:
    """Flush and disconnect, by force where that takes too long: records that are not sent by then never are."""
    if not await _in_time(producer.stop()):
        await discard_producer(producer)


async def discard_producer(producer: AIOKafkaProducer) -> None:
    """Disconnect now; callers that wait for a record get an error.

    An idempotent producer that has lost a batch must go: the numbers of its partition have a hole, and the broker
    would refuse everything after it. One that timed out must go too, or it would send late, behind our back.
    """
    producer._closed = True
    producer._message_accumulator.fail_all(ProducerClosed())
    sender = producer._sender.sender_task if producer._sender is not None else None
    if sender is not None:
        sender.remove_done_callback(producer._sender._fail_all)  # it knows of transactions alone, and trips over ours
    await _in_time(producer.client.close())
    for _ in range(2):  # the first cancellation makes it wait for its requests, the second ends those
        if sender is not None and not sender.done():
            sender.cancel()
            await asyncio.wait([sender], timeout=0.2)
    if sender is not None and sender.done() and not sender.cancelled():
        sender.exception()  # looked at, so that nobody reports it as forgotten


async def _in_time(ending: Awaitable[object]) -> bool:
    """Whether `ending` came to its end; what it raises does not matter any more."""
    try:
        async with asyncio.timeout(GOODBYE.total_seconds()):
            await ending
    except (TimeoutError, KafkaError, OSError):
        return False
    except asyncio.CancelledError:
        # A client that ends within moments of its start raises the cancellation of its own tasks. Is it ours?
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return False
    return True
