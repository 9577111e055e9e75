"""Two of kombu's transports, mended.

**Filesystem**: messages that appear whole. Kombu opens a message under its final name and writes it then: a worker that
looks in between takes an empty file, fails with JSONDecodeError and ends (seen once in half an hour of a demo site).
Here a message is written under a hidden name, which no reader looks at, and renamed.

**Redis**: a worker goes on when Redis was away while it finished a task. Kombu 5.7 counts a message whose
acknowledgement failed as being worked on for ever; once that holds for as many as the worker takes at a time, it asks
for no more, waits on no connection whose end would tell it, and stands still until it is started anew. Here the message
is let go of. Redis hands it out again after the visibility timeout, which every task bears.
"""

import os
import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem, redis, virtual
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # its bases disagree
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"  # as kombu names it: readers sort by it
        folder = Path(self.data_folder_out)
        hidden = folder / f".{name}"
        hidden.write_bytes(dumps(payload).encode())
        os.replace(hidden, folder / name)


class Transport(filesystem.Transport):
    Channel = Channel


class RedisQoS(redis.QoS):
    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)  # in this process only
            raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        try:
            super().reject(delivery_tag, requeue)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise


class RedisChannel(redis.Channel):
    QoS = RedisQoS


class RedisTransport(redis.Transport):
    Channel = RedisChannel


def install() -> None:
    """Makes `filesystem://`, `redis://` and `rediss://` these transports."""
    TRANSPORT_ALIASES["filesystem"] = "config.broker:Transport"
    TRANSPORT_ALIASES["redis"] = TRANSPORT_ALIASES["rediss"] = "config.broker:RedisTransport"
