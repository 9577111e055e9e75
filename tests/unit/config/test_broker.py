"""A message on the filesystem broker is there whole or not at all; one on Redis keeps no worker from going on."""

import time
from queue import Empty

import pytest
from kombu import Connection

from config.celery import app
from tests.servers import Redis


class Spying:
    """A message that looks for messages itself while it is being written."""

    def __init__(self, look):
        self.look = look

    def __json__(self):
        with pytest.raises(Empty):
            self.look()
        return {"found": "nothing"}


@pytest.fixture
def channel(tmp_path):
    assert app.main  # loading the app puts our transport in place
    options = {"data_folder_in": tmp_path, "data_folder_out": tmp_path, "control_folder": tmp_path / "control"}
    with Connection("filesystem://", transport_options=options) as connection:
        yield connection.channel()


def test_a_half_written_message_is_not_read(channel):
    channel._put("celery", Spying(lambda: channel._get("celery")))
    assert channel._get("celery") == {"found": "nothing"}
    with pytest.raises(Empty):
        channel._get("celery")


def test_messages_come_in_the_order_of_sending_and_to_their_queue(channel):
    for number in range(3):
        channel._put("celery", {"number": number})
        channel._put("other", {})
        time.sleep(0.003)  # names are in milliseconds
    assert [channel._get("celery")["number"] for _ in range(3)] == [0, 1, 2]


@pytest.mark.parametrize("answer", ["ack", "reject", "requeue"])
def test_a_message_that_could_not_be_acknowledged_is_in_nobodys_way(answer):
    """Otherwise a worker that finished a task while Redis was away takes no other one until it is started anew."""
    redis = Redis()
    try:
        with Connection(f"{redis.url}/0") as connection:
            channel = connection.channel()
            queue = connection.SimpleQueue("celery", channel=channel)
            channel.basic_qos(0, 1, False)
            queue.put({})
            message = queue.get(timeout=5)
            assert not channel.qos.can_consume()
            redis.halt()
            with pytest.raises(connection.connection_errors):
                getattr(message, answer)()
            assert channel.qos.can_consume()
            redis.start()
    finally:
        redis.stop()


def test_the_site_uses_it():
    with app.connection() as connection:
        if connection.transport_cls in ("filesystem", "config.broker:Transport"):
            assert type(connection.transport).__module__ == "config.broker"


def test_nobody_asks_a_worker_through_the_broker_for_its_settings_or_to_end():
    """Celery's own answer to `inspect conf` holds all of Django's settings, the nested secret of the provider too."""
    assert not app.conf.worker_enable_remote_control
    assert set(app.conf.accept_content) == {"json"}
