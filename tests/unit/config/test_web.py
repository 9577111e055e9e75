"""Who doesn't hang up keeps nobody else waiting."""

import threading
from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import PollableMethodQueue

from config.web import Worker


@pytest.fixture
def worker():
    made = Worker(1, 1, [], None, 30, Config(), SimpleNamespace())
    made.method_queue = PollableMethodQueue()
    made.method_queue.init()
    made.nr_conns = 1
    yield made
    made.method_queue.close()


def answered(error: Exception | None = None) -> Future:
    """A request whose connection isn't kept."""
    done: Future = Future()
    done.set_exception(error) if error else done.set_result(False)
    return done


@pytest.mark.parametrize("fault", [None, OSError("gone")])
@pytest.mark.parametrize("error", [None, ValueError("in the request")])
def test_a_client_that_does_not_hang_up_is_waited_for_beside_the_loop(worker, fault, error):
    waited = []

    def close(graceful=False):
        waited.append((threading.current_thread(), graceful))
        if fault:
            raise fault

    worker.finish_request(SimpleNamespace(close=close), answered(error))
    worker._closers.shutdown()
    ((thread, graceful),) = waited
    assert thread is not threading.main_thread()
    assert graceful  # so that the answer is read to its end
    worker.method_queue.run_callbacks(None)
    assert worker.nr_conns == 0
